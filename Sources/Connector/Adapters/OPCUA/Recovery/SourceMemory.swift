import ConnectorModel
import Logging
import OPCUAClient
import OPCUACore
import OPCUATypes
import Synchronization

/// What a source keeps from connection to connection: the ladder's memory, who receives, and what is monitored where.
final class SourceMemory: Sendable {
    private struct State {
        var endpoint: String?
        var recovery = OPCUARecovery()
        var intake: Intake?
        var receiver: SubscriptionReceiver?
        var held: [Monitoring.Held] = []
    }

    private let state = Mutex(State())
    private let file: CursorFile?

    /// - Parameter file: where a later run of the program looks; nil keeps nothing beyond this one.
    init(_ file: CursorFile?) { self.file = file }

    /// A connection to an endpoint begins. What another endpoint knew is of no use there.
    func connection(to endpoint: String, _ intake: Intake) -> (recovery: OPCUARecovery, receiver: SubscriptionReceiver)
    {
        state.withLock { state in
            if state.endpoint != endpoint {
                state.endpoint = endpoint
                state.recovery = OPCUARecovery()
                state.held = []
            }
            let known = state.intake === intake ? state.receiver : nil
            let receiver = known ?? SubscriptionReceiver(intake)
            state.intake = intake
            state.receiver = receiver
            return (state.recovery, receiver)
        }
    }

    /// A connection ended. One that ended in good order left nothing at the server, and nothing is to be looked for.
    func connectionEnded() {
        let isEmpty = state.withLock { state in
            guard state.recovery.subscriptions.isEmpty, !state.held.isEmpty else { return false }
            state.held = []
            state.receiver?.forget(allBut: [])
            return true
        }
        if isEmpty { file?.remove() }
    }

    /// Subscriptions that the server may still hold for this source, of which none was kept.
    var abandoned: [UInt32] {
        state.withLock { $0.held.isEmpty ? $0.recovery.subscriptions.map(\.id) : [] }
    }

    /// An earlier run of the program may have left subscriptions.
    var hasCursor: Bool { state.withLock { $0.held.isEmpty } && file?.read() != nil }

    /// What is monitored has changed.
    func keep(_ held: [Monitoring.Held], _ tags: SourceTags, _ reading: TagReading) {
        let (endpoint, remembered) = state.withLock { state in
            state.held = held
            return (state.endpoint, state.recovery.subscriptions)
        }
        guard let file, let endpoint else { return }
        file.write(
            SubscriptionCursor(
                endpoint: endpoint, outline: tags.outline(reading), remembered: remembered, held: held,
                items: tags.monitored()))
    }

    /// The subscriptions of this source's last connection go on.
    /// - Returns: those that do; nil when none does, and all must be made anew.
    func resume(_ connection: OPCUAConnection) async throws -> [Monitoring.Held]? {
        let held = state.withLock { $0.held }
        guard !held.isEmpty else { return nil }
        return kept(held, try await connection.resumeSubscriptions())
    }

    /// The subscriptions that an earlier run of the program left go on, if they are for the same tags.
    func takeOver(
        _ connection: OPCUAConnection, _ tags: SourceTags, _ reading: TagReading
    ) async throws -> [Monitoring.Held]? {
        let (endpoint, held) = state.withLock { ($0.endpoint, $0.held) }
        guard held.isEmpty, let cursor = file?.read(), cursor.endpoint == endpoint,
            cursor.outline == tags.outline(reading)
        else { return nil }
        let left = cursor.remembered.map { subscription in
            var subscription = subscription
            // Which was the last to become durable is not written with every message; the server knows what it holds.
            subscription.next = nil
            return subscription
        }
        tags.restore(cursor.items)
        let resumed = try await connection.resumeSubscriptions(adopting: left)
        guard let kept = kept(cursor.held, resumed) else {
            tags.restore([])
            return nil
        }
        return kept
    }

    private func kept(_ held: [Monitoring.Held], _ resumed: Set<UInt32>) -> [Monitoring.Held]? {
        let kept = held.filter { resumed.contains($0.id) }
        state.withLock { state in
            state.held = kept
            state.receiver?.forget(allBut: resumed)
        }
        return kept.isEmpty ? nil : kept
    }
}
