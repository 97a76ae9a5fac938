import ConnectorModel
import OPCUAClient
import OPCUATypes
import Synchronization

/// Reads tags at intervals (Part 4, 5.11.2), in batches that the server takes, without drift.
struct Polling {
    let connection: OPCUAConnection
    let limits: OperationLimits
    let reading: TagReading
    let tags: SourceTags
    let intake: Intake
    let demand: PollDemand

    /// Polls until the connection ends, each interval for itself.
    /// - Parameter intervals: all that occur among the tags.
    func run(_ intervals: Set<Duration>) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for interval in intervals {
                group.addTask { try await poll(every: interval) }
            }
            try await group.waitForAll()
        }
    }

    private func poll(every interval: Duration) async throws {
        let clock = ContinuousClock()
        var schedule = PollSchedule(start: clock.now, interval: interval)
        while true {
            let (due, missed) = schedule.advance(now: clock.now)
            for _ in 0..<min(missed, 1000) { intake.pollSkipped() }
            try await clock.sleep(until: due)
            guard demand.isOpen else {
                intake.pollSkipped()
                continue
            }
            try await pollOnce(tags.polled(every: interval, usual: reading.pollInterval))
            intake.connected()
        }
    }

    private func pollOnce(_ polled: [(handle: Int, node: NodeId)]) async throws {
        let size = max(limits.nodesPerRead, 1)
        for start in stride(from: 0, to: polled.count, by: size) {
            let batch = polled[start..<min(polled.count, start + size)]
            let values = try await connection.read(batch.map { ($0.node, .value) }, limits: limits)
            tags.deliver(values, of: batch.map(\.handle), to: intake)
        }
    }
}

/// Whether the lane wants more. There is nothing to acknowledge: what was not polled is not owed.
final class PollDemand: LaneListener {
    private let open = Atomic(true)

    var isOpen: Bool { open.load(ordering: .relaxed) }

    func durable(upTo ticket: Ticket) {}

    func demand(open wanted: Bool) { open.store(wanted, ordering: .relaxed) }
}
