import FuzzKit
import NIOCore
import OPCUATypes

@testable import OPCUACore

/// Bytes of a connection in pieces, whose length is the first byte: the same frames come whatever the pieces are.
func fuzzFrames(_ input: ByteBuffer) {
    var input = input
    guard let size = input.readInteger(as: UInt8.self) else { return }
    let whole = frames(of: input, pieces: input.readableBytes)
    let inPieces = frames(of: input, pieces: max(1, Int(size)))
    demand(whole.frames == inPieces.frames && whole.failure == inPieces.failure)
    // Frames follow each other without a gap.
    var taken = ByteBuffer()
    for frame in whole.frames {
        demand((Frame.headerBytes...maxFrameBytes).contains(frame.bytes.readableBytes))
        demand(frame.content.readableBytes == frame.bytes.readableBytes - Frame.headerBytes)
        taken.writeImmutableBuffer(frame.bytes)
    }
    demand(input.readableBytesView.starts(with: taken.readableBytesView))
}

private let maxFrameBytes = 2048

private func frames(of input: ByteBuffer, pieces size: Int) -> (frames: [Frame], failure: OPCUAError?) {
    var input = input
    var decoder = FrameDecoder(maxFrameBytes: maxFrameBytes)
    var result: [Frame] = []
    while input.readableBytes > 0, let piece = input.readSlice(length: min(max(1, size), input.readableBytes)) {
        decoder.append(piece)
        do throws(OPCUAError) {
            while let frame = try decoder.next() { result.append(frame) }
        } catch {
            return (result, error)
        }
    }
    return (result, nil)
}

func frameSeeds() -> [[UInt8]] {
    let hello = Frame.handshake(
        .hello, Hello(limits: TransportLimits(), endpointURL: "opc.tcp://localhost:4840/plant"))
    let error = Frame.handshake(.error, ErrorMessage(status: .badTimeout, reason: "late"))
    let types: [(FrameType, ChunkKind)] = [
        (.message, .intermediate), (.message, .final), (.message, .abort), (.openSecureChannel, .final),
        (.closeSecureChannel, .final), (.reverseHello, .final), (.acknowledge, .final),
    ]
    var all = [[0] + Array(hello.readableBytesView), [7] + Array(hello.readableBytesView + error.readableBytesView)]
    for (type, kind) in types {
        var frame = ByteBuffer()
        frame.writeInteger(Frame.header(type, kind, bytes: 20))
        frame.writeRepeatingByte(1, count: 12)
        all.append([5] + Array(frame.readableBytesView + hello.readableBytesView))
    }
    return all
}
