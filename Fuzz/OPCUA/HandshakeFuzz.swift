import FuzzKit
import NIOCore
import OPCUASecurity
import OPCUATypes

@testable import OPCUACore

/// The bytes of a whole connection to one of the two ends; the first byte says which.
func fuzzHandshake(_ input: ByteBuffer) {
    var input = input
    guard let end = input.readInteger(as: UInt8.self) else { return }
    var decoder = FrameDecoder(maxFrameBytes: 8192)
    decoder.append(input)
    if end & 1 == 0 { talk(toServer: &decoder) } else { talk(toClient: &decoder) }
}

private let now = Moment(monotonic: .uptimeNanoseconds(1), utc: Sample.dateTime)

private func talk(toServer decoder: inout FrameDecoder) {
    var server = ServerChannel(channelId: 1, settings: ServerChannelSettings(), now: now)
    while let frame = try? decoder.next() {
        checkHandshake(frame)
        switch server.frameReceived(frame, now: now) {
        case .request(let requestId, _):
            _ = server.send(OutgoingMessage(ReadResponse.sample), requestId: requestId)
        case .closed: return
        case .refuse(_, let error):
            demand(error.status.isBad && server.deadline == nil)
            return
        case .wait, .send, .aborted: break
        }
    }
}

private func talk(toClient decoder: inout FrameDecoder) {
    var client = ClientChannel(ClientChannelSettings(endpointURL: "opc.tcp://localhost:4840"))
    _ = client.connected()
    while let frame = try? decoder.next() {
        checkHandshake(frame)
        switch client.frameReceived(frame, now: now) {
        case .opened: _ = client.send(OutgoingMessage(ReadRequest.sample))
        case .fail:
            // The status is the server's own, whatever it is.
            demand(!client.isOpen)
            return
        default: break
        }
    }
}

private func checkHandshake(_ frame: Frame) {
    switch frame.type {
    case .hello: check(frame, Hello.self)
    case .acknowledge: check(frame, Acknowledge.self)
    case .error: check(frame, ErrorMessage.self)
    case .reverseHello:
        check(frame, ReverseHello.self)
        demand((try? ReverseHello(frame))?.frame.readableBytes != 0)
    default: break
    }
}

private func check<T: BinaryCodable & Hashable>(_ frame: Frame, _ type: T.Type) {
    guard let message = try? frame.decode(type) else { return }
    demand((try? T(decoding: message.encoded())) == message)
}

func handshakeSeeds() -> [[UInt8]] {
    let limits = TransportLimits(
        receiveBufferBytes: 8192, sendBufferBytes: 8192, maxMessageBytes: 1 << 16, maxChunkCount: 9)
    var client = ClientChannel(ClientChannelSettings(endpointURL: "opc.tcp://localhost:4840", limits: limits))
    var server = ServerChannel(channelId: 1, settings: ServerChannelSettings(), now: now)
    var toServer = client.connected()
    var toClient = ByteBuffer()
    var seeds = [[0] + Array(toServer.readableBytesView)]
    var sent = toServer
    // Each answers the other until the channel is open and a request was answered.
    for _ in 0..<4 {
        guard let answer = step(&sent, { server.frameReceived($0, now: now).bytes(&server) }) else { break }
        toClient.writeImmutableBuffer(answer)
        sent = answer
        guard let next = step(&sent, { client.frameReceived($0, now: now).bytes(&client) }) else { break }
        toServer.writeImmutableBuffer(next)
        sent = next
    }
    let error = Frame.handshake(.error, ErrorMessage(status: .badTcpServerTooBusy, reason: "later"))
    seeds.append([0] + Array(toServer.readableBytesView))
    seeds.append([1] + Array(toClient.readableBytesView))
    seeds.append([1] + Array(error.readableBytesView))
    let greeting = ReverseHello(serverURI: "urn:press-7", endpointURL: "opc.tcp://press-7:4840")
    seeds.append([1] + Array(greeting.frame.readableBytesView))
    return seeds
}

private func step(_ bytes: inout ByteBuffer, _ receive: (Frame) -> ByteBuffer?) -> ByteBuffer? {
    var decoder = FrameDecoder(maxFrameBytes: 1 << 16)
    decoder.append(bytes)
    guard let frame = try? decoder.next() else { return nil }
    return receive(frame)
}

extension ServerChannel.ReceivedAction {
    fileprivate func bytes(_ server: inout ServerChannel) -> ByteBuffer? {
        switch self {
        case .send(let bytes): return bytes
        case .request(let requestId, _):
            guard case .write(let bytes) = server.send(OutgoingMessage(ReadResponse.sample), requestId: requestId)
            else { return nil }
            return bytes
        default: return nil
        }
    }
}

extension ClientChannel.ReceivedAction {
    fileprivate func bytes(_ client: inout ClientChannel) -> ByteBuffer? {
        switch self {
        case .send(let bytes): return bytes
        case .opened, .response:
            guard case .write(let bytes, _) = client.send(OutgoingMessage(ReadRequest.sample)) else { return nil }
            return bytes
        default: return nil
        }
    }
}
