import ConnectorModel
import Logging
import ModbusClient
import ModbusCore

/// Polls one group over a connection, on the group's own schedule.
struct GroupPoller {
    let group: PollGroup
    let connection: ModbusConnection
    let receiver: PollReceiver
    let health: LinkHealth
    let gate: DemandGate
    let intake: Intake
    /// Whether other units wait for the same connection, so that this one must not take it up in vain.
    let sharesLine: Bool
    /// Whether several requests to the unit may be under way.
    let isPipelined: Bool
    let logger: Logger

    /// Polls until the connection ends or the task is cancelled.
    func run() async throws {
        let clock = ContinuousClock()
        var schedule = PollSchedule(start: clock.now, interval: group.interval)
        var silence = SilentUnit()
        var isLate = false
        var losses = 0
        while true {
            try await clock.sleep(until: schedule.due, tolerance: .zero)
            guard connection.isOpen else { throw connection.closeError }
            let begin = clock.now
            if !gate.isOpen {
                intake.pollSkipped()
            } else if !silence.rests(at: begin) {
                let silencesBefore = receiver.silenceCount
                let answered = try await poll(probing: silence.isProbing, now: begin)
                // A unit that answers some of the requests under way and never the others cannot take several.
                losses = isPipelined && answered && receiver.silenceCount > silencesBefore ? losses + 1 : 0
                if losses >= Self.lossesMax { throw PipeliningRefused() }
                if health.connectionLost { throw connection.closeError }
                health.completedPoll()
                if sharesLine { silence.polled(from: begin, to: clock.now, answered: answered) }
            }
            if schedule.advance(past: clock.now) > 0, !isLate, !silence.isProbing {
                isLate = true
                logger.warning(
                    "a poll takes longer than poll_interval_ms, so polls are left out; raise it or read less",
                    metadata: ["source": "\(intake.source.name)", "unit_id": "\(group.unit)"])
            }
        }
    }

    private static let lossesMax = 2

    /// Makes one poll; false when the unit answered nothing.
    private func poll(probing: Bool, now: ContinuousClock.Instant) async throws -> Bool {
        let before = receiver.answerCount
        var blocks = group.plan.begin(now: now)
        if probing, let first = blocks.first {
            try await ask([first])
            blocks.removeFirst()
            if receiver.answerCount == before {
                for block in blocks { receiver.notAnswered(block) }
                blocks = []
            }
        }
        while !blocks.isEmpty, !health.connectionLost {
            try await ask(blocks)
            blocks = group.plan.takeRetries()
        }
        return receiver.answerCount > before
    }

    private func ask(_ blocks: [ReadBlock]) async throws {
        let requests = blocks.map { UnitRequest(unit: $0.unit, read: $0.request) }
        let receiver = receiver
        try await connection.perform(requests) { index, outcome in
            receiver.receive(outcome, for: blocks[index])
        }
    }
}

/// The device loses requests that come before it has answered the last.
struct PipeliningRefused: Error {}
