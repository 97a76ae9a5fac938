import ModbusCore
import NIOCore
import Testing

@Suite struct TransactionTableTests {
    typealias RequestID = TransactionTable.RequestID

    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private func table(inFlight: Int = 1, waiting: Int = 8, silent: Int = 3) -> TransactionTable {
        TransactionTable(maxInFlight: inFlight, maxWaiting: waiting, maxSilentInARow: silent, firstTransaction: 65_535)
    }

    private func id(_ index: Int, batch: UInt64 = 1) -> RequestID { RequestID(batch: batch, index: index) }

    private func read(_ address: UInt16) throws -> ModbusRequest {
        .read(try ReadRequest(type: .holding, address: address, count: 1))
    }

    private func answer(_ transaction: UInt16, unit: UnitID = 1, word: UInt8 = 7) -> MBAPFrame {
        MBAPFrame(transaction: transaction, unit: unit, pdu: ByteBuffer(bytes: [3, 2, 0, word]))
    }

    @Test func lockStepSendsTheNextRequestWhenTheFirstIsAnswered() throws {
        var table = table()
        for index in 0..<2 {
            #expect(
                table.submit(try read(UInt16(index)), unit: 1, id: id(index), timeout: .seconds(1)) == .accepted)
        }
        #expect(table.nextToSend(now: start)?.transaction == 65_535)
        #expect(table.nextToSend(now: start) == nil)
        guard case .complete(id(0), .block(let block)) = table.responseReceived(answer(65_535)) else {
            Issue.record("not completed")
            return
        }
        #expect(block.registers == [7])
        // The identifier wraps.
        #expect(table.nextToSend(now: start)?.transaction == 0)
    }

    @Test func severalAreUnderWayWhereAllowedAndMayBeAnsweredInAnyOrder() throws {
        var table = table(inFlight: 3)
        for index in 0..<4 {
            _ = table.submit(try read(UInt16(index)), unit: 1, id: id(index), timeout: .seconds(1))
        }
        #expect((0..<4).map { _ in table.nextToSend(now: start)?.transaction } == [65_535, 0, 1, nil])
        for (transaction, index) in [(1, 2), (65_535, 0), (0, 1)] as [(UInt16, Int)] {
            guard case .complete(id(index), _) = table.responseReceived(answer(transaction)) else {
                Issue.record("transaction \(transaction) not completed")
                return
            }
        }
        #expect(table.nextToSend(now: start)?.transaction == 2)
    }

    @Test func answersAreCheckedForUnitAndFunction() throws {
        var table = table(inFlight: 2)
        for index in 0..<2 { _ = table.submit(try read(0), unit: 1, id: id(index), timeout: .seconds(1)) }
        while table.nextToSend(now: start) != nil {}
        #expect(
            table.responseReceived(answer(65_535, unit: 2)) == .fail(id(0), .unexpectedUnit(2, expected: 1)))
        let wrongFunction = MBAPFrame(transaction: 0, unit: 1, pdu: ByteBuffer(bytes: [4, 2, 0, 0]))
        #expect(
            table.responseReceived(wrongFunction)
                == .fail(id(1), .unexpectedFunction(4, expected: .readHoldingRegisters)))
        #expect(table.responseReceived(answer(0)) == .ignoreUnknown)
    }

    @Test func aTimeoutFreesThePlaceAndALateAnswerIsIgnored() throws {
        var table = table()
        for index in 0..<2 {
            _ = table.submit(try read(0), unit: 1, id: id(index), timeout: .milliseconds(100))
        }
        _ = table.nextToSend(now: start)
        let deadline = start + .milliseconds(100)
        #expect(table.nextDeadline == deadline)
        #expect(table.deadlineReached(now: deadline - .nanoseconds(1)) == .wait)
        #expect(table.deadlineReached(now: deadline) == .expire([id(0)]))
        #expect(table.nextDeadline == nil)
        // The second request's time runs from its own sending.
        _ = table.nextToSend(now: deadline)
        #expect(table.nextDeadline == deadline + .milliseconds(100))
        #expect(table.responseReceived(answer(65_535)) == .ignoreLate)
        guard case .complete(id(1), _) = table.responseReceived(answer(0)) else {
            Issue.record("the second request was not completed")
            return
        }
    }

    @Test func silenceClosesTheConnectionAndAnAnswerStartsTheCountAnew() throws {
        var table = table(silent: 2)
        var now = start
        func turn(_ index: Int) throws {
            _ = table.submit(try read(0), unit: 1, id: id(index), timeout: .seconds(1))
            _ = table.nextToSend(now: now)
            now = now + .seconds(1)
        }
        try turn(0)
        #expect(table.deadlineReached(now: now) == .expire([id(0)]))
        try turn(1)
        _ = table.responseReceived(answer(0))
        try turn(2)
        #expect(table.deadlineReached(now: now) == .expire([id(2)]))
        try turn(3)
        #expect(table.deadlineReached(now: now) == .expireAndClose([id(3)]))
    }

    @Test func theQueueTakesUpToItsLimitAndNotMore() throws {
        var table = table(waiting: 2)
        let request = try read(0)
        #expect(table.submit(request, unit: 1, id: id(0), timeout: .seconds(1)) == .accepted)
        #expect(table.submit(request, unit: 1, id: id(1), timeout: .seconds(1)) == .accepted)
        #expect(table.submit(request, unit: 1, id: id(2), timeout: .seconds(1)) == .refuseQueueFull)
        _ = table.nextToSend(now: start)
        #expect(table.submit(request, unit: 1, id: id(3), timeout: .seconds(1)) == .accepted)
    }

    @Test func aCancelledBatchLeavesTheQueueAndItsAnswerIsIgnored() throws {
        var table = table()
        let request = try read(0)
        for index in 0..<3 { _ = table.submit(request, unit: 1, id: id(index, batch: 1), timeout: .seconds(1)) }
        _ = table.submit(request, unit: 1, id: id(0, batch: 2), timeout: .seconds(1))
        _ = table.nextToSend(now: start)
        table.cancelled(batch: 1)
        // The device is still busy with the request that was sent.
        #expect(table.nextToSend(now: start) == nil)
        #expect(table.responseReceived(answer(65_535)) == .ignoreLate)
        #expect(table.nextToSend(now: start)?.transaction == 0)
        #expect(table.connectionClosed() == [id(0, batch: 2)])
    }

    @Test func aClosedConnectionGivesBackWhatWasNotAnsweredAndTakesNothing() throws {
        var table = table()
        let request = try read(0)
        for index in 0..<3 { _ = table.submit(request, unit: 1, id: id(index), timeout: .seconds(1)) }
        _ = table.nextToSend(now: start)
        #expect(table.connectionClosed() == [id(0), id(1), id(2)])
        #expect(table.connectionClosed() == [])
        #expect(table.submit(request, unit: 1, id: id(4), timeout: .seconds(1)) == .refuseClosed)
        #expect(table.nextToSend(now: start) == nil)
        #expect(table.nextDeadline == nil)
        #expect(table.deadlineReached(now: start + .seconds(9)) == .wait)
        #expect(table.responseReceived(answer(65_535)) == .ignoreUnknown)
    }
}

