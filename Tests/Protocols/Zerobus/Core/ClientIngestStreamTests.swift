import Testing

@testable import ZerobusCore

@Suite struct ClientIngestStreamTests {
    func open(
        _ limits: ClientIngestStream.Limits = .init(progressTimeout: .seconds(60), maxDrainTime: .seconds(30))
    ) -> ClientIngestStream {
        var stream = ClientIngestStream(limits: limits)
        #expect(stream.sendRequested(records: 1, bytes: 1, now: .zero) == .wait)
        #expect(stream.received(.created(streamID: "s"), now: .zero) == .opened(streamID: "s"))
        return stream
    }

    @Test func offsetsAndCumulativeAcknowledgements() {
        var stream = open()
        for offset in 0..<5 {
            #expect(stream.sendRequested(records: 10, bytes: 100, now: .zero) == .send(offset: Int64(offset)))
        }
        #expect(stream.received(.acknowledged(upTo: 2), now: .zero) == .acknowledged(upTo: 2, finished: false))
        #expect(stream.watermark == 2)
        #expect(stream.received(.acknowledged(upTo: 2), now: .zero) == .none)
        #expect(stream.finishRequested() == false)
        #expect(stream.sendRequested(records: 1, bytes: 1, now: .zero) == .closed)
        #expect(stream.received(.acknowledged(upTo: 4), now: .zero) == .acknowledged(upTo: 4, finished: true))
        #expect(stream.responsesEnded(.ok, "") == .finished)
    }

    @Test(arguments: [ServerMessage.created(streamID: nil), .created(streamID: ""), .acknowledged(upTo: 0), .unknown])
    func badAnswersToCreate(message: ServerMessage) {
        var stream = ClientIngestStream()
        guard case .fail(let error) = stream.received(message, now: .zero) else {
            Issue.record("accepted")
            return
        }
        #expect(error.disposition == .transient)
        #expect(stream.sendRequested(records: 1, bytes: 1, now: .zero) == .closed)
    }

    @Test(arguments: [Int64(1), 5, .max, .min, -2])
    func badAcknowledgements(offset: Int64) {
        var stream = open()
        _ = stream.sendRequested(records: 1, bytes: 1, now: .zero)
        guard case .fail = stream.received(.acknowledged(upTo: offset), now: .zero) else {
            Issue.record("accepted \(offset)")
            return
        }
    }

    @Test func anAcknowledgementThatFallsBackIsAnError() {
        var stream = open()
        for _ in 0..<3 { _ = stream.sendRequested(records: 1, bytes: 1, now: .zero) }
        _ = stream.received(.acknowledged(upTo: 2), now: .zero)
        guard case .fail = stream.received(.acknowledged(upTo: 1), now: .zero) else {
            Issue.record("accepted")
            return
        }
    }

    @Test func windowsByMessagesRecordsAndBytes() {
        var messages = open(.init(maxInFlightMessages: 2))
        #expect(messages.sendRequested(records: 1, bytes: 1, now: .zero) == .send(offset: 0))
        #expect(messages.sendRequested(records: 1, bytes: 1, now: .zero) == .send(offset: 1))
        #expect(messages.sendRequested(records: 1, bytes: 1, now: .zero) == .wait)
        _ = messages.received(.acknowledged(upTo: 0), now: .zero)
        #expect(messages.sendRequested(records: 1, bytes: 1, now: .zero) == .send(offset: 2))

        var records = open(.init(maxInFlightRecords: 10))
        #expect(records.sendRequested(records: 6, bytes: 1, now: .zero) == .send(offset: 0))
        #expect(records.sendRequested(records: 5, bytes: 1, now: .zero) == .wait)
        #expect(records.sendRequested(records: 4, bytes: 1, now: .zero) == .send(offset: 1))

        var bytes = open(.init(maxInFlightBytes: 10))
        #expect(bytes.sendRequested(records: 1, bytes: 50, now: .zero) == .send(offset: 0))  // alone it may
        #expect(bytes.sendRequested(records: 1, bytes: 1, now: .zero) == .wait)
    }

