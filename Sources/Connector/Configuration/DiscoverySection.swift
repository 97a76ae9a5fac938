import YAMLSupport

/// The block `discovery`: where servers are looked for.
enum DiscoverySection {
    static func read(_ section: consuming Section) {
        section.belongs(toMissingPart: "discovery")
        _ = section.boolean("enabled", default: false, about: "looks again and again")
        _ = section.integer("interval_seconds", default: 300, in: 10...604_800, about: "from one look to the next")
        let hosts = section.integer(
            "max_hosts", default: 65_536, in: 1...1_048_576, about: "the most addresses of all subnets together")
        var network = section.section("network", about: "the plant's networks")
        _ = network.boolean("scan_enabled", default: false, about: "tries the addresses of the subnets")
        let subnets = network.strings("subnets", about: "as 192.0.2.0/24; what is not listed is not tried")
        var total = 0
        for subnet in subnets {
            guard let size = Subnet.hosts(subnet) else {
                network.report("'\(subnet)' is no subnet; write 192.0.2.0/24 or 2001:db8::/120", at: "subnets")
                continue
            }
            total = min(total, Int.max / 2) + min(size, Int.max / 2)
        }
        if total > hosts {
            network.report("hold \(total) addresses; discovery.max_hosts allows \(hosts)", at: "subnets")
        }
        network.finish()
        section.finish()
    }
}

/// A network by its first address and the length of its prefix.
enum Subnet {
    /// The number of its addresses; nil when it is no subnet.
    static func hosts(_ text: String) -> Int? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let address = parts.first else { return nil }
        let bits = address.contains(":") ? 128 : 32
        guard bits == 128 ? isVersion6(address) : isVersion4(address) else { return nil }
        guard parts.count == 2 else { return 1 }
        guard let prefix = Int(parts[1]), (0...bits).contains(prefix) else { return nil }
        return bits - prefix > 60 ? Int.max : 1 << (bits - prefix)
    }

    private static func isVersion4(_ text: Substring) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    }

    private static func isVersion6(_ text: Substring) -> Bool {
        let halves = text.split(separator: "::", omittingEmptySubsequences: false)
        guard halves.count <= 2 else { return false }
        let groups = halves.map { half in half.split(separator: ":", omittingEmptySubsequences: false) }
        let count = groups.reduce(0) { $0 + $1.count(where: { !$0.isEmpty }) }
        let areGroups = groups.joined().allSatisfy { group in
            group.isEmpty ? halves.count == 2 : group.count <= 4 && UInt16(group, radix: 16) != nil
        }
        return areGroups && (halves.count == 2 ? count <= 7 : count == 8)
    }
}
