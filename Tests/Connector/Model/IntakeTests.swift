import ConnectorModel
import Synchronization
import Testing

@Suite struct IntakeTests {
    private let source = SourceIdentity(
        name: "press-line", protocolType: "modbus", endpoint: "modbus://plc:502",
        statusName: { $0 == 0 ? "Good" : "Code\($0)" })
    private let decoder = RecordDecoder(layout: .rawEvents)

    private func columns(_ sink: CollectingSink) throws -> [[String: RecordDecoder.ColumnValue]] {
        try sink.records().map { record in
            let values = try record.withUnsafeBytes { try decoder.columns(of: $0) }
            return Dictionary(
                uniqueKeysWithValues: zip(RecordLayout.rawEvents.columns, values).compactMap { column, value in
                    value.map { (column.name, $0) }
                })
        }
    }

    @Test func aReadingBecomesARow() throws {
        let sink = CollectingSink()
        let intake = Intake(source: source, layout: .rawEvents, sink: sink)
        let tag = intake.define(
            TagDefinition(address: "1/holding/40", name: "flow", unit: "m3/h", metadata: ["unit_id": "1"]))
        let ticket = intake.deliver(receivedAt: Timestamp(microseconds: 1_000_002)) { frame in
            frame.append(
                Reading(.double(12.5), .float64, at: Timestamp(microseconds: 1_000_001)), of: tag,
                metadata: [("qos", "1")])
        }
        #expect(ticket == Ticket(number: 1))
        let row = try #require(try columns(sink).first)
        #expect(row["event_time"] == .integer(1_000_001))
        #expect(row["ingest_time"] == .integer(1_000_002))
        #expect(row["source_name"] == .text("press-line"))
        #expect(row["endpoint"] == .text("modbus://plc:502"))
        #expect(row["protocol_type"] == .text("modbus"))
        #expect(row["topic_or_path"] == .text("1/holding/40"))
        #expect(row["value"] == .text("12.5"))
        #expect(row["value_type"] == .text("float64"))
        #expect(row["value_num"] == .double(12.5))
        #expect(row["status_code"] == .integer(0))
        #expect(row["status"] == .text("Good"))
        // tag_id: first 16 hex digits of SHA-256("modbus:press-line:1/holding/40").
        #expect(
            row["metadata"]
                == .map(["unit": "m3/h", "unit_id": "1", "qos": "1", "tag_id": "6763abae2de5393b"]))
    }

    @Test func aPayloadWithoutReadingsIsRefusedUnderTheTicketOfItsBatch() {
        let sink = CollectingSink()
        let intake = Intake(source: source, layout: .rawEvents, sink: sink)
        let tag = intake.define(TagDefinition(address: "a"))
        let ticket = intake.deliver(receivedAt: Timestamp(microseconds: 3)) { frame in
            frame.refuse([0x7B], topic: "hall/3", reason: "no JSON")
            frame.append(Reading(.int(1), .int16), of: tag)
        }
        #expect(ticket == Ticket(number: 2))
        #expect(
            sink.state.withLock { $0.refused }
                == [
                    RefusedPayload(
                        topic: "hall/3", reason: "no JSON", time: Timestamp(microseconds: 3), bytes: [0x7B])
                ])
        #expect(intake.deliver { _ in } == nil)
        #expect(sink.state.withLock { $0.refused.count } == 1)
        // Only a source that says how can be given one again.
        let payload = RefusedPayload(topic: "a", reason: "", bytes: [])
        #expect(!intake.retry(payload))
        intake.decodeAgain { $0 == payload }
        #expect(intake.retry(payload))
    }

    @Test func zeroIsWrittenAndNothingIsNot() throws {
        let sink = CollectingSink()
        let intake = Intake(source: source, layout: .rawEvents, sink: sink)
        let tag = intake.define(TagDefinition(address: "a"))
        intake.deliver { frame in
            frame.append(Reading(.int(0), .int16), of: tag)
            frame.append(Reading(.none, .int16, status: Status(code: -1, quality: .bad)), of: tag)
            frame.append(Reading(.double(.nan), .float64), of: tag)
            frame.append(Reading(.string(""), .string), of: tag)
        }
        let rows = try columns(sink)
        #expect(rows[0]["value"] == .text("0") && rows[0]["value_num"] == .double(0))
        #expect(rows[1]["value"] == nil && rows[1]["value_num"] == nil)
        #expect(rows[1]["status_code"] == .integer(-1) && rows[1]["status"] == .text("Code-1"))
        #expect(rows[2]["value"] == .text("NaN") && rows[2]["value_num"] == nil)
        #expect(rows[3]["value"] == .text(""))
        let counts = intake.snapshot().counts
        #expect(counts.good == 3 && counts.uncertain == 0 && counts.bad == 1)
    }

    @Test func aFrameClosesBelowItsLimit() throws {
        let sink = CollectingSink()
        let intake = Intake(source: source, layout: .rawEvents, sink: sink)
        let tag = intake.define(TagDefinition(address: "a"))
        intake.deliver { frame in
            for index in 0..<5000 { frame.append(Reading(.int(Int64(index)), .int32), of: tag) }
        }
        let frames = sink.state.withLock { $0.frames }
        #expect(frames.count > 1)
        #expect(frames.allSatisfy { $0.entries.count <= EncodedFrame.bytesMax })
        #expect(try columns(sink).map { $0["value_num"] } == (0..<5000).map { .double(Double($0)) })
    }

    /// What cannot take a large record must not lose its neighbours with it.
    @Test func aRecordLargerThanAFrameGoesAlone() throws {
        let sink = CollectingSink()
        let intake = Intake(source: source, layout: .rawEvents, sink: sink)
        let tag = intake.define(TagDefinition(address: "a"))
        let large = String(repeating: "x", count: EncodedFrame.bytesMax)
        intake.deliver { frame in
            for value in [ReadingValue.int(1), .string(large), .string(large), .int(2), .int(3)] {
                frame.append(Reading(value, .string), of: tag)
            }
        }
        #expect(sink.state.withLock { $0.frames.map(\.count) } == [1, 1, 1, 2])
        #expect(
            try columns(sink).map { $0["value"] } == ["1", large, large, "2", "3"].map { .text($0) })
    }

    /// The lane's word while a listener is being introduced is the one that stays.
    @Test func demandThatChangesMeanwhileIsNotOverruled() {
        final class Listener: LaneListener {
            let intake: Intake
            let heard = Mutex<[Bool]>([])
            init(_ intake: Intake) { self.intake = intake }
            func durable(upTo ticket: Ticket) {}
            func demand(open: Bool) {
                // The first word is old when it arrives: the lane has opened in between.
                if heard.withLock({ $0.isEmpty }) {
                    heard.withLock { $0 = [open] }
                    intake.demand(open: true)
                    heard.withLock { $0.append(open) }
                } else {
                    heard.withLock { $0.append(open) }
                }
            }
        }
        let intake = Intake(source: source, layout: .rawEvents, sink: CollectingSink())
        intake.demand(open: false)
        let listener = Listener(intake)
        intake.listen(listener)
        #expect(listener.heard.withLock { $0 } == [false, true, false, true])
    }

    @Test func whatComesAfterTheLinkIsGoneIsStillAReading() throws {
        let sink = CollectingSink()
        let intake = Intake(source: source, layout: .rawEvents, sink: sink)
        let tag = intake.define(TagDefinition(address: "a"))
        intake.connected()
        intake.disconnected(reportQuality: false)
        #expect(intake.deliver { $0.append(Reading(.int(1), .int16), of: tag) } != nil)
        #expect(try columns(sink).count == 1)
        #expect(intake.snapshot().connectedSince == nil)
    }

    @Test func aTagIsPaidOnce() {
        let sink = CollectingSink()
        let intake = Intake(source: source, layout: .rawEvents, sink: sink)
        let first = intake.define(TagDefinition(address: "a"))
        intake.deliver { frame in #expect(frame.define(TagDefinition(address: "a")) == first) }
        #expect(sink.state.withLock { $0.prefixes.count } == 1)
    }

    @Test func aLostLinkIsSaidOncePerTag() throws {
        let sink = CollectingSink()
        let intake = Intake(source: source, layout: .rawEvents, sink: sink)
        let tag = intake.define(TagDefinition(address: "a"))
        intake.disconnected(reportQuality: true)
        #expect(try columns(sink).isEmpty, "a link that never worked was not lost")
        intake.connected()
        intake.deliver { $0.append(Reading(.int(1), .int16), of: tag) }
        intake.disconnected(reportQuality: true)
        intake.disconnected(reportQuality: true)
        let rows = try columns(sink)
        #expect(rows.count == 2)
        #expect(rows[1]["status"] == .text("BadNoCommunication"))
        #expect(rows[1]["status_code"] == .integer(-2_144_272_384))
        #expect(rows[1]["value"] == nil)
    }
}
