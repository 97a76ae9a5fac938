import NIOCore
import OPCUATypes

/// The channel and token that stand in front of a symmetric chunk (Part 6, 6.7.2.2 and 6.7.2.3).
struct ChunkAddress: Hashable, Sendable {
    var channelId: UInt32
    var tokenId: UInt32
}

/// Cuts messages into chunks within what the peer accepts.
struct ChunkWriter: Hashable, Sendable {
    /// Largest chunk the peer accepts, in bytes.
    var chunkBytes: Int
    /// Largest message the peer accepts, in bytes; 0 for any.
    var maxMessageBytes: Int
    /// Most chunks the peer accepts; 0 for any.
    var maxChunkCount: Int
    var sequence = SequenceNumber()

    init(peer limits: TransportLimits, chunkBytes: UInt32) {
        self.chunkBytes = Int(chunkBytes)
        maxMessageBytes = Int(limits.maxMessageBytes)
        maxChunkCount = Int(limits.maxChunkCount)
    }

    /// Longest message that the peer takes, in bytes without the headers of its chunks; `.max` for any.
    func capacity(_ security: SecurityContext) -> Int {
        let whole = maxMessageBytes == 0 ? Int.max : maxMessageBytes
        guard maxChunkCount > 0 else { return whole }
        let chunk = security.bodyCapacity(chunkBytes: chunkBytes, headerBytes: OutgoingMessage.headroom)
        let (inChunks, isAny) = max(0, chunk).multipliedReportingOverflow(by: maxChunkCount)
        return isAny ? whole : min(whole, inChunks)
    }

    /// The chunks of a message, back to back.
    /// - Throws: BadEncodingLimitsExceeded when the peer would refuse a message of that size; nothing was numbered then.
    mutating func write(
        _ message: OutgoingMessage, type: FrameType = .message, to address: ChunkAddress, requestId: UInt32,
        security: SecurityContext
    ) throws(OPCUAError) -> ByteBuffer {
        let capacity = security.bodyCapacity(chunkBytes: chunkBytes, headerBytes: OutgoingMessage.headroom)
        let total = message.bodyBytes
        guard capacity > 0 else { throw OPCUAError(.badInternalError, "chunks of the peer are too small") }
        let count = max(1, (total + capacity - 1) / capacity)
        guard total <= self.capacity(security) else {
            throw OPCUAError(
                .badEncodingLimitsExceeded, "a message of \(total) bytes is larger than the peer accepts")
        }
        if count == 1 {
            var chunk = message.buffer
            fill(&chunk, type, .final, address, requestId)
            try security.seal(&chunk, plainBytes: 16)
            return chunk
        }
        var result = ByteBuffer()
        result.reserveCapacity(total + count * (OutgoingMessage.headroom + 64))
        var rest = message.buffer
        rest.moveReaderIndex(forwardBy: OutgoingMessage.headroom)
        while let body = rest.readSlice(length: min(capacity, rest.readableBytes)), body.readableBytes > 0 {
            var chunk = ByteBuffer()
            chunk.reserveCapacity(chunkBytes)
            chunk.writeRepeatingByte(0, count: OutgoingMessage.headroom)
            chunk.writeImmutableBuffer(body)
            fill(&chunk, type, rest.readableBytes == 0 ? .final : .intermediate, address, requestId)
            try security.seal(&chunk, plainBytes: 16)
            result.writeImmutableBuffer(chunk)
        }
        return result
    }

    private mutating func fill(
        _ chunk: inout ByteBuffer, _ type: FrameType, _ kind: ChunkKind, _ address: ChunkAddress, _ requestId: UInt32
    ) {
        let start = chunk.readerIndex
        chunk.setInteger(Frame.header(type, kind, bytes: chunk.readableBytes), at: start)
        chunk.setInteger(address.channelId, at: start + 8, endianness: .little)
        chunk.setInteger(address.tokenId, at: start + 12, endianness: .little)
        chunk.setInteger(sequence.next(), at: start + 16, endianness: .little)
        chunk.setInteger(requestId, at: start + 20, endianness: .little)
    }
}
