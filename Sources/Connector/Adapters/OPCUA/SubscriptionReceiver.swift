import ConnectorModel
import OPCUAClient
import OPCUATypes
import Synchronization

/// Turns notification messages into readings, and acknowledges a message once its readings are durable. Outlives
/// connections: what one brought becomes durable during the next.
final class SubscriptionReceiver: OPCUAReceiver, LaneListener {
    private struct State {
        var connection: OPCUAConnection?
        var tags = SourceTags()
        var unacknowledged = UnacknowledgedMessages()
        /// The lane has room.
        var hasRoom = true
        /// Messages that wait until the past before them is delivered; nil while none has to.
        var held: [(message: NotificationReader, subscription: UInt32)]?
    }

    /// Most messages held; then the server holds the rest.
    static let maxHeld = 64

    private let intake: Intake
    private let state = Mutex(State())

    init(_ intake: Intake) {
        self.intake = intake
    }

    /// Notifications of these tags come from now on; a client handle is theirs.
    func subscribed(_ connection: OPCUAConnection, _ tags: SourceTags) {
        state.withLock { state in
            state.connection = connection
            state.tags = tags
        }
    }

    /// All other subscriptions are gone: what was to be acknowledged there means nothing to new ones of the same number.
    func forget(allBut subscriptions: Set<UInt32>) {
        state.withLock { $0.unacknowledged.forget(allBut: subscriptions) }
    }

    func notifications(_ message: NotificationReader, of subscription: UInt32) throws {
        let (isHeld, full) = state.withLock { state -> (Bool, OPCUAConnection?) in
            guard let count = state.held?.count else { return (false, nil) }
            state.held?.append((message, subscription))
            return (true, count + 1 >= Self.maxHeld ? state.connection : nil)
        }
        full?.demand(false)
        if !isHeld { try take(message, of: subscription) }
    }

    private func take(_ message: NotificationReader, of subscription: UInt32) throws {
        let tags = state.withLock { $0.tags }
        let ticket = try tags.deliver(message, to: intake)
        let connection = state.withLock { state in
            let isSafe = state.unacknowledged.received(message.sequenceNumber, of: subscription, ticket: ticket)
            return isSafe ? state.connection : nil
        }
        connection?.acknowledge([(subscription, message.sequenceNumber)])
    }

    func lost(_ messages: Int, of subscription: UInt32) {
        intake.missed(messages)
    }

    func republished(_ messages: Int, of subscription: UInt32) {
        intake.redelivered(messages)
    }

    func durable(upTo ticket: Ticket) {
        let (connection, messages) = state.withLock { ($0.connection, $0.unacknowledged.durable(upTo: ticket)) }
        if !messages.isEmpty { connection?.acknowledge(messages) }
    }

    func demand(open: Bool) {
        let connection = state.withLock { state in
            state.hasRoom = open
            return state.held == nil || !open ? state.connection : nil
        }
        connection?.demand(open)
    }

    // MARK: Holding new values while older ones are fetched

    /// From now on messages are kept.
    func hold() {
        state.withLock { $0.held = [] }
    }

    /// The first source time of each client handle among the messages that are kept.
    func heldTimes() throws -> [Int: DateTime] {
        var times: [Int: DateTime] = [:]
        for (message, _) in state.withLock({ $0.held ?? [] }) {
            try message.forEach { sample in
                let handle = Int(sample.clientHandle)
                if times[handle] == nil { times[handle] = sample.sourceTimestamp }
            }
        }
        return times
    }

    /// Delivers the messages that were kept, in their order, and goes on.
    func release() throws {
        while true {
            let batch = state.withLock { state -> [(message: NotificationReader, subscription: UInt32)] in
                let batch = state.held ?? []
                // What comes while this batch is delivered waits behind it.
                state.held = batch.isEmpty ? nil : []
                return batch
            }
            for (message, subscription) in batch { try take(message, of: subscription) }
            if batch.isEmpty { break }
        }
        let (connection, hasRoom) = state.withLock { ($0.connection, $0.hasRoom) }
        connection?.demand(hasRoom)
    }

    /// Waits while the lane has no room.
    func waitForRoom() async throws {
        while !state.withLock({ $0.hasRoom }) { try await Task.sleep(for: .milliseconds(50)) }
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

    /// All other subscriptions are gone.
    mutating func forget(allBut subscriptions: Set<UInt32>) {
        waiting.removeAll { !subscriptions.contains($0.subscription) }
    }

    /// The messages that may be acknowledged now.
    mutating func durable(upTo ticket: Ticket) -> [(subscription: UInt32, number: UInt32)] {
        durable = max(durable ?? ticket, ticket)
        let count = waiting.prefix { $0.ticket <= ticket }.count
        defer { waiting.removeFirst(count) }
        return waiting.prefix(count).map { ($0.subscription, $0.number) }
    }
}
