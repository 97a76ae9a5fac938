/// Where a service is: a host name (https), or a URL.
public struct ServiceAddress: Equatable, Sendable, CustomStringConvertible {
    public let host: String
    public let port: Int
    public let usesTLS: Bool

    /// Why a text is no address; one sentence for people.
    public struct Invalid: Error, Equatable, CustomStringConvertible {
        public let description: String
    }

    /// Reads `host`, `host:port`, `https://host[:port]` or `http://host[:port]`; IPv6 literals stand in brackets.
    /// Plain http is accepted for loopback addresses only, unless `allowPlaintext` is set.
    public init(_ text: String, allowPlaintext: Bool = false) throws(Invalid) {
        var rest = text[...]
        usesTLS = !rest.lowercased().hasPrefix("http://")
        if let scheme = rest.range(of: "://") {
            guard ["http", "https"].contains(rest[..<scheme.lowerBound].lowercased()) else {
                throw Invalid(description: "'\(text)' must start with https:// or http://, or be a host name")
            }
            rest = rest[scheme.upperBound...]
        }
        if rest.hasSuffix("/") { rest.removeLast() }
        let afterHost: Substring
        if rest.hasPrefix("["), let bracket = rest.firstIndex(of: "]") {
            host = String(rest[rest.index(after: rest.startIndex)..<bracket])
            afterHost = rest[rest.index(after: bracket)...]
        } else {
            let end = rest.firstIndex(of: ":") ?? rest.endIndex
            host = String(rest[..<end])
            afterHost = rest[end...]
        }
        if afterHost.isEmpty {
            port = usesTLS ? 443 : 80
        } else {
            guard afterHost.hasPrefix(":"), let number = UInt16(afterHost.dropFirst()), number > 0 else {
                throw Invalid(description: "'\(text)' has no valid port")
            }
            port = Int(number)
        }
        guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !Set("/?#@\\".utf8).contains($0) }) else {
            throw Invalid(description: "'\(text)' is not a host name or URL without path")
        }
        guard usesTLS || allowPlaintext || Self.isLoopback(host) else {
            throw Invalid(
                description: "'\(text)' is plain http, which is accepted for this machine only; use https, or set "
                    + "allow_plaintext: true")
        }
    }

    public var description: String {
        "\(usesTLS ? "https" : "http")://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }

    /// The first label of the host name, which the service uses as workspace id.
    public var firstLabel: String {
        host.split(separator: ".").first.map(String.init) ?? host
    }

    /// Whether `host` can only mean this machine.
    static func isLoopback(_ host: String) -> Bool {
        let lower = host.lowercased()
        if lower == "localhost" || lower == "::1" { return true }
        let parts = lower.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}

extension Substring {
    /// Where `text` first occurs.
    fileprivate func range(of text: String) -> Range<Substring.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
