import Foundation

/// A list of what is reached without a proxy, in the form that the variable `NO_PROXY` has: host names (with what is
/// below them), `.domain`, addresses, CIDR blocks, each with an optional `:port`; `*` for everything.
public struct ProxyExceptions: Equatable, Sendable {
    private enum Rule: Equatable {
        case everything
        /// The name itself and every name below it.
        case name(String, port: Int?)
        /// Names below it only.
        case below(String, port: Int?)
        case block(prefix: [UInt8], bits: Int)
    }

    private var rules: [Rule] = []

    /// Entries are separated by commas or spaces.
    public init(_ text: String) {
        self.init(text.split { $0 == "," || $0.isWhitespace }.map(String.init))
    }

    public init(_ entries: [String]) {
        rules = entries.compactMap(Self.rule)
    }

    /// This machine by its usual names.
    public static let loopback = ProxyExceptions(["localhost", "127.0.0.0/8", "::1/128"])

    /// Both lists.
    public static func + (left: ProxyExceptions, right: ProxyExceptions) -> ProxyExceptions {
        var both = left
        both.rules += right.rules
        return both
    }

    /// Whether the host is reached directly.
    func contain(_ host: String, port: Int) -> Bool {
        let name = host.lowercased()
        let address = Self.bytes(name)
        return rules.contains { rule in
            switch rule {
            case .everything: true
            case .name(let wanted, let at): (name == wanted || name.hasSuffix("." + wanted)) && (at ?? port) == port
            case .below(let domain, let at): name.hasSuffix("." + domain) && (at ?? port) == port
            case .block(let prefix, let bits): address.map { Self.matches($0, prefix, bits) } ?? false
            }
        }
    }

    private static func rule(_ entry: String) -> Rule? {
        let text = entry.trimmingCharacters(in: .whitespaces).lowercased()
        if text == "*" { return .everything }
        if let slash = text.lastIndex(of: "/"), let prefix = bytes(String(text[..<slash])),
            let bits = Int(text[text.index(after: slash)...]), (0...prefix.count * 8).contains(bits)
        {
            return .block(prefix: prefix, bits: bits)
        }
        let bare = text.hasPrefix("[") && text.hasSuffix("]") ? String(text.dropFirst().dropLast()) : text
        if let address = bytes(bare) { return .block(prefix: address, bits: address.count * 8) }
        var name = text[...]
        var port: Int?
        if let colon = name.lastIndex(of: ":") {
            guard let number = UInt16(name[name.index(after: colon)...]) else { return nil }
            port = Int(number)
            name = name[..<colon]
        }
        if name.hasPrefix("*.") { name = name.dropFirst() }
        if name.hasPrefix(".") { return name.count > 1 ? .below(String(name.dropFirst()), port: port) : nil }
        return name.isEmpty ? nil : .name(String(name), port: port)
    }

    /// 4 or 16 bytes of an address literal.
    private static func bytes(_ text: String) -> [UInt8]? {
        var v4 = in_addr()
        if inet_pton(AF_INET, text, &v4) == 1 { return withUnsafeBytes(of: v4) { Array($0) } }
        var v6 = in6_addr()
        if inet_pton(AF_INET6, text, &v6) == 1 { return withUnsafeBytes(of: v6) { Array($0) } }
        return nil
    }

    private static func matches(_ address: [UInt8], _ prefix: [UInt8], _ bits: Int) -> Bool {
        guard address.count == prefix.count else { return false }
        for (index, (left, right)) in zip(address, prefix).enumerated() {
            let wanted = min(max(bits - index * 8, 0), 8)
            let mask = UInt8(truncatingIfNeeded: 0xFF00 >> wanted)
            if left & mask != right & mask { return false }
        }
        return true
    }
}
