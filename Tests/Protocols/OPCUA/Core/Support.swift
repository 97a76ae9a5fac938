import NIOCore
import OPCUASecurity
import OPCUATypes

@testable import OPCUACore

/// A moment some seconds after the start of a test.
func at(_ seconds: Double) -> Moment {
    Moment(
        monotonic: .uptimeNanoseconds(1_000_000_000 + UInt64(seconds * 1e9)),
        utc: DateTime(utcMicroseconds: 1_700_000_000_000_000 + Int64(seconds * 1e6)))
}

/// Cuts bytes into frames.
func frames(_ bytes: ByteBuffer, max: Int = 1 << 20) throws -> [Frame] {
    var decoder = FrameDecoder(maxFrameBytes: max)
    decoder.append(bytes)
    var result: [Frame] = []
    while let frame = try decoder.next() { result.append(frame) }
    return result
}

/// A message with a body of a known size.
func message(bytes count: Int) -> OutgoingMessage {
    OutgoingMessage(typeId: 631) { writer in
        writer.write(bytes: (0..<count).map { UInt8(truncatingIfNeeded: $0) })
    }
}

/// A client and a server machine that pass each other their bytes.
struct Twins: ~Copyable {
    var client: ClientChannel
    var server: ServerChannel

    init(
        client settings: ClientChannelSettings = ClientChannelSettings(endpointURL: "opc.tcp://localhost:4840/any"),
        security: ChannelSecurity = .none, server serverSettings: ServerChannelSettings = ServerChannelSettings(),
        serverSecurity: ServerChannelSecurity = ServerChannelSecurity()
    ) {
        client = ClientChannel(settings, security: security)
        server = ServerChannel(channelId: 77, settings: serverSettings, security: serverSecurity, now: at(0))
    }

    var clientDeadline: NIODeadline? { client.deadline }

    /// Hands the client's bytes to the server; what the server does with each frame.
    mutating func toServer(_ bytes: ByteBuffer, at time: Moment) throws -> [ServerChannel.ReceivedAction] {
        var actions: [ServerChannel.ReceivedAction] = []
        for frame in try frames(bytes) { actions.append(server.frameReceived(frame, now: time)) }
        return actions
    }

    mutating func toClient(_ bytes: ByteBuffer, at time: Moment) throws -> [ClientChannel.ReceivedAction] {
        var actions: [ClientChannel.ReceivedAction] = []
        for frame in try frames(bytes) { actions.append(client.frameReceived(frame, now: time)) }
        return actions
    }

    /// Handshake and opening; true when the channel is open.
    mutating func open() throws -> Bool {
        guard case .send(let acknowledge) = try toServer(client.connected(), at: at(0)).last,
            case .send(let request) = try toClient(acknowledge, at: at(0)).last,
            case .send(let response) = try toServer(request, at: at(0)).last
        else { return false }
        return try toClient(response, at: at(0)).last == .opened
    }
}
