/// Where an OPC UA server listens: `opc.tcp://host:port/path`.
public struct OPCUAEndpoint: Hashable, Sendable {
    public var host: String
    public var port: Int
    /// The whole URL as configured; it is sent to the server.
    public var url: String

    /// The port of the standard (Part 6, 7.2).
    public static let defaultPort = 4840

    /// - Throws: `OPCUAClientError` that says what is wrong with the URL.
    public init(_ text: String) throws(OPCUAClientError) {
        let scheme = "opc.tcp://"
        guard text.lowercased().hasPrefix(scheme) else {
            throw OPCUAClientError(.fatal, "'\(text)' does not begin with opc.tcp://")
        }
        let authority = text.dropFirst(scheme.count).prefix { $0 != "/" }
        let host: Substring
        let portText: Substring?
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else {
                throw OPCUAClientError(.fatal, "'\(text)' has '[' without ']'")
            }
            host = authority[authority.index(after: authority.startIndex)..<end]
            let rest = authority[authority.index(after: end)...]
            portText = rest.isEmpty ? nil : rest.dropFirst()
            guard rest.isEmpty || rest.hasPrefix(":") else {
                throw OPCUAClientError(.fatal, "'\(text)' has more than a port behind ']'")
            }
        } else {
            let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count <= 2 else {
                throw OPCUAClientError(.fatal, "'\(text)': write an IPv6 address in brackets")
            }
            host = parts.first ?? ""
            portText = parts.count == 2 ? parts[1] : nil
        }
        guard !host.isEmpty else { throw OPCUAClientError(.fatal, "'\(text)' names no host") }
        guard let port = portText.map({ Int($0) }) ?? Self.defaultPort, (1...65_535).contains(port) else {
            throw OPCUAClientError(.fatal, "'\(text)' has no port number from 1 to 65535 behind ':'")
        }
        self.host = String(host)
        self.port = port
        self.url = text
    }

    /// An endpoint of the same server as it names it, reached under this host: servers name hosts that only they know.
    /// - Returns: nil when it is the endpoint already in use, or its URL cannot be read.
    func other(named url: String?) -> OPCUAEndpoint? {
        guard let url, let named = try? OPCUAEndpoint(url), named.port != port else { return nil }
        var other = self
        other.port = named.port
        let path = named.url.dropFirst("opc.tcp://".count).drop { $0 != "/" }
        other.url = "opc.tcp://\(other.address)\(path)"
        return other
    }

    /// Host and port as a person would write them.
    public var address: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