    @Test func theCloseSignalRotates() {
        var stream = open()
        _ = stream.sendRequested(records: 1, bytes: 1, now: .zero)
        #expect(
            stream.received(.closeSignal(after: .seconds(5)), now: .seconds(1)) == .stopSending(finished: false))
        #expect(stream.sendRequested(records: 1, bytes: 1, now: .seconds(1)) == .closed)
        #expect(stream.deadlineReached(now: .seconds(2)) == .wait(until: .seconds(6)))
        #expect(stream.received(.closeSignal(after: .seconds(50)), now: .seconds(3)) == .none)
        #expect(stream.received(.acknowledged(upTo: 0), now: .seconds(4)) == .acknowledged(upTo: 0, finished: true))
        #expect(stream.responsesEnded(.ok, "") == .rotate)
    }

    @Test func aRotationWithoutAcknowledgementsEndsAtItsDeadline() {
        var stream = open()
        _ = stream.sendRequested(records: 1, bytes: 1, now: .zero)
        _ = stream.received(.closeSignal(after: .seconds(600)), now: .zero)
        #expect(stream.deadlineReached(now: .seconds(29)) == .wait(until: .seconds(30)))  // maxDrainTime
        #expect(stream.deadlineReached(now: .seconds(30)) == .stopDraining)
        #expect(stream.responsesEnded(.cancelled, "") == .rotate)
    }

    @Test func theAnnouncedEndIsARotationButARefusalIsNot() {
        var announced = open()
        _ = announced.received(.closeSignal(after: nil), now: .zero)
        #expect(announced.responsesEnded(.unavailable, "6002") == .rotate)
        var refused = open()
        _ = refused.received(.closeSignal(after: nil), now: .zero)
        #expect(
            refused.responsesEnded(.invalidArgument, "row 3") == .failed(ZerobusError(.invalidArgument, "row 3")))
    }

    @Test func onlyProgressMovesTheDeadline() {
        var stream = open()
        #expect(stream.deadlineReached(now: .seconds(1000)) == .idle)
        for _ in 0..<2 { _ = stream.sendRequested(records: 1, bytes: 1, now: .seconds(10)) }
        #expect(stream.deadlineReached(now: .seconds(11)) == .wait(until: .seconds(70)))
        _ = stream.received(.acknowledged(upTo: 0), now: .seconds(50))
        _ = stream.received(.acknowledged(upTo: 0), now: .seconds(100))
        #expect(stream.deadlineReached(now: .seconds(100)) == .wait(until: .seconds(110)))
        guard case .fail(let error) = stream.deadlineReached(now: .seconds(110)) else {
            Issue.record("no failure")
            return
        }
        #expect(error.code == .deadlineExceeded && error.disposition == .transient)
    }

    @Test func nothingInFlightMeansNoDeadline() {
        var stream = open()
        _ = stream.sendRequested(records: 1, bytes: 1, now: .zero)
        _ = stream.received(.acknowledged(upTo: 0), now: .seconds(1))
        #expect(stream.deadlineReached(now: .seconds(1000)) == .idle)
    }

    @Test func endings() {
        var early = ClientIngestStream()
        #expect(
            early.responsesEnded(.ok, "") == .failed(ZerobusError(.unavailable, "the stream ended before it was open")))
        var refused = ClientIngestStream()
        #expect(
            refused.responsesEnded(.permissionDenied, "no") == .failed(ZerobusError(.permissionDenied, "no")))
        var midway = open()
        _ = midway.sendRequested(records: 1, bytes: 1, now: .zero)
        #expect(midway.responsesEnded(.ok, "") == .failed(ZerobusError(.unavailable, "the server ended the stream")))
        #expect(midway.end == .failed(ZerobusError(.unavailable, "the server ended the stream")))
    }
}
