import ConnectorModel
import Synchronization
import Testing

extension CollectingSink {
    /// Address, value, event time and what the metadata say beside the tag's identity.
    fileprivate func rows() throws -> [String] {
        let decoder = RecordDecoder(layout: .rawEvents)
        return try records().map { record in
            Self.text(try record.withUnsafeBytes { try decoder.columns(of: $0) })
        }
    }

    private static func text(_ columns: [RecordDecoder.ColumnValue?]) -> String {
        var text: [String: String] = [:]
        for (column, value) in zip(RecordLayout.rawEvents.columns, columns) {
            switch value {
            case .text(let value): text[column.name] = value
            case .integer(let value): text[column.name] = "\(value)"
            case .map(let map):
                text["metadata"] = map.filter { $0.key != "tag_id" }.sorted { $0.key < $1.key }
                    .map { "\($0.key)=\($0.value)" }.joined(separator: " ")
            default: break
            }
        }
        return [text["topic_or_path"], text["value"] ?? "-", text["event_time"], text["metadata"]].compactMap { $0 }
            .joined(separator: " ")
    }
}

/// An intake with tags that are prepared: what its lane gets.
@Suite struct PreparedIntakeTests {
    /// Prepares tags by their address.
    private struct Preparing: TagPreparing {
        var conditionings: [String: Conditioning] = [:]

        func prepare(_ tag: TagDefinition, of source: SourceIdentity) -> PreparedTag {
            var named = tag
            named.metadata["tag_path"] = "p/\(tag.address)"
            return PreparedTag(
                named, conditioning: conditionings[tag.address], isWanted: tag.address != "no",
                isRenamed: tag.address == "twin")
        }
    }

    /// Counts how often a tag is prepared.
    private final class Counting: TagPreparing {
        let count = Atomic<Int>(0)

        func prepare(_ tag: TagDefinition, of source: SourceIdentity) -> PreparedTag {
            count.wrappingAdd(1, ordering: .relaxed)
            var named = tag
            named.metadata["tag_path"] = "p/\(tag.address)"
            return PreparedTag(named)
        }
    }

    @Test func aPageThatLooksAgainPreparesNoTagAgain() {
        let preparing = Counting()
        let intake = Intake(
            source: source, layout: .rawEvents, sink: CollectingSink(), options: IntakeOptions(preparing: preparing))
        for number in 0..<1_200 { _ = intake.define(TagDefinition(address: "a\(number)")) }
        #expect(preparing.count.load(ordering: .relaxed) == 1_200)
        for _ in 0..<3 {
            #expect(intake.lastValues(limit: 200, offset: 50).map(\.tag.metadata["tag_path"]).last == "p/a249")
        }
        #expect(preparing.count.load(ordering: .relaxed) == 1_400)
        // No more than the limit is remembered: 200 of the 1,200 are prepared at every look at all.
        for _ in 0..<2 { #expect(intake.lastValues(limit: .max).count == 1_200) }
        #expect(preparing.count.load(ordering: .relaxed) == 1_400 + 1_000 + 200)
    }

    private final class Clock: Sendable {
        let milliseconds = Atomic<Int64>(0)
    }

    private let source = SourceIdentity(name: "s", protocolType: "mqtt", endpoint: "e", statusName: { "\($0)" })

    private func intake(_ sink: CollectingSink, _ conditionings: [String: Conditioning] = [:], _ clock: Clock = Clock())
        -> Intake
    {
        Intake(
            source: source, layout: .rawEvents, sink: sink,
            options: IntakeOptions(
                preparing: Preparing(conditionings: conditionings),
                uptime: { clock.milliseconds.load(ordering: .relaxed) }))
    }

    private func deliver(_ value: Double, at time: Int64, _ tag: TagID, to intake: Intake, _ extra: String? = nil) {
        intake.deliver(receivedAt: Timestamp(microseconds: time + 1)) { frame in
            frame.append(
                Reading(.double(value), .float64, at: Timestamp(microseconds: time)), of: tag,
                metadata: extra.map { [("x", $0)] } ?? [])
        }
    }

    @Test func whatIsPreparedStandsInRowsAndOnPages() throws {
        let sink = CollectingSink()
        let intake = intake(sink)
        let tag = intake.define(TagDefinition(address: "a"))
        #expect(intake.define(TagDefinition(address: "a")) == tag)
        deliver(1, at: 10, tag, to: intake)
        #expect(try sink.rows() == ["a 1.0 10 tag_path=p/a"])
        #expect(intake.lastValues(limit: 1).first?.tag.metadata["tag_path"] == "p/a")
        _ = intake.define(TagDefinition(address: "twin"))
        #expect(intake.snapshot().counts.renamedTags == 1)
    }

    @Test func aTagThatIsNotWantedBringsNoRows() throws {
        let sink = CollectingSink()
        let intake = intake(sink)
        let tag = intake.define(TagDefinition(address: "no"))
        deliver(1, at: 10, tag, to: intake)
        intake.connected()
        intake.disconnected(reportQuality: true)
        #expect(try sink.rows() == [])
        #expect(sink.state.withLock { $0.prefixes.isEmpty })
        let counts = intake.snapshot().counts
        #expect(counts.all == 2)
        #expect(counts.suppressed[.excluded] == 2)
        #expect(intake.lastValues(limit: 1).first?.isWanted == false)
    }

    @Test func suppressedReadingsAreReceivedAndShownButNoRows() throws {
        let sink = CollectingSink()
        let intake = intake(sink, ["a": Conditioning(scale: 10, report: .onChange)])
        let tag = intake.define(TagDefinition(address: "a"))
        for (index, value) in [1.0, 1, 2, 2].enumerated() { deliver(value, at: Int64(index), tag, to: intake) }
        #expect(try sink.rows() == ["a 10.0 0 tag_path=p/a", "a 20.0 2 tag_path=p/a"])
        let counts = intake.snapshot().counts
        #expect(counts.all == 4)
        #expect(counts.suppressed[.unchanged] == 2)
        #expect(counts.suppressed.all == 2)
        let last = intake.lastValues(limit: 1).first
        #expect(last?.reading?.value == .double(20))
        #expect(last?.reading?.sourceTime == Timestamp(microseconds: 3))
        // Nothing to wait for: the protocol may acknowledge at once.
        #expect(intake.deliver { $0.append(Reading(.double(2), .float64), of: tag) } == nil)
    }

    @Test func aHeldReadingKeepsWhatItBroughtAlong() throws {
        let sink = CollectingSink()
        let intake = intake(sink, ["a": Conditioning(high: 5, report: .swingingDoor(.init(deviation: 0.1)))])
        let tag = intake.define(TagDefinition(address: "a"))
        deliver(0, at: 0, tag, to: intake)
        deliver(0, at: 1000, tag, to: intake, "held")
        deliver(9, at: 2000, tag, to: intake)
        intake.connected()
        intake.disconnected(reportQuality: false)
        #expect(
            try sink.rows() == [
                "a 0.0 0 tag_path=p/a", "a 0.0 1000 tag_path=p/a x=held", "a 5.0 2000 clamped=high tag_path=p/a",
            ])
        #expect(intake.snapshot().counts.suppressed.all == 0)
    }

