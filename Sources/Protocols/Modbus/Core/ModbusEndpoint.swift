/// Where a Modbus device, a gateway or a serial line is, and in which frames it speaks.
public struct ModbusEndpoint: Hashable, Sendable {
    /// The place itself.
    public enum Place: Hashable, Sendable {
        /// A host name, an IPv4 address, or an IPv6 address without brackets; and a port.
        case network(host: String, port: Int)
        /// The path of a serial line, such as `/dev/ttyUSB0`.
        case serial(path: String)
    }

    public let place: Place
    public let framing: Framing
    /// Whether TLS is spoken below (Modbus/TCP Security).
    public let isSecure: Bool

    /// The registered port of Modbus TCP.
    public static let defaultPort = 502
    /// The registered port of Modbus TCP over TLS.
    public static let defaultSecurePort = 802

    /// Modbus TCP, or another framing over a network.
    public init(host: String, port: Int = ModbusEndpoint.defaultPort, framing: Framing = .mbap, isSecure: Bool = false)
    {
        place = .network(host: host, port: port)
        self.framing = framing
        self.isSecure = isSecure
    }

    /// A serial line.
    ///
    /// - Parameter framing: `rtu` or `ascii`; `mbap`, which no line carries, is taken for `rtu`.
    public init(serialLine path: String, framing: Framing = .rtu) {
        place = .serial(path: path)
        self.framing = framing == .mbap ? .rtu : framing
        isSecure = false
    }

    /// Whether it is a serial line of this machine.
    public var isSerialLine: Bool {
        if case .serial = place { true } else { false }
    }

    private static let networkSchemes: [String: (framing: Framing, isSecure: Bool)] = [
        "modbus": (.mbap, false), "modbus+tcp": (.mbap, false), "modbus+tls": (.mbap, true),
        "modbus+rtu+tcp": (.rtu, false), "modbus+ascii+tcp": (.ascii, false),
    ]
    private static let lineSchemes: [String: Framing] = [
        "modbus+rtu": .rtu, "modbusrtu": .rtu, "modbus+ascii": .ascii,
    ]

    /// Reads an endpoint.
    ///
    /// - `modbus://host:port`, `modbus+tcp://…`, `modbus+tls://…`, `modbus+rtu+tcp://…`, `modbus+ascii+tcp://…`; the
    ///   port may be left out, and an IPv6 address stands in brackets;
    /// - a bare `host:port`, which is Modbus TCP;
    /// - `modbus+rtu:///dev/ttyUSB0`, `modbusrtu://…`, `modbus+ascii://…`, or the bare path `/dev/ttyUSB0`.
    /// - Throws: `EndpointError` with a sentence that says what is wrong.
    public init(parsing text: String) throws(EndpointError) {
        guard let (scheme, rest) = Self.split(text) else {
            if text.hasPrefix("/") {
                try self.init(line: Substring(text), framing: .rtu, text: text)
            } else {
                try self.init(bareNetwork: text)
            }
            return
        }
        if let framing = Self.lineSchemes[scheme] {
            try self.init(line: rest, framing: framing, text: text)
        } else if let (framing, isSecure) = Self.networkSchemes[scheme] {
            let (host, port) = try Self.network(rest, in: text)
            self.init(
                host: host, port: port ?? (isSecure ? Self.defaultSecurePort : Self.defaultPort), framing: framing,
                isSecure: isSecure)
        } else {
            throw EndpointError(
                text,
                "'\(scheme)://' is not a Modbus scheme; use modbus://host:port, modbus+tls://, modbus+rtu+tcp://, "
                    + "modbus+rtu:///dev/ttyUSB0 or modbus+ascii:///dev/ttyUSB0")
        }
    }

    private init(line path: Substring, framing: Framing, text: String) throws(EndpointError) {
        guard path.hasPrefix("/"), path.count > 1, !path.hasSuffix("/"), !path.contains(where: \.isWhitespace) else {
            throw EndpointError(
                text,
                "the path of a serial line is missing, as in modbus+\(framing.rawValue):///dev/ttyUSB0; for a gateway "
                    + "use modbus+\(framing.rawValue)+tcp://host:port")
        }
        self.init(serialLine: String(path), framing: framing)
    }

    private init(bareNetwork text: String) throws(EndpointError) {
        let (host, port) = try Self.network(Substring(text), in: text)
        guard let port else { throw EndpointError(text, "the port is missing; use host:port, as in host:502") }
        self.init(host: host, port: port)
    }

    private static func split(_ text: String) -> (scheme: String, rest: Substring)? {
        guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else { return nil }
        return (text[..<colon].lowercased(), text[colon...].dropFirst(3))
    }

    private static func network(
        _ rest: Substring, in text: String
    ) throws(EndpointError) -> (host: String, port: Int?) {
        let rest = rest.hasSuffix("/") ? rest.dropLast() : rest
        guard !rest.contains("@") else {
            throw EndpointError(text, "Modbus has no user name or password; leave out what stands before '@'")
        }
        guard !rest.contains("/") else {
            throw EndpointError(text, "a path has no meaning here; use modbus://host:port")
        }
        let (host, portText) = try hostAndPort(rest, in: text)
        guard !host.isEmpty, !host.contains(where: \.isWhitespace) else {
            throw EndpointError(text, "the host is missing; use modbus://host:port")
        }
        guard let portText else { return (host, nil) }
        guard let port = Int(portText), (1...65_535).contains(port), portText.allSatisfy(\.isNumber) else {
            throw EndpointError(text, "'\(portText)' is not a port; a port is a number from 1 to 65535")
        }
        return (host, port)
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
        switch place {
        case .serial(let path): "modbus+\(framing.rawValue)://\(path)"
        case .network(let host, let port): "\(scheme)://\(host.contains(":") ? "[\(host)]" : host):\(port)"
        }
    }

    private var scheme: String {
        switch framing {
        case .mbap: isSecure ? "modbus+tls" : "modbus"
        case .rtu, .ascii: "modbus+\(framing.rawValue)+tcp"
        }
    }
}

/// Why a text is not the address of a Modbus device.
public struct EndpointError: Error, Hashable, Sendable, CustomStringConvertible {
    public let text: String
    public let reason: String

    init(_ text: String, _ reason: String) {
        self.text = text
        self.reason = reason
    }

    public var description: String { "endpoint '\(text)': \(reason)" }
}
