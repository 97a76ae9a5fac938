import MQTTTransport

/// Host, port and way of transport of a broker, from a URL.
public struct MQTTEndpoint: Sendable, Equatable {
    public var host: String
    public var port: Int
    /// `mqtts` and `wss`.
    public var usesTLS: Bool
    /// Of a WebSocket: `ws` and `wss`; nil for plain TCP.
    public var webSocketPath: String?

    /// Reads `mqtt://host[:port]`, `mqtts://`, `ws://host[:port][/path]`, `wss://`, or `host[:port]` without a scheme.
    ///
    /// Ports are 1883, 8883, 80 and 443 unless given; the path is `/mqtt`.
    ///
    /// - Throws: `MQTTClientError` that says what is wrong with the URL.
    public init(_ text: String) throws(MQTTClientError) {
        func invalid(_ why: String) -> MQTTClientError {
            MQTTClientError(
                .invalidConfiguration, "the endpoint \"\(text)\" \(why); write mqtt://host:port, e.g. mqtt://plant:1883"
            )
        }
        var rest = text[...]
        var scheme = "mqtt"
        if let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") {
            scheme = text[..<colon].lowercased()
            rest = text[text.index(colon, offsetBy: 3)...]
        }
        guard let kind = Self.schemes[scheme] else { throw invalid("has the scheme \(scheme)://") }
        var path = ""
        if let slash = rest.firstIndex(of: "/") {
            path = String(rest[slash...])
            rest = rest[..<slash]
        }
        guard !rest.contains("@") else {
            throw invalid("contains a user name, which belongs into username and password")
        }
        guard kind.isWebSocket || path.allSatisfy({ $0 == "/" }) else { throw invalid("has a path") }
        guard path.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw invalid("has a path with characters that are not allowed there")
        }
        let portText: Substring?
        if rest.first == "[" {
            guard let end = rest.firstIndex(of: "]") else { throw invalid("has no closing bracket") }
            host = String(rest[rest.index(after: rest.startIndex)..<end])
            let after = rest[rest.index(after: end)...]
            guard after.isEmpty || after.first == ":" else { throw invalid("has text behind the bracket") }
            portText = after.isEmpty ? nil : after.dropFirst()
        } else if let colon = rest.firstIndex(of: ":"), rest.lastIndex(of: ":") == colon {
            host = String(rest[..<colon])
            portText = rest[rest.index(after: colon)...]
        } else {
            host = String(rest)
            portText = nil
        }
        guard !host.isEmpty else { throw invalid("has no host") }
        if let portText {
            guard let number = Int(portText), (1...65535).contains(number) else {
                throw invalid("has no valid port")
            }
            port = number
        } else {
            port = kind.port
        }
        usesTLS = kind.usesTLS
        webSocketPath = kind.isWebSocket ? (path.isEmpty || path == "/" ? WebSocketUpgrade.usualPath : path) : nil
    }

    private struct Kind {
        var port: Int
        var usesTLS = false
        var isWebSocket = false
    }

    private static let schemes: [String: Kind] = [
        "mqtt": Kind(port: 1883), "tcp": Kind(port: 1883),
        "mqtts": Kind(port: 8883, usesTLS: true), "ssl": Kind(port: 8883, usesTLS: true),
        "tls": Kind(port: 8883, usesTLS: true), "ws": Kind(port: 80, isWebSocket: true),
        "wss": Kind(port: 443, usesTLS: true, isWebSocket: true),
    ]
}
