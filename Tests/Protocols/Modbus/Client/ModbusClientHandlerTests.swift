import ModbusCore
import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import ModbusClient

/// The client's handler with a peer that the test plays, and a clock that the test moves.
@Suite struct ModbusClientHandlerTests {
    private final class Peer {
        let loop = EmbeddedEventLoop()
        let channel: EmbeddedChannel
        let handler: ModbusClientHandler
        let outcomes = Outcomes()
        private var nextBatch: UInt64 = 0

        init(maxInFlight: Int = 1, maxWaiting: Int = 8) throws {
            let configuration = ModbusClientConfiguration(
                maxInFlight: maxInFlight, maxWaiting: maxWaiting, maxSilentInARow: 2)
            handler = ModbusClientHandler(
                link: configuration.link(to: ModbusEndpoint(host: "127.0.0.1"), firstTransaction: 1),
                isOverTCP: false, logger: quiet)
            channel = EmbeddedChannel(handler: handler, loop: loop)
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 502)).wait()
        }

        /// Asks for one register at each address; the result is fulfilled when all have ended.
        func ask(_ addresses: UInt16...) throws -> EventLoopFuture<Void> {
            nextBatch += 1
            let done = loop.makePromise(of: Void.self)
            let requests = try addresses.map {
                UnitRequest(unit: 1, read: try ReadRequest(type: .input, address: $0, count: 1))
            }
            handler.submit(
                requests, batch: nextBatch, timeout: .milliseconds(100), each: outcomes.add, done: done)
            return done.futureResult
        }

        func cancelFirst() { handler.cancel(batch: 1) }

        /// What the client has sent, as (transaction, address) of each request.
        func sent() throws -> [[UInt16]] {
            var decoder = MBAPDecoder()
            var frames: [[UInt16]] = []
            while let buffer = try channel.readOutbound(as: ByteBuffer.self) {
                decoder.append(buffer)
                while let frame = try decoder.next() {
                    frames.append([frame.transaction, frame.pdu.getInteger(at: frame.pdu.readerIndex + 1) ?? 0])
                }
            }
            return frames
        }

        func answer(_ transaction: UInt16, _ word: UInt16, bytesAtATime size: Int = 100) throws {
            var frame = ByteBuffer()
            MBAPFrame.encode(transaction: transaction, unit: 1, into: &frame) {
                ResponseEncoder.registers([word], function: .readInputRegisters, into: &$0)
            }
            while let part = frame.readSlice(length: min(size, frame.readableBytes)), part.readableBytes > 0 {
                try channel.writeInbound(part)
            }
        }
    }

    private func word(_ outcome: RequestOutcome) -> UInt16? {
        guard case .response(.block(let block)) = outcome else { return nil }
        return block.register(at: 0)
    }

    @Test func lockStepAndFragments() throws {
        let peer = try Peer()
        let done = try peer.ask(10, 20)
        #expect(try peer.sent() == [[1, 10]])
        try peer.answer(1, 111, bytesAtATime: 1)
        #expect(try peer.sent() == [[2, 20]])
        try peer.answer(2, 222, bytesAtATime: 3)
        try done.wait()
        #expect(peer.outcomes.all.map { word($0.outcome) } == [111, 222])
    }

    private final class Counts: Sendable {
        let all = Mutex<[Int]>([])
    }

    @Test func theNextRequestGoesOutBeforeTheOutcomeOfTheLastIsTold() throws {
        let peer = try Peer()
        let waiting = Counts()
        let done = peer.loop.makePromise(of: Void.self)
        let requests = try [10, 20, 30].map {
            UnitRequest(unit: 1, read: try ReadRequest(type: .input, address: $0, count: 1))
        }
        let written = NIOLoopBound(peer, eventLoop: peer.loop)
        peer.handler.submit(
            requests, batch: 7, timeout: .milliseconds(100),
            each: { _, _ in
                let sent = (try? written.value.sent().count) ?? -1
                waiting.all.withLock { $0.append(sent) }
            }, done: done)
        #expect(try peer.sent() == [[1, 10]])
        for transaction in 1...3 as ClosedRange<UInt16> { try peer.answer(transaction, 5) }
        try done.futureResult.wait()
        #expect(waiting.all.withLock { $0 } == [1, 1, 0])
    }

    @Test func pipelinedAnswersMayComeInAnyOrder() throws {
        let peer = try Peer(maxInFlight: 2)
        let done = try peer.ask(10, 20, 30)
        #expect(try peer.sent() == [[1, 10], [2, 20]])
        try peer.answer(2, 222)
        #expect(try peer.sent() == [[3, 30]])
        try peer.answer(1, 111)
        try peer.answer(3, 333)
        try done.wait()
        #expect(peer.outcomes.indices == [1, 0, 2])
    }

    @Test func aTimeoutIsReportedAndTheNextRequestGoesOut() throws {
        let peer = try Peer()
        _ = try peer.ask(10, 20)
        peer.loop.advanceTime(by: .milliseconds(99))
        #expect(peer.outcomes.all.isEmpty)
        peer.loop.advanceTime(by: .milliseconds(1))
        #expect(peer.outcomes.all.map(\.outcome) == [.timeout])
        #expect(try peer.sent() == [[1, 10], [2, 20]])
        try peer.answer(1, 111)
        #expect(peer.handler.lateResponses == 1)
        try peer.answer(77, 0)
        #expect(peer.handler.unknownResponses == 1)
        try peer.answer(2, 222)
        #expect(peer.outcomes.indices == [0, 1])
    }

    @Test func silenceEndsTheConnection() throws {
        let peer = try Peer()
        let done = try peer.ask(10, 20, 30)
        peer.loop.advanceTime(by: .milliseconds(250))
        try done.wait()
        let outcomes = peer.outcomes.all.sorted { $0.index < $1.index }.map(\.outcome)
        #expect(outcomes == [.timeout, .timeout, .closed])
        #expect(!peer.channel.isActive)
        #expect(peer.handler.closeReason.text == "the device has stopped answering")
    }

    @Test func aLostConnectionEndsEveryRequest() throws {
        let peer = try Peer()
        let done = try peer.ask(10, 20)
        try peer.channel.close().wait()
        try done.wait()
        #expect(peer.outcomes.all.map(\.outcome) == [.closed, .closed])
        let later = try peer.ask(30)
        try later.wait()
        #expect(peer.outcomes.all.count == 3)
    }

    @Test func aPeerThatDoesNotSpeakModbusIsLeft() throws {
        let peer = try Peer()
        let done = try peer.ask(10)
        try peer.channel.writeInbound(ByteBuffer(string: "HTTP/1.1 400 Bad Request"))
        peer.loop.run()
        try done.wait()
        #expect(peer.outcomes.all.map(\.outcome) == [.closed])
        #expect(peer.handler.closeReason.text?.contains("does not speak Modbus") == true)
    }

    @Test func moreThanTheQueueHoldsIsRefusedAtOnce() throws {
        let peer = try Peer(maxWaiting: 2)
        _ = try peer.ask(1, 2, 3)
        #expect(peer.outcomes.all.map(\.outcome) == [.queueFull])
        #expect(peer.outcomes.indices == [2])
    }

    @Test func aCancelledBatchIsNotReportedAndDoesNotHoldUpOthers() throws {
        let peer = try Peer()
        let cancelled = try peer.ask(10, 20)
        _ = try peer.ask(30)
        peer.cancelFirst()
        try cancelled.wait()
        try peer.answer(1, 111)
        #expect(try peer.sent() == [[1, 10], [2, 30]])
        try peer.answer(2, 222)
        #expect(peer.outcomes.all.map { word($0.outcome) } == [222])
    }

    @Test func anEmptyBatchEndsAtOnce() throws {
        let peer = try Peer()
        try peer.ask().wait()
        #expect(try peer.sent().isEmpty)
    }
}
