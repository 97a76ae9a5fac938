import ConnectorModel
import OPCUAClient
import OPCUATypes
import Synchronization

/// Turns notification messages into readings, and acknowledges a message once its readings are durable.
final class SubscriptionReceiver: OPCUAReceiver, LaneListener {
    private struct State {
        var connection: OPCUAConnection?
        var tags = SourceTags()
        var modelChanged: @Sendable () -> Void = {}
        var unacknowledged = UnacknowledgedMessages()
    }

    private let intake: Intake
    private let state = Mutex(State())

    init(_ intake: Intake) {
        self.intake = intake
    }

    /// Notifications of these tags come from now on; a client handle is theirs.
    /// - Parameter modelChanged: called when the server says so, on the connection's event loop.
    func subscribed(
        _ connection: OPCUAConnection, _ tags: SourceTags, modelChanged: @escaping @Sendable () -> Void
    ) {
        state.withLock { state in
            state.connection = connection
            state.tags = tags
            state.modelChanged = modelChanged
        }
    }

    func notifications(_ message: NotificationReader, of subscription: UInt32) throws {
        let (tags, modelChanged) = state.withLock { ($0.tags, $0.modelChanged) }
        let ticket = try tags.deliver(message, to: intake)
        if try message.events().contains(where: { $0.clientHandle == Monitoring.modelChangeHandle }) { modelChanged() }
        let connection = state.withLock { state in
            let isSafe = state.unacknowledged.received(message.sequenceNumber, of: subscription, ticket: ticket)
            return isSafe ? state.connection : nil
        }
        connection?.acknowledge([(subscription, message.sequenceNumber)])
    }

    func lost(_ messages: Int, of subscription: UInt32) {
        intake.missed(messages)
    }

    func durable(upTo ticket: Ticket) {
        let (connection, messages) = state.withLock { ($0.connection, $0.unacknowledged.durable(upTo: ticket)) }
        if !messages.isEmpty { connection?.acknowledge(messages) }
    }

    func demand(open: Bool) {
        state.withLock { $0.connection }?.demand(open)
    }
}

/// Messages that were delivered and are not yet durable, in order.
struct UnacknowledgedMessages {
    private var waiting: [(ticket: Ticket, subscription: UInt32, number: UInt32)] = []
    /// The highest ticket known to be durable.
    private var durable: Ticket?

    /// A message was delivered under a ticket; nil means that nothing of it needs to become durable.
    /// - Returns: whether it may be acknowledged at once: a quick lane says "durable" before its ticket gets here.
    mutating func received(_ number: UInt32, of subscription: UInt32, ticket: Ticket?) -> Bool {
        guard let ticket else { return true }
        if let durable, ticket <= durable { return true }
        waiting.append((ticket, subscription, number))
        return false
    }

    /// The messages that may be acknowledged now.
    mutating func durable(upTo ticket: Ticket) -> [(subscription: UInt32, number: UInt32)] {
        durable = max(durable ?? ticket, ticket)
        let count = waiting.prefix { $0.ticket <= ticket }.count
        defer { waiting.removeFirst(count) }
        return waiting.prefix(count).map { ($0.subscription, $0.number) }
    }
}
