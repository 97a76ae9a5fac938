/// Host and port of a broker, from a URL.
public struct MQTTEndpoint: Sendable, Equatable {
    public var host: String
    public var port: Int

    /// Reads `mqtt://host[:port]`, or `host[:port]` without a scheme; the port is 1883 unless given.
    ///
    /// - Throws: `MQTTClientError` that says what is wrong with the URL.
    public init(_ text: String) throws(MQTTClientError) {
        func invalid(_ why: String) -> MQTTClientError {
            MQTTClientError(
                .invalidConfiguration, "the endpoint \"\(text)\" \(why); write mqtt://host:port, e.g. mqtt://plant:1883"
            )
        }
        var rest = text[...]
        if let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") {
            let scheme = text[..<colon].lowercased()
            guard scheme == "mqtt" || scheme == "tcp" else { throw invalid("has the scheme \(scheme)://") }
            rest = text[text.index(colon, offsetBy: 3)...]
        }
        while rest.last == "/" { rest = rest.dropLast() }
        guard !rest.contains("@") else {
            throw invalid("contains a user name, which belongs into username and password")
        }
        guard !rest.contains("/") else { throw invalid("has a path") }
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
            port = 1883
        }
    }
}
