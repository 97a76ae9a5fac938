import ConnectorModel
import ModbusClient
import ModbusCore
import Testing

@testable import ModbusAdapter

/// What a plan remembers of a device's refusals, and for how long.
@Suite struct PollPlanTests {
    private let start = ContinuousClock.now

    /// One poll of a device that refuses what touches `hole`; the ranges that were asked for.
    private func poll(_ plan: PollPlan, at time: Duration, hole: Range<Int>?) -> [Range<Int>] {
        var asked: [Range<Int>] = []
        var waiting = plan.begin(now: start + time)
        while !waiting.isEmpty {
            for block in waiting {
                asked.append(block.range)
                if let hole, block.range.overlaps(hole) {
                    _ = plan.refused(block, with: .illegalDataAddress)
                } else {
                    plan.answered(block)
                }
            }
            waiting = plan.takeRetries()
        }
        return asked
    }

    @Test func aDeviceWhoseMapHasChangedIsFoundAgain() throws {
        let plan = PollPlan(
            try [0, 10].map { try ReadItem(unit: 1, type: .holding, address: $0, count: 2) }, planner: ReadPlanner())
        // Between the two values lies an address that the device does not have: one request, then two.
        #expect(poll(plan, at: .zero, hole: 5..<6) == [0..<12, 0..<2, 10..<12])
        #expect(poll(plan, at: .seconds(1), hole: 5..<6) == [0..<2, 10..<12])
        // The device gets the address; it is still gone around, until the refusal is forgotten.
        let forgotten = Duration.seconds(1) + PollPlan.refusalsHold
        #expect(poll(plan, at: forgotten - .seconds(1), hole: nil) == [0..<2, 10..<12])
        #expect(poll(plan, at: forgotten, hole: nil) == [0..<12])
        #expect(poll(plan, at: forgotten + .seconds(1), hole: nil) == [0..<12])
    }

    @Test func aDeviceThatHasNotChangedIsSearchedOnceMore() throws {
        let plan = PollPlan(
            try [0, 10].map { try ReadItem(unit: 1, type: .holding, address: $0, count: 2) }, planner: ReadPlanner())
        _ = poll(plan, at: .zero, hole: 5..<6)
        _ = poll(plan, at: .seconds(1), hole: 5..<6)
        let forgotten = Duration.seconds(1) + PollPlan.refusalsHold
        #expect(poll(plan, at: forgotten, hole: 5..<6) == [0..<12, 0..<2, 10..<12])
        #expect(poll(plan, at: forgotten + .seconds(1), hole: 5..<6) == [0..<2, 10..<12])
        #expect(poll(plan, at: forgotten + PollPlan.refusalsHold, hole: 5..<6) == [0..<2, 10..<12])
    }

    @Test(arguments: [RequestOutcome.timeout, .closed, .queueFull, .invalid(.truncated), .invalid(.checksum)])
    func onlyAnExceptionSplitsARequest(outcome: RequestOutcome) throws {
        let configuration = try ModbusSourceConfiguration(
            name: "m", endpoint: "127.0.0.1:502", registers: [ModbusRegister(address: "0", count: 100, name: "r")])
        let tags = ModbusTag.tags(of: configuration)
        let group = try #require(PollGroup.groups(tags, planner: configuration.planner).first)
        let source = ModbusSource(configuration, logger: quiet)
        let intake = Intake(source: source.identity, layout: .rawEvents, sink: CountingSink())
        let receiver = PollReceiver(
            group: group, tags: tags, ids: tags.map { intake.define($0.definition) }, intake: intake,
            health: LinkHealth())
        let blocks = group.plan.begin(now: start)
        for block in blocks { receiver.receive(outcome, for: block) }
        #expect(group.plan.takeRetries().isEmpty)
        #expect(group.plan.begin(now: start).map(\.range) == blocks.map(\.range) && blocks.count == 1)
        #expect(intake.snapshot().counts.bad == 100)
    }
}