    @Test func aLostLinkEndsTheTrend() throws {
        let sink = CollectingSink()
        let intake = intake(sink, ["a": Conditioning(report: .swingingDoor(.init(deviation: 0.1)))])
        let tag = intake.define(TagDefinition(address: "a"))
        intake.connected()
        deliver(1, at: 0, tag, to: intake)
        deliver(1, at: 1000, tag, to: intake)
        intake.disconnected(reportQuality: true)
        let rows = try sink.rows()
        #expect(rows.prefix(2) == ["a 1.0 0 tag_path=p/a", "a 1.0 1000 tag_path=p/a"])
        #expect(rows.count == 3)
        #expect(rows.last?.hasPrefix("a - ") == true)
    }

    @Test func aHeartbeatRepeatsWhatWasReadLast() throws {
        let sink = CollectingSink()
        let clock = Clock()
        let intake = intake(sink, ["a": Conditioning(report: .onChange, heartbeatMilliseconds: 1000)], clock)
        let tag = intake.define(TagDefinition(address: "a"))
        deliver(7, at: 10, tag, to: intake)
        clock.milliseconds.store(1000, ordering: .relaxed)
        // Nobody knows whether it still holds while the link is down.
        intake.beat()
        #expect(try sink.rows().count == 1)
        intake.connected()
        intake.beat()
        intake.beat()
        let rows = try sink.rows()
        #expect(rows.count == 2)
        #expect(rows.last?.hasPrefix("a 7.0 ") == true && rows.last?.hasSuffix("heartbeat=true tag_path=p/a") == true)
        #expect(intake.snapshot().counts.all == 1)
    }

    @Test func aMappingSaysWhatCodesMean() {
        var mapping = QualityMapping()
        let taken = [
            mapping.insert(.code(5), as: .good), mapping.insert(.code(5), as: .good),
            mapping.insert(.code(5), as: .bad), mapping.insert(.topByte(0x80), as: .uncertain),
            mapping.insert(.name("7"), as: .bad),
        ]
        #expect(taken == [true, true, false, true, true])
        let sink = CollectingSink()
        let intake = Intake(
            source: source, layout: .rawEvents, sink: sink, options: IntakeOptions(qualities: mapping))
        let tag = intake.define(TagDefinition(address: "a"))
        intake.deliver { frame in
            for code: Int32 in [5, 5, Int32(bitPattern: 0x8031_0000), 7, 9] {
                frame.append(Reading(.int(1), .int16, status: Status(code: code, quality: .bad)), of: tag)
            }
        }
        let counts = intake.snapshot().counts
        #expect(counts.good == 2 && counts.uncertain == 1 && counts.bad == 2)
    }

    @Test func aTagThatChangesItsTypeIsCounted() {
        let intake = Intake(source: source, layout: .rawEvents, sink: CollectingSink())
        let tag = intake.define(TagDefinition(address: "a"))
        intake.deliver { frame in
            for (value, type): (ReadingValue, ValueType) in [
                (.int(1), .int64), (.double(1.5), .float64), (.int(1), .int64), (.none, .none), (.double(2), .float64),
            ] { frame.append(Reading(value, type), of: tag) }
        }
        #expect(intake.snapshot().counts.typeChanges == 0)
        intake.deliver { frame in
            for (value, type): (ReadingValue, ValueType) in [
                (.string("x"), .string), (.string("y"), .string), (.bool(true), .bool),
            ] { frame.append(Reading(value, type), of: tag) }
        }
        #expect(intake.snapshot().counts.typeChanges == 2)
    }
}
