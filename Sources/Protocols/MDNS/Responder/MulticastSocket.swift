import Glibc
import MDNSCore
import NIOCore
import NIOPosix

/// Sockets of multicast DNS (RFC 6762, 3 and 15): several programs of a machine have the same port.
enum MulticastSocket {
    /// Opens a socket that hears the group on one link only and sends to it there. `port` is 5353 but for tests.
    static func open(
        _ place: LinkChoice.Place, port: Int, group: any EventLoopGroup, handler: LinkHandler.Settings
    ) async throws -> any Channel {
        let address = try Self.address(place, port: port)
        let channel = try await DatagramBootstrap(group: group)
            .channelOption(.socketOption(.so_reuseaddr), value: 1)
            .channelOption(
                .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: DNSMessage.bytesMax)
            )
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(LinkHandler(handler, destination: address))
                }
            }
            // The group's own address: what is sent to others of this machine is not heard.
            .bind(to: address).get()
        do {
            try await join(channel, place)
            return channel
        } catch {
            channel.close(promise: nil)
            throw error
        }
    }

    /// The group on a link: 224.0.0.251 or ff02::fb (RFC 6762, 3).
    private static func address(_ place: LinkChoice.Place, port: Int) throws -> SocketAddress {
        guard place.family == .ipv6 else { return try SocketAddress(ipAddress: "224.0.0.251", port: port) }
        let group = try SocketAddress(ipAddress: "ff02::fb", port: port)
        guard case .v6(let parts) = group else { return group }
        // Of this link, which a text cannot say to NIO: the scope is the last word of a sockaddr_in6.
        var scoped = parts.address
        withUnsafeMutableBytes(of: &scoped) { bytes in
            bytes.storeBytes(of: UInt32(truncatingIfNeeded: place.link.index), toByteOffset: 24, as: UInt32.self)
        }
        return SocketAddress(scoped, host: "ff02::fb")
    }

    /// The words of ff02::fb in the order of the network.
    private static let groupIPv6: [UInt32] = [UInt32(0xFF02_0000).bigEndian, 0, 0, UInt32(0xFB).bigEndian]

    private static func join(_ channel: any Channel, _ place: LinkChoice.Place) async throws {
        guard let options = channel as? any SocketOptionProvider else { throw ChannelError.operationUnsupported }
        // By the options themselves, because NIO refuses to join on loopback, which can multicast without saying so.
        switch place.family {
        case .ipv4:
            // struct ip_mreqn: group, own address, number of the link.
            let membership = (
                UInt32(0xE000_00FB).bigEndian, own(place.link), Int32(truncatingIfNeeded: place.link.index)
            )
            // What others of this machine have joined on other links is not heard here (linux/in.h: IP_MULTICAST_ALL).
            try await options.unsafeSetSocketOption(
                level: .ip, name: NIOBSDSocket.Option(rawValue: 49), value: CInt(0)
            ).get()
            try await options.unsafeSetSocketOption(level: .ip, name: .ip_multicast_if, value: membership).get()
            try await options.setIPMulticastTTL(255).get()
            try await options.unsafeSetSocketOption(level: .ip, name: .ip_add_membership, value: membership).get()
        case .ipv6:
            // struct ipv6_mreq: group, number of the link.
            let group = Self.groupIPv6
            let membership = (group[0], group[1], group[2], group[3], UInt32(truncatingIfNeeded: place.link.index))
            try await options.setIPv6MulticastIF(CUnsignedInt(truncatingIfNeeded: place.link.index)).get()
            try await options.setIPv6MulticastHops(255).get()
            try await options.unsafeSetSocketOption(level: .ipv6, name: .ipv6_join_group, value: membership).get()
        }
    }

    /// The link's own address, in the order of the network.
    private static func own(_ link: NetworkLink) -> UInt32 {
        for case .ipv4(let address) in link.addresses { return address.bigEndian }
        return 0
    }
}

extension IOError {
    /// What the system says of it: `Network is unreachable`.
    var systemText: String { String(cString: strerror(errnoCode)) }
}
