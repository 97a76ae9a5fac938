import MQTTCore
import NIOConcurrencyHelpers
import NIOCore

/// The one owner of the routing state: the core and the connections behind one lock.
///
/// Packets for a connection enter its outbox under the lock, so that their order is the order of the core's
/// decisions on whatever threads these are taken.
final class BrokerState: Sendable {
    private struct Guarded {
        var core: BrokerCore
        var outboxes: [ConnectionID: Outbox] = [:]
        var lastConnection: ConnectionID = 0
        var isStopping = false
    }

    private let guarded: NIOLockedValueBox<Guarded>
    let configuration: BrokerConfiguration

    init(_ configuration: BrokerConfiguration) {
        self.configuration = configuration
        guarded = NIOLockedValueBox(Guarded(core: BrokerCore(limits: configuration.limits)))
    }

    /// Takes a step of the core and sends its effects on their way.
    func step<Result>(_ body: (inout BrokerCore, inout BrokerEffects) -> Result) -> Result {
        let (result, awake) = guarded.withLockedValue { state in
            var effects = BrokerEffects()
            let result = body(&state.core, &effects)
            return (result, Self.distribute(effects, to: state.outboxes))
        }
        for outbox in awake { outbox.wake() }
        return result
    }

    private static func distribute(
        _ effects: BrokerEffects, to outboxes: [ConnectionID: Outbox]
    ) -> [Outbox] {
        var awake: [Outbox] = []
        for (connection, packets) in effects.outgoing {
            guard let outbox = outboxes[connection] else { continue }
            if outbox.append(packets) { awake.append(outbox) }
        }
        for (connection, reason) in effects.closing {
            guard let outbox = outboxes[connection] else { continue }
            if outbox.close(reason) { awake.append(outbox) }
        }
        return awake
    }

    var statistics: BrokerStatistics { guarded.withLockedValue { $0.core.statistics } }

    /// Enters a new connection.
    ///
    /// - Returns: its number; nil when the broker is full or stops.
    func enter(_ outbox: Outbox) -> ConnectionID? {
        guarded.withLockedValue { state in
            guard !state.isStopping, state.outboxes.count < configuration.limits.maximumConnections else {
                state.core.counters.connectionsRefused += 1
                return nil
            }
            state.lastConnection += 1
            state.outboxes[state.lastConnection] = outbox
            return state.lastConnection
        }
    }

    /// Takes a connection out; its session stays in the core.
    func leave(_ connection: ConnectionID) {
        guarded.withLockedValue { $0.outboxes[connection] = nil }
    }

    /// No connection is let in any more; those that are in are closed.
    ///
    /// - Returns: what is fulfilled when each of them is closed.
    func stop() -> [EventLoopFuture<Void>] {
        let outboxes = guarded.withLockedValue { state in
            state.isStopping = true
            return Array(state.outboxes.values)
        }
        for outbox in outboxes where outbox.close(.serverShuttingDown) { outbox.wake() }
        return outboxes.map(\.closed)
    }

    func start() { guarded.withLockedValue { $0.isStopping = false } }
}