/// Several units behind one connection.
@Suite struct UnitTurnTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private func table(_ units: [UnitID], inFlight: Int = 1, inAll: Int = 256) throws -> TransactionTable {
        var table = TransactionTable(
            maxInFlight: inFlight, maxInFlightInAll: inAll, maxWaiting: 100, maxSilentInARow: 2, firstTransaction: 0)
        for (index, unit) in units.enumerated() {
            let request = ModbusRequest.read(try ReadRequest(type: .holding, address: 0, count: 1))
            _ = table.submit(request, unit: unit, id: .init(batch: 1, index: index), timeout: .seconds(1))
        }
        return table
    }

    @Test func aSlowUnitDoesNotKeepAnotherWaiting() throws {
        var table = try table([1, 1, 2, 2])
        #expect(table.nextToSend(now: start)?.unit == 1)
        #expect(table.nextToSend(now: start)?.unit == 2)
        #expect(table.nextToSend(now: start) == nil)
        // Unit 1 is silent; unit 2 answers and goes on.
        _ = table.responseReceived(MBAPFrame(transaction: 1, unit: 2, pdu: ByteBuffer(bytes: [3, 2, 0, 0])))
        #expect(table.nextToSend(now: start)?.unit == 2)
    }

    @Test func oneAtATimeHoldsForAllUnitsWhereAsked() throws {
        var table = try table([1, 2], inAll: 1)
        #expect(table.nextToSend(now: start)?.unit == 1)
        #expect(table.nextToSend(now: start) == nil)
    }

    @Test func oneSilentUnitDoesNotEndTheConnectionOfAnother() throws {
        var table = try table([1, 1, 1, 2], inAll: 1)
        var now = start
        #expect(table.nextToSend(now: now)?.unit == 1)
        now = now + .seconds(1)
        #expect(table.deadlineReached(now: now) == .expire([.init(batch: 1, index: 0)]))
        #expect(table.nextToSend(now: now)?.unit == 2)
        _ = table.responseReceived(MBAPFrame(transaction: 1, unit: 2, pdu: ByteBuffer(bytes: [3, 2, 0, 0])))
        for index in 1...2 {
            #expect(table.nextToSend(now: now)?.unit == 1)
            now = now + .seconds(1)
            #expect(table.deadlineReached(now: now) == .expire([.init(batch: 1, index: index)]))
        }
    }
}
