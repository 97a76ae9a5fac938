import ConnectorModel
import OPCUACore
import OPCUAServer
import OPCUATypes
import Testing

@testable import OPCUAAdapter

/// How a source reads our own server over loopback.
@Suite(.timeLimit(.minutes(1))) struct OPCUAReadingTests {
    private struct Running: Sendable {
        let plant: OPCUATestPlant
        let intake: Intake
        let sink: MQTTFakeSink

        /// Values of a tag in order.
        func numbers(of address: String) throws -> [Double] {
            try sink.rows().compactMap { row in
                guard row["topic_or_path"] == .text(address), case .double(let value)? = row["value_num"] else {
                    return nil
                }
                return value
            }
        }

        var diagnostics: SourceDiagnostics? { intake.snapshot().diagnostics }
    }

    private func run(
        _ plant: OPCUATestPlant, nodes: [NodeSelection] = [], discovery: TagDiscovery = TagDiscovery(),
        open: Bool = true, reading: @escaping @Sendable (inout TagReading) -> Void = { _ in },
        _ body: @escaping @Sendable (Running) async throws -> Void
    ) async throws {
        try await plant.serve { port in
            let source = try OPCUATestPlant.source(port, nodes: nodes, discovery: discovery, reading: reading)
            let sink = MQTTFakeSink()
            let intake = Intake(source: source.identity, layout: .rawEvents, sink: sink)
            if !open { intake.demand(open: false) }
            try await withRunningOPCUASource(source, intake) { () async throws in
                try await body(Running(plant: plant, intake: intake, sink: sink))
            }
        }
    }

    // MARK: Subscriptions

    @Test func whatIsWithinTheDeadbandIsNotReported() async throws {
        try await run(OPCUATestPlant(tags: 1), reading: { $0.deadband = .absolute(1) }) { running async throws in
            #expect(try await mqttEventually { running.sink.count == 1 })
            for (step, value) in [0.5, 0.9, 2, 2.5, 4].enumerated() {
                let before = running.sink.count
                running.plant.update(0, .double(value), at: Int64(step))
                // Each change is published before the next is made.
                if value >= 2 && value != 2.5 { #expect(try await mqttEventually { running.sink.count > before }) }
            }
            #expect(try running.numbers(of: "plant/t0") == [0, 2, 4])
        }
    }

    /// A filter that cannot be had costs no value: everything is reported then.
    @Test func aRefusedFilterLosesNothing() async throws {
        let plant = try OPCUATestPlant { space in
            [
                try space.addVariable(
                    VariableDefinition(
                        id: NodeId(namespace: 2, string: "any"), name: "any", type: .variant,
                        value: DataValue(.string("a"))), under: AddressSpace.objects)
            ]
        }
        try await run(plant, reading: { $0.deadband = .absolute(1) }) { running async throws in
            #expect(try await mqttEventually { running.sink.count == 1 })
            running.plant.update(0, .string("b"))
            #expect(try await mqttEventually { running.sink.count == 2 })
            #expect(running.diagnostics?.itemsFailed == 0)
        }
    }

    @Test func aLimitOfItemsMakesMoreSubscriptions() async throws {
        try await run(OPCUATestPlant(tags: 5), reading: { $0.itemsPerSubscription = 2 }) { running async throws in
            #expect(try await mqttEventually { running.sink.count == 5 })
            #expect(try await mqttEventually { running.diagnostics?.itemsCreated == 5 })
            #expect(running.diagnostics?.subscriptions == 3)
        }
        // The same when only the server knows the limit.
        let plant = try OPCUATestPlant(tags: 5) { $0.limits.maxMonitoredItemsPerSubscription = 2 }
        try await run(plant) { running async throws in
            #expect(try await mqttEventually { running.sink.count == 5 })
            #expect(try await mqttEventually { running.diagnostics?.subscriptions == 3 })
        }
    }

    @Test func whatTheServerHasNoRoomForIsToldAndTheRestIsRead() async throws {
        let plant = try OPCUATestPlant(tags: 5) { $0.limits.maxMonitoredItems = 3 }
        try await run(plant, discovery: TagDiscovery(followsModelChanges: false)) { running async throws in
            #expect(try await mqttEventually { running.diagnostics?.itemsFailed == 2 })
            #expect(running.diagnostics?.failedByReason == ["BadTooManyMonitoredItems": 2])
            #expect(try await mqttEventually { running.sink.count == 5 })
            running.plant.update(0, .double(77))
            #expect(try await mqttEventually { try running.numbers(of: "plant/t0").last == 77 })
        }
    }

    @Test func intervalsOfTheirOwnMakeSubscriptionsOfTheirOwn() async throws {
        let fast = try NodeSelection(nodeID: "ns=2;s=t0", intervals: ReadingIntervals(publishing: .milliseconds(20)))
        try await run(OPCUATestPlant(tags: 3), nodes: [fast, "ns=2;s=t1", "ns=2;s=t2"]) { running async throws in
            #expect(try await mqttEventually { running.sink.count == 3 })
            #expect(try await mqttEventually { running.diagnostics?.subscriptions == 2 })
            running.plant.update(0, .double(5))
            running.plant.update(2, .double(6))
            #expect(try await mqttEventually { running.sink.count == 5 })
        }
    }

    @Test func unitsAndRangesAreMetadata() async throws {
        try await run(OPCUATestPlant(tags: 1)) { running async throws in
            #expect(try await mqttEventually { running.sink.count == 1 })
            guard case .map(let metadata)? = try running.sink.rows().first?["metadata"] else {
                Issue.record("no metadata")
                return
            }
            #expect(metadata["unit"] == "kW" && metadata["eu_low"] == "0.0" && metadata["eu_high"] == "10.0")
        }
    }

    @Test func aNodeThatIsMissingIsNamedWithItsReason() async throws {
        let nodes: [NodeSelection] = ["ns=2;s=t0", "ns=2;s=nowhere", "/plant/nothing"]
        try await run(OPCUATestPlant(tags: 1), nodes: nodes) { running async throws in
            #expect(try await mqttEventually { running.sink.count == 3 })
            let diagnostics = running.diagnostics
            #expect(diagnostics?.itemsWanted == 3 && diagnostics?.itemsCreated == 1)
            #expect(diagnostics?.failedByReason == ["BadNodeIdUnknown": 1, "BadNoMatch": 1])
            #expect(diagnostics?.publishLatencySeconds != nil)
        }
    }

    // MARK: Polling

    @Test func pollingReadsEverythingAgainAndAgain() async throws {
        let polling: @Sendable (inout TagReading) -> Void = {
            $0.mode = .polling
            $0.pollInterval = .milliseconds(20)
        }
        let plant = try OPCUATestPlant(tags: 7) { $0.limits.maxOperationsPerRequest = 3 }
        try await run(plant, reading: polling) { running async throws in
            #expect(try await mqttEventually { running.sink.count >= 14 })
            running.plant.update(3, .double(99))
            #expect(try await mqttEventually { try running.numbers(of: "plant/t3").last == 99 })
            let diagnostics = running.diagnostics
            #expect(diagnostics?.itemsCreated == 7 && diagnostics?.subscriptions == 0)
            #expect(running.intake.snapshot().skippedPolls == 0 || running.sink.count > 0)
        }
    }

    @Test func aFullLaneSkipsPollsAndCountsThem() async throws {
        let polling: @Sendable (inout TagReading) -> Void = {
            $0.mode = .polling
            $0.pollInterval = .milliseconds(10)
        }
        try await run(OPCUATestPlant(tags: 1), open: false, reading: polling) { running async throws in
            #expect(try await mqttEventually { running.intake.snapshot().skippedPolls >= 3 })
            #expect(running.sink.count == 0)
            running.intake.demand(open: true)
            #expect(try await mqttEventually { running.sink.count >= 2 })
        }
    }

    @Test func nodesArePolledAtTheirOwnIntervals() async throws {
        let slow = try NodeSelection(nodeID: "ns=2;s=t1", intervals: ReadingIntervals(poll: .seconds(3600)))
        let polling: @Sendable (inout TagReading) -> Void = {
            $0.mode = .polling
            $0.pollInterval = .milliseconds(10)
        }
        try await run(OPCUATestPlant(tags: 2), nodes: ["ns=2;s=t0", slow, "ns=2;s=nowhere"], reading: polling) {
            running async throws in
            #expect(try await mqttEventually { try running.numbers(of: "plant/t0").count >= 5 })
            #expect(try running.numbers(of: "plant/t1").count == 1)
            #expect(running.diagnostics?.failedByReason == ["BadNodeIdUnknown": 1])
        }
    }
}
