import ConnectorModel
import Logging
import MQTTClient
import MQTTCore
import NIOCore
import SparkplugB
import Synchronization

/// Turns the messages of one connection into readings, as the host application of Sparkplug B.
///
/// Messages come on the connection's event loop, time passes on the source's task, durability comes on the lane's
/// thread. A batch is read and delivered under one lock, so that batches stay in order; a lane that answers at once
/// takes the other lock only.
final class SparkplugReceiver: MQTTReceiver, LaneListener {
    private let intake: Intake
    private let logger: Logger
    private let reading: Mutex<SparkplugReader>
    private let link: Mutex<Link>
    private let counters: MQTTCounters
    /// Says again that the host is there; nil when it does not say so.
    private let state: Publish?
    private let complaints = Mutex<Set<String>>([])

    private struct Link {
        var connection: MQTTConnection?
        var pending = PendingAcknowledgements()
    }

    /// - Parameter state: the message that says that the host is there; nil when it says nothing.
    init(
        _ intake: Intake, reader: SparkplugReader, state: Publish?, counters: MQTTCounters, logger: Logger
    ) {
        self.intake = intake
        self.logger = logger
        self.counters = counters
        self.state = state
        reading = Mutex(reader)
        link = Mutex(Link())
    }

    /// The host as it is now, for the next connection.
    var reader: SparkplugReader { reading.withLock { $0 } }

    /// For pages: what the host has met.
    var diagnostics: SourceDiagnostics { reading.withLock { $0.diagnostics } }

    /// Milliseconds of a clock that never jumps.
    private static func now() -> UInt64 { NIODeadline.now().uptimeNanoseconds / 1_000_000 }

    // MARK: From the connection

    func connected(_ connection: MQTTConnection) {
        reading.withLock { $0.connected() }
        link.withLock { $0.connection = connection }
        intake.listen(self)
    }

    func received(_ publish: Publish, token: DeliveryToken?) {
        let now = Self.now()
        reading.withLock { $0.read(publish, token: token, now: now) }
    }

    func readComplete() { deliver { _ in } }

    /// Tries a payload once more that was refused before.
    func decodeAgain(_ payload: RefusedPayload) -> Bool {
        let now = Self.now()
        deliver { $0.readAgain(payload, now: now) }
        return true
    }

    /// Called when the topics are subscribed to.
    func subscribed() {
        let now = Self.now()
        deliver { $0.subscribed(now: now) }
    }

    /// Called now and then: messages wait for their predecessors no longer than they should.
    func timePassed() {
        let now = Self.now()
        guard let deadline = reading.withLock({ $0.host.deadline }), deadline <= now else { return }
        deliver { $0.timePassed(now: now) }
    }

    private func deliver(_ event: (inout SparkplugReader) -> Void) {
        let (batch, refused, action) = reading.withLock { reader in
            event(&reader)
            let batch = reader.takeBatch(define: intake.define)
            let ticket = intake.deliver { builder in reader.append(batch, to: &builder) }
            let refused = ticket?.isRejected == true ? batch.tokens : nil
            let action = link.withLock {
                $0.pending.delivered(
                    through: refused == nil ? batch.tokens?.last : nil, ticket: ticket,
                    hasUnassured: batch.hasUnassured)
            }
            return (batch, refused, action)
        }
        // The broker hears that its messages found no room (reason 0x97).
        if let refused {
            link.withLock { $0.connection }?.refuse(from: refused.first, through: refused.last, .quotaExceeded)
        }
        counters.add(batch.counts)
        if batch.counts.redelivered > 0 { intake.redelivered(batch.counts.redelivered) }
        perform(action)
        report(batch)
    }

    private func report(_ batch: SparkplugReader.Batch) {
        for refusal in batch.refused { complain(refusal.topic, "\(refusal.reason)") }
        var messages = batch.rebirths.map(SparkplugMessages.rebirth)
        if batch.republishesState, let state { messages.append(state) }
        if !messages.isEmpty { link.withLock { $0.connection }?.post(messages) }
    }

    /// Says what is wrong with the messages of a topic, once.
    private func complain(_ topic: String, _ reason: String) {
        let isNew = complaints.withLock { $0.count < 1000 && $0.insert(topic).inserted }
        if isNew { logger.warning("a message under \"\(topic)\" is not understood: \(reason)") }
    }

    // MARK: From the lane

    func durable(upTo ticket: Ticket) {
        perform(link.withLock { $0.pending.durable(upTo: ticket) })
    }

    func demand(open: Bool) {
        perform(link.withLock { $0.pending.demand(open: open) })
    }

    private func perform(_ action: PendingAcknowledgements.Action) {
        guard let connection = link.withLock({ $0.connection }) else { return }
        if let token = action.acknowledge { connection.acknowledge(through: token) }
        if let wanted = action.reading { connection.demand(wanted) }
    }
}
