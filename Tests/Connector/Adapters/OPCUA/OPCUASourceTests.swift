import ConnectorModel
import OPCUACore
import OPCUAServer
import OPCUATypes
import TestKit
import Testing

@testable import OPCUAAdapter

/// The source against our own server over loopback.
@Suite(.timeLimit(.minutes(1))) struct OPCUASourceTests {
    private func intake(_ source: OPCUASource, _ sink: any FrameSink) -> Intake {
        Intake(source: source.identity, layout: .rawEvents, sink: sink)
    }

    @Test func everyVariableIsFoundAndItsValuesBecomeRows() async throws {
        let plant = try OPCUATestPlant(tags: 3)
        try await plant.serve { port in
            let source = try OPCUATestPlant.source(port)
            let sink = MQTTFakeSink()
            let intake = intake(source, sink)
            try await withRunningOPCUASource(source, intake) { () async throws in
                #expect(try await mqttEventually { sink.count >= 3 && intake.snapshot().connectedSince != nil })
                plant.update(1, .double(42.5), StatusCode(0x4090_0000), at: 7)
                #expect(try await mqttEventually { sink.count >= 4 })
            }
            let rows = try sink.rows()
            #expect(
                rows.prefix(3).map { $0["topic_or_path"] } == ["plant/t0", "plant/t1", "plant/t2"].map { .text($0) })
            let row = try #require(rows.last)
            #expect(row["value"] == .text("42.5") && row["value_num"] == .double(42.5))
            #expect(row["value_type"] == .text("Double") && row["protocol_type"] == .text("opcua"))
            #expect(row["event_time"] == .integer(1_700_000_000_000_007))
            #expect(row["status_code"] == .integer(0x4090_0000))
            guard case .map(let metadata) = row["metadata"] else {
                Issue.record("no metadata")
                return
            }
            #expect(metadata["unit"] == "kW" && metadata["node_id"] == "ns=2;s=t1" && metadata["namespace"] == "2")
        }
    }

    @Test func anUnknownNodeIsABadRowAndTheOthersAreRead() async throws {
        let plant = try OPCUATestPlant(tags: 1)
        try await plant.serve { port in
            let source = try OPCUATestPlant.source(port, nodes: ["ns=2;s=nowhere", "ns=2;s=t0"])
            let sink = MQTTFakeSink()
            let intake = intake(source, sink)
            try await withRunningOPCUASource(source, intake) { () async throws in
                #expect(try await mqttEventually { sink.count >= 2 && intake.snapshot().connectedSince != nil })
            }
            let rows = try sink.rows()
            let bad = try #require(rows.first { $0["topic_or_path"] == .text("ns=2;s=nowhere") })
            #expect(bad["status"] == .text("BadNodeIdUnknown") && bad["value"] == nil)
            #expect(rows.contains { $0["topic_or_path"] == .text("plant/t0") && $0["status"] == .text("Good") })
            #expect(intake.snapshot().counts.bad == 1)
        }
    }

    @Test func theVariableLimitIsExact() async throws {
        let plant = try OPCUATestPlant(tags: 5)
        try await plant.serve { port in
            for (limit, tags) in [(4, 4), (5, 5), (6, 5)] {
                let source = try OPCUATestPlant.source(port, discovery: TagDiscovery(variableLimit: limit))
                let intake = intake(source, MQTTFakeSink())
                try await withRunningOPCUASource(source, intake) { () async throws in
                    #expect(try await mqttEventually { intake.snapshot().connectedSince != nil })
                }
                #expect(intake.snapshot().tags == tags)
            }
        }
    }

    /// A server with one continuation point refuses the second node of a batch; nothing of it may be missed.
    @Test func scarceContinuationPointsHideNothing() async throws {
        let plant = try OPCUATestPlant(tags: 12, folders: 4) {
            $0.limits.maxReferencesPerNode = 1
            $0.limits.maxBrowseContinuationPoints = 1
        }
        try await plant.serve { port in
            let source = try OPCUATestPlant.source(port)
            let sink = MQTTFakeSink()
            let intake = intake(source, sink)
            try await withRunningOPCUASource(source, intake) { () async throws in
                #expect(try await mqttEventually { sink.count >= 12 })
            }
            #expect(intake.snapshot().tags == 12)
            let units = try sink.rows().filter { row in
                if case .map(let metadata) = row["metadata"] { metadata["unit"] == "kW" } else { false }
            }
            #expect(units.count == 12)
        }
    }

    /// Until a message is durable the server keeps it for Republish; a window of unacknowledged messages is what
    /// a crash would repeat.
    @Test func aMessageIsAcknowledgedWhenItsRowsAreDurable() async throws {
        let plant = try OPCUATestPlant(tags: 1)
        try await plant.serve { port in
            let source = try OPCUATestPlant.source(port)
            let sink = MQTTFakeSink()
            let intake = intake(source, sink)
            let seen = OPCUASeenTickets(intake)
            try await withRunningOPCUASource(source, intake) { () async throws in
                #expect(try await mqttEventually { intake.snapshot().connectedSince != nil && sink.count >= 1 })
                for round in 1...20 {
                    let before = sink.count
                    plant.update(0, .double(Double(100 + round)), at: Int64(round))
                    #expect(try await mqttEventually { sink.count > before })
                    if round % 5 == 0 { seen.durable(upTo: sink.latest) }
                }
            }
            let values = try sink.rows().compactMap { row -> Double? in
                if case .double(let value) = row["value_num"] { value } else { nil }
            }
            #expect(values == [0] + (101...120).map(Double.init))
            #expect(intake.snapshot().missedMessages == 0)
        }
    }

    /// A lane that is done before `submit` returns, and one that tells from within.
    @Test func theQuickestLaneWorks() async throws {
        let plant = try OPCUATestPlant(tags: 1)
        try await plant.serve { port in
            let source = try OPCUATestPlant.source(port)
            let sink = MQTTInstantSink()
            let intake = intake(source, sink)
            sink.attach(intake)
            try await withRunningOPCUASource(source, intake) { () async throws in
                #expect(try await mqttEventually { sink.sink.count >= 1 })
                plant.update(0, .double(5))
                #expect(try await mqttEventually { sink.sink.count >= 2 })
            }
        }
    }

    @Test func withheldDemandPausesAndOpenDemandResumes() async throws {
        let plant = try OPCUATestPlant(tags: 1)
        try await plant.serve { port in
            let source = try OPCUATestPlant.source(port)
            let sink = MQTTFakeSink()
            let intake = intake(source, sink)
            // The lane was full before the connection: nothing is asked for.
            intake.demand(open: false)
            try await withRunningOPCUASource(source, intake) { () async throws in
                #expect(try await mqttEventually { intake.snapshot().connectedSince != nil })
                #expect(sink.count == 0)
                intake.demand(open: true)
                #expect(try await mqttEventually { sink.count >= 1 })
            }
        }
    }

    @Test func aServerThatStopsIsATransientFailureAndItsReturnIsFound() async throws {
        let sink = MQTTFakeSink()
        let first = try OPCUATestPlant(tags: 1)
        let (ports, announced) = AsyncStream<Int>.makeStream()
        var port = 0
        var ended: SourceFailure?
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { announced.finish() }
                try await first.serve { number in
                    announced.yield(number)
                    announced.finish()
                    let delivered = try await mqttEventually { sink.count >= 1 }
                    #expect(delivered)
                }
            }
            for await number in ports { port = number }
            let source = try OPCUATestPlant.source(port)
            do {
                try await source.run(intake(source, sink))
            } catch let failure as SourceFailure {
                ended = failure
            }
            try await group.waitForAll()
        }
        let failure = try #require(ended)
        #expect(failure.disposition == .transient && failure.message.contains("\(port)"))
        let second = try OPCUATestPlant(tags: 1, port: port)
        try await second.serve { number in
            let before = sink.count
            let source = try OPCUATestPlant.source(number)
            let intake = intake(source, sink)
            try await withRunningOPCUASource(source, intake) { () async throws in
                #expect(try await mqttEventually { sink.count > before })
            }
        }
    }

    @Test func nobodyThereIsATransientFailureThatNamesThePort() async throws {
        let port = try FreePorts.next()
        let source = try OPCUATestPlant.source(port)
        let intake = intake(source, MQTTFakeSink())
        await #expect {
            try await source.run(intake)
        } throws: { error in
            let failure = error as? SourceFailure
            return failure?.disposition == .transient && failure?.message.contains("\(port)") == true
        }
    }

    @Test func aServerWithoutVariablesIsSaidSo() async throws {
        let plant = try OPCUATestPlant(tags: 0)
        try await plant.serve { port in
            let source = try OPCUATestPlant.source(port)
            do {
                try await source.run(intake(source, MQTTFakeSink()))
                Issue.record("it runs")
            } catch let failure as SourceFailure {
                #expect(failure.disposition == .permanent && failure.message.contains("no variable below Objects"))
            }
        }
    }

    /// A text larger than a frame is one row; the neighbours of one larger than a record may be lose nothing.
    @Test func aLargeTextGoesAlone() async throws {
        let plant = try OPCUATestPlant(tags: 2)
        try await plant.serve { port in
            let source = try OPCUATestPlant.source(port)
            let sink = MQTTFakeSink()
            let intake = intake(source, sink)
            try await withRunningOPCUASource(source, intake) { () async throws in
                #expect(try await mqttEventually { sink.count >= 2 })
                plant.update(0, .string(String(repeating: "x", count: 1_000_000)))
                #expect(try await mqttEventually { sink.count >= 3 })
            }
            let row = try #require(try sink.rows().last)
            guard case .text(let text) = row["value"] else {
                Issue.record("no text")
                return
            }
            #expect(text.utf8.count == 1_000_000)
        }
    }
}

/// Passes on what becomes durable, as the lane does.
struct OPCUASeenTickets: Sendable {
    let intake: Intake
    init(_ intake: Intake) { self.intake = intake }
    func durable(upTo ticket: Ticket) { intake.durable(upTo: ticket) }
}
