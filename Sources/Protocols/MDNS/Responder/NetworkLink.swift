import MDNSCore
import NIOCore

/// A network device of this machine with its addresses.
struct NetworkLink: Hashable, Sendable {
    let name: String
    /// The number that the system gave it.
    let index: Int
    let isLoopback: Bool
    let addresses: [HostAddress]

    /// The devices that can multicast, and loopback, in the order of the system.
    static func all() throws -> [NetworkLink] {
        var links: [NetworkLink] = []
        for device in try System.enumerateDevices() {
            guard let address = device.address.flatMap(HostAddress.init) else { continue }
            let isLoopback = address.isLoopback
            guard device.multicastSupported || isLoopback else { continue }
            if let place = links.firstIndex(where: { $0.name == device.name }) {
                let known = links[place]
                links[place] = NetworkLink(
                    name: known.name, index: known.index, isLoopback: known.isLoopback || isLoopback,
                    addresses: known.addresses + [address])
            } else {
                links.append(
                    NetworkLink(
                        name: device.name, index: device.interfaceIndex, isLoopback: isLoopback, addresses: [address]))
            }
        }
        return links
    }
}

/// Over which version of the Internet Protocol a link is used.
enum AddressFamily: Hashable, Sendable {
    case ipv4, ipv6
}

/// On which links services can be reached that listen on an address, and under which addresses there.
struct LinkChoice: Sendable {
    /// What the services listen on: an address, or a wildcard.
    let listening: String
    /// Names or addresses of devices; empty are all that the services can be reached on.
    let interfaces: [String]

    /// One responder: a link by one of the two protocols, with what it tells of the host.
    struct Place: Hashable, Sendable {
        let link: NetworkLink
        let family: AddressFamily
        /// The addresses that are told.
        let addresses: [HostAddress]
    }

    /// Where to announce, of all links there are.
    func places(among links: [NetworkLink]) -> [Place] {
        links.filter(isWanted).flatMap { link -> [Place] in
            let reachable = link.addresses.filter(isListenedOn)
            guard !reachable.isEmpty else { return [] }
            var places: [Place] = []
            // The first address of a family is the one that its socket sends from.
            if link.addresses.contains(where: { $0.type == .a }), reachable.contains(where: { $0.type == .a }) {
                places.append(Place(link: link, family: .ipv4, addresses: reachable))
            }
            if reachable.contains(where: { $0.type == .aaaa }) {
                places.append(Place(link: link, family: .ipv6, addresses: reachable))
            }
            return places
        }
    }

    /// The wanted interfaces that this machine does not have.
    func missing(among links: [NetworkLink]) -> [String] {
        interfaces.filter { wanted in !links.contains { Self.isMeant($0, by: wanted) } }
    }

    private func isWanted(_ link: NetworkLink) -> Bool {
        guard interfaces.isEmpty else { return interfaces.contains { Self.isMeant(link, by: $0) } }
        // Who listens everywhere is looked for from outside.
        return !link.isLoopback || !isWildcard
    }

    private static func isMeant(_ link: NetworkLink, by text: String) -> Bool {
        if link.name == text { return true }
        return HostAddress(text).map(link.addresses.contains) ?? false
    }

    private var isWildcard: Bool {
        listening == "0.0.0.0" || listening == "::" || (HostAddress(listening) == nil && listening != "localhost")
    }

    private func isListenedOn(_ address: HostAddress) -> Bool {
        switch listening {
        case "::": return true
        case "localhost": return address.isLoopback && address.type == .a
        default:
            guard let own = HostAddress(listening), !isWildcard else { return address.type == .a }
            return own == address
        }
    }
}

extension HostAddress {
    /// An address from its text.
    init?(_ text: String) {
        guard let address = try? SocketAddress(ipAddress: text, port: 0) else { return nil }
        self.init(address)
    }

    /// The host's part of a socket's address; nil for sockets that are no network's.
    init?(_ address: SocketAddress) {
        let isIPv6 = address.protocol == .inet6
        guard isIPv6 || address.protocol == .inet else { return nil }
        self = address.withSockAddr { start, size in
            // sockaddr_in has the address behind family and port, sockaddr_in6 behind the flow's label, too.
            let bytes = UnsafeRawBufferPointer(start: start, count: size)
            guard isIPv6 else {
                return .ipv4(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
            }
            return .ipv6(
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self)))
        }
    }

    var isLoopback: Bool {
        switch self {
        case .ipv4(let address): address >> 24 == 127
        case .ipv6(let high, let low): high == 0 && low == 1
        }
    }
}
