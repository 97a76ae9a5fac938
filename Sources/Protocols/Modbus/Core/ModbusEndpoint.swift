/// Where a Modbus TCP device listens.
public struct ModbusEndpoint: Hashable, Sendable {
    /// A host name, an IPv4 address, or an IPv6 address without brackets.
    public let host: String
    public let port: Int

    /// The registered port of Modbus TCP.
    public static let defaultPort = 502

    public init(host: String, port: Int = ModbusEndpoint.defaultPort) {
        self.host = host
        self.port = port
    }

    /// Reads `modbus://host:port`, `modbus+tcp://host:port` or a bare `host:port`; the port may be left out
    /// where there is a scheme, and an IPv6 address stands in brackets.
    ///
    /// - Throws: `EndpointError` with a sentence that says what is wrong.
    public init(parsing text: String) throws(EndpointError) {
        var rest = Substring(text)
        var hasScheme = false
        if let (scheme, remainder) = Self.split(text) {
            guard ["modbus", "modbus+tcp"].contains(scheme.lowercased()) else {
                throw EndpointError(text, "'\(scheme)://' is not a Modbus TCP scheme; use modbus://host:port")
            }
            rest = remainder
            hasScheme = true
        }
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        guard !rest.contains("@") else {
            throw EndpointError(text, "Modbus has no user name or password; leave out what stands before '@'")
        }
        guard !rest.contains("/") else {
            throw EndpointError(text, "a path has no meaning here; use modbus://host:port")
        }
        let (host, portText) = try Self.hostAndPort(rest, in: text)
        guard !host.isEmpty, !host.contains(where: \.isWhitespace) else {
            throw EndpointError(text, "the host is missing; use modbus://host:port")
        }
        guard let portText else {
            guard hasScheme else { throw EndpointError(text, "the port is missing; use host:port, as in host:502") }
            self.init(host: host)
            return
        }
        guard let port = Int(portText), (1...65_535).contains(port), portText.allSatisfy(\.isNumber) else {
            throw EndpointError(text, "'\(portText)' is not a port; a port is a number from 1 to 65535")
        }
        self.init(host: host, port: port)
    }

    private static func split(_ text: String) -> (scheme: Substring, rest: Substring)? {
        guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else { return nil }
        return (text[..<colon], text[colon...].dropFirst(3))
    }

    private static func hostAndPort(
        _ rest: Substring, in text: String
    ) throws(EndpointError) -> (host: String, port: Substring?) {
        if rest.hasPrefix("[") {
            guard let end = rest.firstIndex(of: "]") else {
                throw EndpointError(text, "the bracket of the IPv6 address is not closed")
            }
            let host = String(rest[rest.index(after: rest.startIndex)..<end])
            let after = rest[rest.index(after: end)...]
            if after.isEmpty { return (host, nil) }
            guard after.hasPrefix(":") else { throw EndpointError(text, "after ']' comes ':' and the port") }
            return (host, after.dropFirst())
        }
        guard let colon = rest.lastIndex(of: ":") else { return (String(rest), nil) }
        let host = rest[..<colon]
        guard !host.contains(":") else {
            throw EndpointError(text, "an IPv6 address stands in brackets, as in modbus://[::1]:502")
        }
        return (String(host), rest[rest.index(after: colon)...])
    }
}

extension ModbusEndpoint: CustomStringConvertible {
    public var description: String {
        host.contains(":") ? "modbus://[\(host)]:\(port)" : "modbus://\(host):\(port)"
    }
}

/// Why a text is not the address of a Modbus TCP device.
public struct EndpointError: Error, Hashable, Sendable, CustomStringConvertible {
    public let text: String
    public let reason: String

    init(_ text: String, _ reason: String) {
        self.text = text
        self.reason = reason
    }

    public var description: String { "endpoint '\(text)': \(reason)" }
}
