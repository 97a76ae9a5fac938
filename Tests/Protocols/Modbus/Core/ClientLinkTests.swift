import NIOCore
import Testing

@testable import ModbusCore

/// The machine of a serial line, with a device that the test plays and a clock that the test moves.
@Suite struct ClientLinkTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private func link(_ framing: Framing = .rtu, retries: Int = 0) -> ClientLink {
        ClientLink(
            framing: framing, timing: SerialTiming(interFrameGap: .milliseconds(4), silence: .milliseconds(30)),
            table: TransactionTable(
                maxInFlight: 1, maxInFlightInAll: 1, maxWaiting: 8, maxSilentInARow: 3, retries: retries,
                firstTransaction: 0))
    }

    private func submit(_ link: inout ClientLink, _ units: UnitID...) throws {
        for (index, unit) in units.enumerated() {
            let request = ModbusRequest.read(try ReadRequest(type: .holding, address: 0, count: 1))
            let id = TransactionTable.RequestID(batch: 1, index: index)
            #expect(link.submit(request, unit: unit, id: id, timeout: .seconds(1)) == .accepted)
        }
    }

    /// The unit of the request that goes out, nil when none does.
    private func sent(_ link: inout ClientLink, at now: NIODeadline) -> UInt8? {
        var buffer = ByteBuffer()
        return link.nextToSend(now: now, into: &buffer) ? buffer.getInteger(at: 0) : nil
    }

    private func answer(_ unit: UnitID, _ word: UInt16 = 7) -> ByteBuffer {
        encoded { buffer in
            SerialFrame.encodeRTU(unit: unit, into: &buffer) {
                ResponseEncoder.registers([word], function: .readHoldingRegisters, into: &$0)
            }
        }
    }

    private func isComplete(_ action: TransactionTable.ResponseAction?, _ index: Int) -> Bool {
        if case .complete(let id, .block)? = action { id.index == index } else { false }
    }

    @Test func theLineHasItsPauseBetweenTwoFrames() throws {
        var link = link()
        try submit(&link, 1, 2)
        #expect(sent(&link, at: start) == 1)
        #expect(sent(&link, at: start) == nil)
        link.bytesReceived(answer(1), now: start + .milliseconds(20))
        #expect(isComplete(try link.nextResponse(), 0))
        #expect(sent(&link, at: start + .milliseconds(20)) == nil)
        #expect(link.nextDeadline == start + .milliseconds(24))
        #expect(sent(&link, at: start + .milliseconds(24)) == 2)
    }

    @Test func requestsOnANetworkHaveTheirPauseWhereOneIsAskedFor() throws {
        var link = ClientLink(
            framing: .mbap, timing: SerialTiming(interFrameGap: .milliseconds(4), silence: .milliseconds(30)),
            table: TransactionTable(maxInFlight: 8, maxWaiting: 8, maxSilentInARow: 3, firstTransaction: 0))
        try submit(&link, 1, 1, 1)
        var frames = ByteBuffer()
        #expect(link.nextToSend(now: start, into: &frames))
        #expect(!link.nextToSend(now: start + .milliseconds(3), into: &frames))
        #expect(link.nextDeadline == start + .milliseconds(4))
        #expect(link.nextToSend(now: start + .milliseconds(4), into: &frames))
        #expect(!link.nextToSend(now: start + .milliseconds(7), into: &frames))
        #expect(link.nextToSend(now: start + .milliseconds(9), into: &frames))
        #expect(frames.readableBytes == 3 * 12)
        // Nothing waits any more, so there is nothing to come back for but the answers.
        #expect(link.nextDeadline == start + .seconds(1))
    }

    @Test func aWrongUnitAnswersAndTheRightOneIsStillHeard() throws {
        var link = link()
        try submit(&link, 1)
        #expect(sent(&link, at: start) == 1)
        link.bytesReceived(answer(9), now: start)
        #expect(try link.nextResponse() == .ignoreLate)
        link.bytesReceived(answer(1), now: start)
        #expect(isComplete(try link.nextResponse(), 0))
    }

    @Test func aWrongChecksumFailsAfterTheSilenceNotAfterTheTimeout() throws {
        var link = link()
        try submit(&link, 1)
        #expect(sent(&link, at: start) == 1)
        var broken = answer(1)
        broken.setInteger(UInt8(0xEE), at: 4)
        link.bytesReceived(broken, now: start)
        #expect(try link.nextResponse() == nil)
        #expect(link.nextDeadline == start + .milliseconds(30))
        link.silenceReached(now: start + .milliseconds(30))
        #expect(try link.nextResponse() == .fail(.init(batch: 1, index: 0), .checksum))
        #expect(try link.nextResponse() == nil)
    }

    @Test func whatFailedIsSentAgainAsOftenAsAllowed() throws {
        var link = link(retries: 2)
        try submit(&link, 1)
        #expect(sent(&link, at: start) == 1)
        link.bytesReceived(ByteBuffer(bytes: [0xFF]), now: start)
        #expect(try link.nextResponse() == nil)
        link.silenceReached(now: start + .milliseconds(30))
        #expect(try link.nextResponse() == .retry(.checksum))
        let second = start + .milliseconds(31)
        #expect(sent(&link, at: second) == 1)
        #expect(link.deadlineReached(now: second + .seconds(1)) == .expire([]))
        #expect(sent(&link, at: second + .seconds(1)) == 1)
        #expect(link.deadlineReached(now: second + .seconds(2)) == .expire([.init(batch: 1, index: 0)]))
        #expect(sent(&link, at: second + .seconds(2)) == nil)
    }

    @Test func unitsTakeTurns() throws {
        var link = link()
        try submit(&link, 1, 1, 1, 2)
        var order: [UInt8] = []
        var now = start
        while let unit = sent(&link, at: now) {
            order.append(unit)
            link.bytesReceived(answer(UnitID(rawValue: unit)), now: now)
            while try link.nextResponse() != nil {}
            now = now + .milliseconds(4)
        }
        #expect(order == [1, 2, 1, 1])
    }

    @Test func asciiAndMBAPGoThroughTheSameMachine() throws {
        for framing in [Framing.ascii, .mbap] {
            var link = link(framing)
            try submit(&link, 1)
            var request = ByteBuffer()
            #expect(link.nextToSend(now: start, into: &request))
            let answer = encoded { buffer in
                let write = { (pdu: inout ByteBuffer) in
                    ResponseEncoder.registers([7], function: .readHoldingRegisters, into: &pdu)
                }
                framing == .ascii
                    ? SerialFrame.encodeASCII(unit: 1, into: &buffer, writePDU: write)
                    : MBAPFrame.encode(transaction: 0, unit: 1, into: &buffer, writePDU: write)
            }
            link.bytesReceived(answer, now: start)
            #expect(isComplete(try link.nextResponse(), 0))
            #expect(link.nextDeadline == nil)
        }
    }
}
