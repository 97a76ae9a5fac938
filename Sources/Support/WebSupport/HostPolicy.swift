/// Which Host and Origin headers a server answers to.
///
/// Keeps foreign web pages out: one that re-binds its own name to our address is refused by its Host, one that
/// calls us across origins by its Origin. Programs that are no browsers send no Origin and are not hindered.
package struct HostPolicy: Equatable, Sendable {
    /// Host names and literals, lower case, without port.
    private let hosts: Set<String>
    private let allowsAnyHost: Bool

    /// Loopback names with any port, and `hosts` (names or literals without port; `*` allows every host).
    package init(allowing hosts: [String] = []) {
        allowsAnyHost = hosts.contains("*")
        self.hosts = Set(["127.0.0.1", "localhost", "[::1]"] + hosts.map(Self.canonical))
    }

    /// What is to be done with a request.
    package enum Verdict: Equatable, Sendable {
        case allowed
        case missingHost
        case hostRefused(String)
        case originRefused(String)
    }

    /// Judges a request by its Host (or `:authority`) and Origin headers.
    package func judge(host: String?, origin: String?) -> Verdict {
        guard let host else { return .missingHost }
        guard let authority = Authority(host), isAllowed(authority.host) else { return .hostRefused(host) }
        guard let origin else { return .allowed }
        guard let source = Authority(origin: origin), source.port == authority.port || source.isDefaultPort(authority),
            source.host == authority.host || hosts.contains(source.host)
        else { return .originRefused(origin) }
        return .allowed
    }

    private func isAllowed(_ host: String) -> Bool {
        allowsAnyHost || hosts.contains(host)
    }

    /// Lower case, IPv6 literals in brackets.
    private static func canonical(_ host: String) -> String {
        let lower = host.lowercased()
        return lower.contains(":") && !lower.hasPrefix("[") ? "[\(lower)]" : lower
    }
}

/// `host[:port]` of a Host header or an Origin (RFC 3986 section 3.2).
private struct Authority: Equatable {
    let host: String
    let port: Int?

    init?(_ text: some StringProtocol) {
        let text = text.lowercased()
        let hostEnd: String.Index
        if text.hasPrefix("[") {
            guard let bracket = text.firstIndex(of: "]") else { return nil }
            hostEnd = text.index(after: bracket)
        } else {
            hostEnd = text.firstIndex(of: ":") ?? text.endIndex
        }
        host = String(text[..<hostEnd])
        let rest = text[hostEnd...]
        if rest.isEmpty {
            port = nil
        } else {
            guard rest.hasPrefix(":"), let number = UInt16(rest.dropFirst()) else { return nil }
            port = Int(number)
        }
        guard !host.isEmpty, !host.contains(where: { $0 == "/" || $0 == "@" || $0 == "\\" }) else { return nil }
    }

    /// An Origin is `scheme://host[:port]`; `null` and everything else is none.
    init?(origin: String) {
        let parts = origin.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, ["http", "https"].contains(parts[0].lowercased()) else { return nil }
        self.init(parts[1])
    }

    /// Browsers leave the scheme's own port out of both headers, other programs may write it in one.
    func isDefaultPort(_ other: Authority) -> Bool {
        let ports = Set([port, other.port].compactMap { $0 })
        return (port == nil || other.port == nil) && (ports == [80] || ports == [443])
    }
}
