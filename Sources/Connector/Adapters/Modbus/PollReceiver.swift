import ConnectorModel
import ModbusClient
import ModbusCore
import Synchronization

/// Turns outcomes into readings, on the connection's event loop, as they come in. One serves one connection.
final class PollReceiver: Sendable {
    private let tags: [ModbusTag]
    private let ids: [TagID]
    private let plan: PollPlan
    private let intake: Intake
    private let hasAnswered = Atomic(false)
    private let hasClosed = Atomic(false)
    private let hasPolled = Atomic(false)

    init(tags: [ModbusTag], plan: PollPlan, intake: Intake) {
        self.tags = tags
        self.plan = plan
        self.intake = intake
        ids = tags.map { intake.define($0.definition) }
    }

    /// Whether a request went without an answer because the connection ended.
    var connectionLost: Bool { hasClosed.load(ordering: .acquiring) }

    /// Whether the device has been through a whole poll on this connection.
    var hasCompletedPoll: Bool { hasPolled.load(ordering: .acquiring) }

    func completedPoll() {
        hasPolled.store(true, ordering: .releasing)
    }

    /// What became of the request for a block; the moment of the call is the readings' time.
    func receive(_ outcome: RequestOutcome, for block: ReadBlock) {
        switch outcome {
        case .response(.block(let registers)):
            answered()
            plan.answered(block)
            deliver(block) { $0.reading(from: registers, at: $1) }
        case .response(.exception(let code)):
            answered()
            if plan.refused(block, with: code) { deliver(block, ModbusStatus.exception(code)) }
        case .response(.deviceIdentification), .invalid:
            answered()
            deliver(block, ModbusStatus.invalidResponse)
        case .timeout, .queueFull: deliver(block, ModbusStatus.timeout)
        case .closed:
            hasClosed.store(true, ordering: .releasing)
            deliver(block, ModbusStatus.closed)
        }
    }

    /// A device counts as connected once it has answered anything at all.
    private func answered() {
        if !hasAnswered.exchange(true, ordering: .relaxed) { intake.connected() }
    }

    private func deliver(_ block: ReadBlock, _ status: Status) {
        deliver(block) { tag, _ in tag.bad(status) }
    }

    private func deliver(_ block: ReadBlock, _ reading: (ModbusTag, Int) -> Reading) {
        intake.deliver { builder in
            for member in block.members {
                builder.append(reading(tags[member.item], member.offset), of: ids[member.item])
            }
        }
    }
}

/// Whether the lane has room for what a poll would bring.
final class DemandGate: LaneListener {
    private let open = Atomic(true)

    var isOpen: Bool { open.load(ordering: .relaxed) }

    func durable(upTo ticket: Ticket) {}  // Modbus has no acknowledgement that would wait for it.

    func demand(open: Bool) {
        self.open.store(open, ordering: .relaxed)
    }
}
