package import ConnectorModel
package import Logging
import ModbusClient
import ModbusCore
package import NIOCore
import NIOPosix
import Synchronization

/// Polls the registers of one Modbus device, or of the units behind a gateway or on a serial line.
package final class ModbusSource: Source {
    package let identity: SourceIdentity
    private let configuration: ModbusSourceConfiguration
    private let tags: [ModbusTag]
    private let groups: [PollGroup]
    /// Whether more than one unit is asked.
    private let hasSeveralUnits: Bool
    private let group: any EventLoopGroup
    private let logger: Logger
    /// How often the device has hung up on several requests at once.
    private let hangUps = Atomic(0)

    package init(
        _ configuration: ModbusSourceConfiguration, logger: Logger,
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) {
        identity = SourceIdentity(
            name: configuration.name, protocolType: "modbus", endpoint: configuration.endpoint,
            statusName: ModbusStatus.name)
        self.configuration = configuration
        tags = ModbusTag.tags(of: configuration)
        groups = PollGroup.groups(tags, planner: configuration.planner)
        hasSeveralUnits = Set(groups.map(\.unit)).count > 1
        self.group = group
        self.logger = logger
    }

    package func run(_ intake: Intake) async throws {
        let isLockStep = isLockStep
        do {
            try await ModbusLink.withConnection(
                to: configuration.address, configuration: configuration.client(isLockStep: isLockStep), group: group,
                logger: logger
            ) { connection in
                try await serve(connection, intake, isPipelined: isPipelined && !isLockStep)
            }
        } catch let error as ModbusClientError {
            throw SourceFailure(.transient, error.message)
        } catch is PipeliningRefused {
            hungUp()
            throw SourceFailure(
                .transient, "\(configuration.address): the device loses requests when several are under way")
        }
    }

    /// Whether requests may be under way together, unless the device shows that it does not like that.
    private var isPipelined: Bool {
        !configuration.address.framing.isSerial && (configuration.options.maxInFlight > 1 || hasSeveralUnits)
    }

    /// A device that hangs up on several requests of one unit shows its nature at once; that a gateway hangs up while
    /// several units are asked may be chance the first time.
    private var isLockStep: Bool {
        isPipelined && hangUps.load(ordering: .relaxed) >= (configuration.options.maxInFlight > 1 ? 1 : 2)
    }

    /// Polls until the connection ends or the task is cancelled.
    private func serve(_ connection: ModbusConnection, _ intake: Intake, isPipelined: Bool) async throws {
        let ids = tags.map { intake.define($0.definition) }
        let health = LinkHealth()
        let gate = DemandGate()
        intake.listen(gate)
        if tags.isEmpty { intake.connected() }
        defer {
            if isPipelined, health.connectionLost, !health.hasCompletedPoll { hungUp() }
        }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for group in groups {
                let poller = GroupPoller(
                    group: group, connection: connection,
                    receiver: PollReceiver(group: group, tags: tags, ids: ids, intake: intake, health: health),
                    health: health, gate: gate, intake: intake, sharesLine: hasSeveralUnits,
                    isPipelined: isPipelined && configuration.options.maxInFlight > 1, logger: logger)
                tasks.addTask { try await poller.run() }
            }
            tasks.addTask {
                await connection.closed()
                try Task.checkCancellation()
                throw connection.closeError
            }
            defer { tasks.cancelAll() }
            try await tasks.next()
        }
    }

    private func hungUp() {
        hangUps.add(1, ordering: .relaxed)
        guard isLockStep else { return }
        logger.notice(
            "the device cannot take several requests at once; it gets one at a time from now on",
            metadata: ["source": "\(identity.name)"])
    }
}
