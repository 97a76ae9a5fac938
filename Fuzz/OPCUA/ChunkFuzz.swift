import FuzzKit
import NIOCore
import OPCUASecurity
import OPCUATypes

@testable import OPCUACore

/// Frames of a secure channel: headers, what is sealed, and messages of several chunks. The first byte chooses how the
/// channel is secured.
func fuzzChunks(_ input: ByteBuffer) {
    var input = input
    guard let first = input.readInteger(as: UInt8.self) else { return }
    let keys = contexts[Int(first) % contexts.count]
    var decoder = FrameDecoder(maxFrameBytes: 8192)
    decoder.append(input)
    var assembler = MessageAssembler(limits: limits)
    while let frame = try? decoder.next() {
        guard frame.type != .openSecureChannel else {
            openAsymmetric(frame)
            continue
        }
        openSealed(frame, keys)
        guard let chunk = try? SymmetricChunk(frame, security: .none) else { continue }
        demand(chunk.body.readableBytes == frame.bytes.readableBytes - 24)
        let action = try? assembler.chunkReceived(frame.kind, requestId: chunk.requestId, body: chunk.body)
        switch action {
        case .message(let requestId, let message):
            demand(requestId == chunk.requestId && message.readableBytes <= limits.maxMessageBytes)
        case .aborted(let requestId, _): demand(requestId == chunk.requestId && frame.kind == .abort)
        case .wait: demand(frame.kind == .intermediate)
        // The channel ends with the first refusal.
        case nil: return
        }
    }
}

private let limits = DecodingLimits(maxMessageBytes: 256, maxChunkCount: 4)

/// This side's and the other side's keys.
private let contexts: [(own: SecurityContext, peer: SecurityContext)] =
    [(SecurityContext.none, SecurityContext.none)]
    + [SecurityPolicy.basic256Sha256, .basic128Rsa15].flatMap { policy in
        [MessageSecurityMode.sign, .signAndEncrypt].map { mode in
            let (left, right) = ([UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 32))
            guard let own = SymmetricSecurity(policy, mode, ownNonce: left, peerNonce: right),
                let peer = SymmetricSecurity(policy, mode, ownNonce: right, peerNonce: left)
            else { unexpected("\(policy) has no keys") }
            return (.symmetric(own), .symmetric(peer))
        }
    }

private func openAsymmetric(_ frame: Frame) {
    guard let front = try? AsymmetricFront(frame) else { return }
    demand(front.plainBytes <= frame.bytes.readableBytes)
    checkCanonical(AsymmetricHeader.self, front.header.encoded())
    guard let chunk = try? AsymmetricChunk(frame, front, security: nil) else { return }
    demand(chunk.channelId == front.channelId)
    demand(chunk.body.readableBytes == frame.bytes.readableBytes - front.plainBytes - 8)
}

/// What nobody sealed is refused; what is sealed opens to what it was.
private func openSealed(_ frame: Frame, _ keys: (own: SecurityContext, peer: SecurityContext)) {
    guard case .symmetric = keys.own, frame.bytes.readableBytes >= 24 else { return }
    demand((try? SymmetricChunk(frame, security: keys.peer)) == nil, "a forged chunk was taken")
    var sealed = frame.bytes
    guard (try? keys.own.seal(&sealed, plainBytes: 16)) != nil,
        let chunk = try? SymmetricChunk(Frame(type: frame.type, kind: frame.kind, bytes: sealed), security: keys.peer)
    else { unexpected("a sealed chunk does not open") }
    demand(chunk.body.readableBytesView.elementsEqual(frame.bytes.readableBytesView.dropFirst(24)))
}

func chunkSeeds() -> [[UInt8]] {
    let address = ChunkAddress(channelId: 1, tokenId: 2)
    var writer = ChunkWriter(
        peer: TransportLimits(receiveBufferBytes: 8192, sendBufferBytes: 8192), chunkBytes: 64)
    var seeds: [[UInt8]] = []
    for (number, context) in contexts.indices.enumerated() {
        let message = OutgoingMessage(typeId: 631) { $0.write(bytes: [UInt8](repeating: 7, count: 20 * number)) }
        guard let bytes = try? writer.write(message, to: address, requestId: 5, security: .none) else { continue }
        seeds.append([UInt8(context)] + Array(bytes.readableBytesView))
    }
    let open = OpenSecureChannelRequest.sample
    if let bytes = try? AsymmetricChunk.bytes(open, channelId: 1, security: .none, sequenceNumber: 1, requestId: 1) {
        seeds.append([0] + Array(bytes.readableBytesView))
    }
    var abort = ByteBuffer()
    let reason = ErrorMessage(status: .badTimeout, reason: "gone").encoded()
    abort.writeInteger(Frame.header(.message, .abort, bytes: 24 + reason.readableBytes))
    for word: UInt32 in [1, 2, 3, 4] { abort.writeInteger(word, endianness: .little) }
    abort.writeImmutableBuffer(reason)
    seeds.append([0] + Array(abort.readableBytesView))
    return seeds
}
