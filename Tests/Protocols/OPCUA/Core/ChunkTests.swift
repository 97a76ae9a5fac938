import NIOCore
import OPCUATypes
import Testing

@testable import OPCUACore

@Suite struct ChunkTests {
    static let address = ChunkAddress(channelId: 1, tokenId: 2)

    func writer(chunk: UInt32 = 8192, message: UInt32 = 0, chunks: UInt32 = 0) -> ChunkWriter {
        ChunkWriter(peer: TransportLimits(maxMessageBytes: message, maxChunkCount: chunks), chunkBytes: chunk)
    }

    @Test func oneChunkByBytes() throws {
        var writer = writer()
        let bytes = try writer.write(message(bytes: 2), to: Self.address, requestId: 9, security: .none)
        #expect(
            Array(bytes.readableBytesView)
                == [0x4D, 0x53, 0x47, 0x46, 30, 0, 0, 0]  // MSG, F, 30 bytes
                + [1, 0, 0, 0] + [2, 0, 0, 0]  // channel, token
                + [1, 0, 0, 0] + [9, 0, 0, 0]  // sequence number, request id
                + [1, 0, 0x77, 0x02] + [0, 1])  // NodeId 631, body
    }

    /// Bodies around the capacity of a chunk come back whole.
    @Test(arguments: [0, 1, 8163, 8164, 8165, 16332, 16333, 100_000])
    func messagesAreCutAndJoined(size: Int) throws {
        var writer = writer()
        let bytes = try writer.write(message(bytes: size), to: Self.address, requestId: 9, security: .none)
        let chunks = try frames(bytes, max: 8192)
        #expect(chunks.count == max(1, (size + 4 + 8167) / 8168))
        var assembler = MessageAssembler(limits: DecodingLimits())
        var received = SequenceNumber()
        var whole: ByteBuffer?
        for frame in chunks {
            let chunk = try SymmetricChunk(frame, security: .none)
            let follows = received.accept(chunk.sequenceNumber)
            #expect(follows)
            #expect((frame.kind == .final) == (frame == chunks.last))
            if case .message(9, let message) = try assembler.chunkReceived(
                frame.kind, requestId: chunk.requestId, body: chunk.body)
            {
                whole = message
            }
        }
        var expected = message(bytes: size).buffer
        expected.moveReaderIndex(forwardBy: OutgoingMessage.headroom)
        #expect(whole == expected)
    }

    @Test func peerLimitsHoldAtTheLimit() throws {
        var byBytes = writer(message: 104)
        _ = try byBytes.write(message(bytes: 100), to: Self.address, requestId: 1, security: .none)
        #expect(throws: OPCUAError.self) {
            try byBytes.write(message(bytes: 101), to: Self.address, requestId: 2, security: .none)
        }
        var byChunks = writer(chunks: 2)
        _ = try byChunks.write(message(bytes: 16332), to: Self.address, requestId: 1, security: .none)
        #expect(throws: OPCUAError.self) {
            try byChunks.write(message(bytes: 16333), to: Self.address, requestId: 2, security: .none)
        }
        // A refused message takes no sequence number.
        let bytes = try byChunks.write(message(bytes: 1), to: Self.address, requestId: 3, security: .none)
        #expect(bytes.getInteger(at: 16, endianness: .little, as: UInt32.self) == 3)
    }

    @Test func assemblyIsBounded() throws {
        let body = ByteBuffer(repeating: 1, count: 10)
        var assembler = MessageAssembler(limits: DecodingLimits(maxMessageBytes: 30, maxChunkCount: 2))
        #expect(try assembler.chunkReceived(.intermediate, requestId: 1, body: body) == .wait)
        #expect(
            try assembler.chunkReceived(.final, requestId: 1, body: body)
                == .message(requestId: 1, ByteBuffer(repeating: 1, count: 20)))
        _ = try assembler.chunkReceived(.intermediate, requestId: 2, body: body)
        _ = try assembler.chunkReceived(.intermediate, requestId: 2, body: body)
        #expect(throws: OPCUAError.self) { try assembler.chunkReceived(.intermediate, requestId: 2, body: body) }

        assembler = MessageAssembler(limits: DecodingLimits(maxMessageBytes: 30))
        for id: UInt32 in 1...3 { _ = try assembler.chunkReceived(.intermediate, requestId: id, body: body) }
        #expect(throws: OPCUAError.self) { try assembler.chunkReceived(.intermediate, requestId: 4, body: body) }

        assembler = MessageAssembler(limits: DecodingLimits())
        for id in 1...UInt32(MessageAssembler.maxUnfinished) {
            _ = try assembler.chunkReceived(.intermediate, requestId: id, body: body)
        }
        #expect(throws: OPCUAError.self) { try assembler.chunkReceived(.intermediate, requestId: 99, body: body) }
    }

    @Test func messageSizeAndChunkCountAtTheLimit() throws {
        func body(_ count: Int) -> ByteBuffer { ByteBuffer(repeating: 1, count: count) }
        let limits = DecodingLimits(maxMessageBytes: 30, maxChunkCount: 3)
        var assembler = MessageAssembler(limits: limits)
        #expect(
            try assembler.chunkReceived(.final, requestId: 1, body: body(30)) == .message(requestId: 1, body(30)))
        #expect(throws: OPCUAError.self) { try assembler.chunkReceived(.final, requestId: 2, body: body(31)) }
        _ = try assembler.chunkReceived(.intermediate, requestId: 3, body: body(20))
        #expect(
            try assembler.chunkReceived(.final, requestId: 3, body: body(10)) == .message(requestId: 3, body(30)))
        _ = try assembler.chunkReceived(.intermediate, requestId: 4, body: body(20))
        #expect(throws: OPCUAError.self) { try assembler.chunkReceived(.final, requestId: 4, body: body(11)) }

        assembler = MessageAssembler(limits: limits)
        for _ in 0..<2 { _ = try assembler.chunkReceived(.intermediate, requestId: 5, body: body(1)) }
        #expect(try assembler.chunkReceived(.final, requestId: 5, body: body(1)) == .message(requestId: 5, body(3)))
        for _ in 0..<3 { _ = try assembler.chunkReceived(.intermediate, requestId: 6, body: body(1)) }
        #expect(throws: OPCUAError.self) { try assembler.chunkReceived(.final, requestId: 6, body: body(1)) }
    }

    @Test func abortDropsWhatWasHeld() throws {
        var assembler = MessageAssembler(limits: DecodingLimits(maxMessageBytes: 20))
        let body = ByteBuffer(repeating: 1, count: 15)
        _ = try assembler.chunkReceived(.intermediate, requestId: 1, body: body)
        let abort = ErrorMessage(status: .badResponseTooLarge, reason: "big")
        #expect(
            try assembler.chunkReceived(.abort, requestId: 1, body: abort.encoded())
                == .aborted(requestId: 1, abort))
        #expect(try assembler.chunkReceived(.intermediate, requestId: 2, body: body) == .wait)
    }
}
