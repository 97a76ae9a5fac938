import ConnectorModel
import Logging
import MQTTClient
import MQTTCore
import Synchronization

/// Turns the messages of one connection into readings and gives acknowledgements back when they are due.
///
/// Messages come on the connection's event loop and are delivered once per read; durability and demand come on the
/// lane's thread. Each has a lock of its own, and neither is held while readings are delivered: a lane may answer at
/// once, on the same thread.
final class MessageReceiver: MQTTReceiver, LaneListener {
    private let intake: Intake
    private let logger: Logger
    private let reading: Mutex<BatchReader>
    private let link: Mutex<Link>
    private let counters: MQTTCounters

    private struct Link {
        var connection: MQTTConnection?
        var pending = PendingAcknowledgements()
    }

    init(
        _ intake: Intake, tags: TopicTags, maximumAge: Duration? = nil, counters: MQTTCounters, logger: Logger
    ) {
        self.intake = intake
        self.logger = logger
        self.counters = counters
        reading = Mutex(BatchReader(tags: tags, maximumAge: maximumAge))
        link = Mutex(Link())
    }

    /// The tags as they are now, for the next connection.
    var tags: TopicTags { reading.withLock { $0.tags } }

    /// Reads a payload once more that was refused before.
    @Sendable func decodeAgain(_ payload: RefusedPayload) -> Bool {
        let batch = reading.withLock { $0.readAgain(payload, define: intake.define) }
        intake.deliver(receivedAt: payload.time) { batch.append(to: &$0) }
        return true
    }

    // MARK: From the connection

    func connected(_ connection: MQTTConnection) {
        link.withLock { $0.connection = connection }
        intake.listen(self)
    }

    func received(_ publish: Publish, token: DeliveryToken?) {
        let isFirstBeyondLimit = reading.withLock { $0.read(publish, token: token, define: intake.define) }
        if isFirstBeyondLimit {
            logger.warning(
                "there are more tags than the source may have; further ones share the tag \"\(BatchReader.overflowAddress)\": raise variable_limit or narrow the topics"
            )
        }
    }

    func readComplete() {
        var batch = reading.withLock { $0.takeBatch() }
        let ticket = intake.deliver { batch.append(to: &$0) }
        counters.add(batch.counts)
        if batch.counts.redelivered > 0 { intake.redelivered(batch.counts.redelivered) }
        let (first, last, hasUnassured) = (batch.first, batch.last, batch.hasUnassured)
        reading.withLock { $0.giveBack(&batch) }
        if let first, let last, ticket?.isRejected == true {
            // The broker hears that its messages found no room (reason 0x97).
            link.withLock { $0.connection }?.refuse(from: first, through: last, .quotaExceeded)
            perform { $0.delivered(through: nil, ticket: ticket, hasUnassured: hasUnassured) }
        } else {
            perform { $0.delivered(through: last, ticket: ticket, hasUnassured: hasUnassured) }
        }
    }

    // MARK: From the lane

    func durable(upTo ticket: Ticket) {
        perform { $0.durable(upTo: ticket) }
    }

    func demand(open: Bool) {
        perform { $0.demand(open: open) }
    }

    private func perform(_ event: (inout PendingAcknowledgements) -> PendingAcknowledgements.Action) {
        let (action, connection) = link.withLock { (event(&$0.pending), $0.connection) }
        guard let connection else { return }
        if let token = action.acknowledge { connection.acknowledge(through: token) }
        if let wanted = action.reading { connection.demand(wanted) }
    }
}
