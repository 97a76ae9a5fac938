package import ConnectorModel
package import Logging
import ModbusClient
import ModbusCore
package import NIOCore
import NIOPosix
import Synchronization

/// Polls the registers of one Modbus device or of one unit behind a gateway.
package final class ModbusSource: Source {
    package let identity: SourceIdentity
    private let configuration: ModbusSourceConfiguration
    private let tags: [ModbusTag]
    private let plan: PollPlan
    private let group: any EventLoopGroup
    private let logger: Logger
    /// Set when the device has hung up on several requests at once; from then on it gets one at a time.
    private let lockStepOnly = Atomic(false)

    package init(
        _ configuration: ModbusSourceConfiguration, logger: Logger,
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) {
        identity = SourceIdentity(
            name: configuration.name, protocolType: "modbus", endpoint: configuration.endpoint,
            statusName: ModbusStatus.name)
        self.configuration = configuration
        tags = ModbusTag.tags(of: configuration)
        plan = PollPlan(tags.map(\.item))
        self.group = group
        self.logger = logger
    }

    package func run(_ intake: Intake) async throws {
        let maxInFlight = lockStepOnly.load(ordering: .relaxed) ? 1 : configuration.maxInFlight
        do {
            try await ModbusTCPClient.withConnection(
                to: configuration.address,
                configuration: ModbusClientConfiguration(
                    maxInFlight: maxInFlight,
                    timeout: .microseconds(configuration.timeout.wholeMicroseconds)),
                group: group, logger: logger
            ) { connection in
                try await serve(connection, intake, isPipelined: maxInFlight > 1)
            }
        } catch let error as ModbusClientError {
            throw SourceFailure(.transient, error.message)
        }
    }

    /// Polls until the connection ends or the task is cancelled.
    private func serve(_ connection: ModbusConnection, _ intake: Intake, isPipelined: Bool) async throws {
        let receiver = PollReceiver(tags: tags, plan: plan, intake: intake)
        let gate = DemandGate()
        intake.listen(gate)
        if tags.isEmpty { intake.connected() }
        defer {
            if isPipelined, receiver.connectionLost, !receiver.hasCompletedPoll { fallBackToLockStep() }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [self] in try await poll(connection, receiver, gate, intake) }
            group.addTask {
                await connection.closed()
                try Task.checkCancellation()
                throw connection.closeError
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func poll(
        _ connection: ModbusConnection, _ receiver: PollReceiver, _ gate: DemandGate, _ intake: Intake
    ) async throws {
        let clock = ContinuousClock()
        var schedule = PollSchedule(start: clock.now, interval: configuration.pollInterval)
        var isLate = false
        while true {
            try await clock.sleep(until: schedule.due, tolerance: .zero)
            guard connection.isOpen else { throw connection.closeError }
            if gate.isOpen {
                try await pollOnce(connection, receiver)
                if receiver.connectionLost { throw connection.closeError }
                receiver.completedPoll()
            } else {
                intake.pollSkipped()
            }
            if schedule.advance(past: clock.now) > 0, !isLate {
                isLate = true
                logger.warning(
                    "a poll takes longer than poll_interval_ms, so polls are left out; raise it or read less",
                    metadata: ["source": "\(identity.name)"])
            }
        }
    }

    private func pollOnce(_ connection: ModbusConnection, _ receiver: PollReceiver) async throws {
        var blocks = plan.begin()
        while !blocks.isEmpty, !receiver.connectionLost {
            let asked = blocks
            let requests = asked.map { UnitRequest(unit: $0.unit, read: $0.request) }
            try await connection.perform(requests) { index, outcome in
                receiver.receive(outcome, for: asked[index])
            }
            blocks = plan.takeRetries()
        }
    }

    private func fallBackToLockStep() {
        lockStepOnly.store(true, ordering: .relaxed)
        logger.notice(
            "the device hung up on several requests at once; it gets one at a time from now on",
            metadata: ["source": "\(identity.name)"])
    }
}
