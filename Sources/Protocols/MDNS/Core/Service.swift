/// A service that is announced (RFC 6763).
public struct Service: Hashable, Sendable {
    /// What people choose it by, at most 63 bytes of UTF-8; longer names are cut.
    public var instance: String
    /// The kind: `_http._tcp`.
    public var type: String
    public var port: UInt16
    /// `key=value` each, at most 255 bytes (RFC 6763, 6).
    public var text: [String]

    public init(instance: String, type: String, port: UInt16, text: [String] = []) {
        self.instance = instance
        self.type = type
        self.port = port
        self.text = text
    }

    /// The domain of all that is announced by multicast.
    static let domain = [Array("local".utf8)]
    /// Whose pointers list the types that there are (RFC 6763, 9).
    static let allTypes = DNSName.read(["_services", "_dns-sd", "_udp"].map { Array($0.utf8) } + domain)

    /// `_http._tcp.local`; nil when the type is no name.
    var typeName: DNSName? { DNSName(type + ".local") }
}

/// A first label that others may contest, and its further forms.
struct ClaimedLabel: Hashable, Sendable {
    private let base: String
    private let isHost: Bool
    /// 1 for the label itself, from 2 on it has the number at its end.
    private(set) var number = 1

    init(_ base: String, isHost: Bool) {
        self.base = base
        self.isHost = isHost
    }

    /// `plant`, `plant (2)`; for hosts `plant-2` (RFC 6762, 9; 6763, appendix D).
    var text: String {
        let suffix = number == 1 ? "" : isHost ? "-\(number)" : " (\(number))"
        var base = base[...]
        while base.utf8.count > DNSName.labelBytesMax - suffix.utf8.count { base.removeLast() }
        return (base.isEmpty ? "unnamed" : base) + suffix
    }

    mutating func tryNext() { number = number < 9_999 ? number + 1 : 2 }
}
