import ConnectorModel
import ModbusClient
import ModbusCore
import Synchronization

/// What is known of a connection, whichever group learned it.
final class LinkHealth: Sendable {
    private let hasAnswered = Atomic(false)
    private let hasClosed = Atomic(false)
    private let hasPolled = Atomic(false)

    /// Whether a request went without an answer because the connection ended.
    var connectionLost: Bool { hasClosed.load(ordering: .acquiring) }

    /// Whether a group has been through a whole poll on this connection.
    var hasCompletedPoll: Bool { hasPolled.load(ordering: .acquiring) }

    func completedPoll() {
        hasPolled.store(true, ordering: .releasing)
    }

    func closed() {
        hasClosed.store(true, ordering: .releasing)
    }

    /// True for the first answer of the connection.
    func answered() -> Bool {
        !hasAnswered.exchange(true, ordering: .relaxed)
    }
}

/// Turns a group's outcomes into readings, on the connection's event loop, as they come in.
final class PollReceiver: Sendable {
    private let tags: [ModbusTag]
    private let ids: [TagID]
    private let plan: PollPlan
    private let intake: Intake
    private let health: LinkHealth
    private let answers = Atomic(0)
    private let silences = Atomic(0)

    /// - Parameter tags: all of the source, with their ids; the group says which of them are meant.
    init(group: PollGroup, tags: [ModbusTag], ids: [TagID], intake: Intake, health: LinkHealth) {
        self.tags = group.members.map { tags[$0] }
        self.ids = group.members.map { ids[$0] }
        plan = group.plan
        self.intake = intake
        self.health = health
    }

    /// How often the unit has answered, with data or with an exception.
    var answerCount: Int { answers.load(ordering: .acquiring) }

    /// How often the unit has left a request without an answer.
    var silenceCount: Int { silences.load(ordering: .acquiring) }

    /// What became of the request for a block; the moment of the call is the readings' time.
    func receive(_ outcome: RequestOutcome, for block: ReadBlock) {
        switch outcome {
        case .response(.block(let registers)):
            answered()
            plan.answered(block)
            deliver(block) { $0.reading(from: registers, at: $1) }
        case .response(.exception(let code)):
            // A gateway that speaks for a unit says that the unit is silent.
            if code != .gatewayTargetDeviceFailedToRespond { answered() } else { linkAnswered() }
            if plan.refused(block, with: code) { deliver(block, ModbusStatus.exception(code)) }
        case .response(.deviceIdentification): deliver(block, ModbusStatus.invalidResponse)
        case .invalid(.checksum): deliver(block, ModbusStatus.checksum)
        case .invalid:
            answered()
            deliver(block, ModbusStatus.invalidResponse)
        case .timeout:
            silences.add(1, ordering: .releasing)
            notAnswered(block)
        case .queueFull: notAnswered(block)
        case .closed:
            health.closed()
            deliver(block, ModbusStatus.closed)
        }
    }

    /// The block was not asked for, or in vain.
    func notAnswered(_ block: ReadBlock) {
        deliver(block, ModbusStatus.timeout)
    }

    private func answered() {
        answers.add(1, ordering: .releasing)
        linkAnswered()
    }

    /// A device counts as connected once it has answered anything at all.
    private func linkAnswered() {
        if health.answered() { intake.connected() }
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
