import NIOCore
import OPCUATypes

/// Puts the chunks of messages together again (Part 6, 6.7.3), within limits.
struct MessageAssembler: Sendable {
    /// What a chunk led to.
    enum Action: Hashable, Sendable {
        /// More chunks of the message must come.
        case wait
        /// The message is whole.
        case message(requestId: UInt32, ByteBuffer)
        /// The sender gave the message up.
        case aborted(requestId: UInt32, ErrorMessage)
    }

    /// Chunks of different requests may interleave; more unfinished messages than this are refused.
    static let maxUnfinished = 16

    private struct Unfinished {
        var requestId: UInt32
        var chunks: Int
        var bytes: ByteBuffer
    }

    private var unfinished: [Unfinished] = []
    private var heldBytes = 0
    let limits: DecodingLimits

    init(limits: DecodingLimits) { self.limits = limits }

    /// Takes the body of a chunk.
    mutating func chunkReceived(
        _ kind: ChunkKind, requestId: UInt32, body: ByteBuffer
    ) throws(OPCUAError) -> Action {
        let index = unfinished.firstIndex { $0.requestId == requestId }
        switch kind {
        case .abort:
            if let index { remove(index) }
            // An abort that cannot be read is an abort all the same (Part 6, 6.7.3).
            let reason = try? ErrorMessage(decoding: body, limits: DecodingLimits(maxStringBytes: Hello.maxURLBytes))
            return .aborted(
                requestId: requestId, reason ?? ErrorMessage(status: .badUnexpectedError, reason: "aborted"))
        case .final:
            guard let index else {
                guard body.readableBytes <= limits.maxMessageBytes else { throw tooLarge }
                return .message(requestId: requestId, body)
            }
            try grow(index, by: body)
            let message = unfinished[index].bytes
            remove(index)
            return .message(requestId: requestId, message)
        case .intermediate:
            guard let index else {
                guard unfinished.count < Self.maxUnfinished else {
                    throw OPCUAError(.badTcpMessageTooLarge, "more than \(Self.maxUnfinished) messages are unfinished")
                }
                unfinished.append(Unfinished(requestId: requestId, chunks: 0, bytes: ByteBuffer()))
                try grow(unfinished.count - 1, by: body)
                return .wait
            }
            try grow(index, by: body)
            return .wait
        }
    }

    private mutating func grow(_ index: Int, by body: ByteBuffer) throws(OPCUAError) {
        heldBytes &+= body.readableBytes
        guard heldBytes <= limits.maxMessageBytes, unfinished[index].chunks < limits.maxChunkCount else {
            throw tooLarge
        }
        unfinished[index].chunks &+= 1
        unfinished[index].bytes.writeImmutableBuffer(body)
    }

    private mutating func remove(_ index: Int) {
        heldBytes &-= unfinished[index].bytes.readableBytes
        unfinished.remove(at: index)
    }

    private var tooLarge: OPCUAError {
        OPCUAError(
            .badTcpMessageTooLarge,
            "a message exceeds \(limits.maxMessageBytes) bytes or \(limits.maxChunkCount) chunks")
    }
}
