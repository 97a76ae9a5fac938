package import ConnectorModel
import DequeModule
package import MQTTCore

/// Which messages of one connection may be acknowledged, and whether its socket is read.
///
/// A message of QoS 1 or 2 is acknowledged once its readings are durable, in the order of arrival; while the lane has
/// no room acknowledgements are withheld, and the broker's window closes by itself. Messages of QoS 0 know no window:
/// where some came, reading stops instead.
package struct PendingAcknowledgements: Sendable {
    /// What to do after an event.
    package struct Action: Equatable, Sendable {
        /// Acknowledge this message and all before it.
        package var acknowledge: DeliveryToken?
        /// Start or stop reading the socket; nil leaves it as it is.
        package var reading: Bool?

        package init(acknowledge: DeliveryToken? = nil, reading: Bool? = nil) {
            self.acknowledge = acknowledge
            self.reading = reading
        }
    }

    private struct Batch {
        /// Must be durable before any of the batch is acknowledged.
        var ticket: Ticket
        /// The last message of the batch.
        var last: DeliveryToken
    }

    /// At most one for each message in the broker's window.
    private var waiting: Deque<Batch> = []
    private var durable: Ticket?
    /// Safe, and withheld only because the lane has no room.
    private var withheld: DeliveryToken?
    private var isOpen = true
    private var isReading = true
    private var hasUnassured = false

    package init() {}

    /// Batches whose readings are not durable yet.
    package var waitingBatches: Int { waiting.count }

    /// The messages of one read were delivered to the lane.
    ///
    /// - Parameters:
    ///   - last: the last message of QoS 1 or 2 among them; nil when there was none.
    ///   - ticket: what to wait for; nil when they held no reading.
    ///   - hasUnassured: whether there were messages of QoS 0.
    package mutating func delivered(through last: DeliveryToken?, ticket: Ticket?, hasUnassured: Bool) -> Action {
        if hasUnassured { self.hasUnassured = true }
        if let last {
            // The lane's thread may have been faster than this one.
            if let ticket, durable.map({ $0 < ticket }) ?? true {
                waiting.append(Batch(ticket: ticket, last: last))
            } else if waiting.isEmpty {
                withheld = last
            } else {
                // Nothing to wait for but those that came before.
                waiting[waiting.count - 1].last = last
            }
        }
        return settle()
    }

    /// Everything up to a ticket is durable.
    package mutating func durable(upTo ticket: Ticket) -> Action {
        durable = max(durable ?? ticket, ticket)
        while let first = waiting.first, first.ticket <= ticket {
            withheld = first.last
            waiting.removeFirst()
        }
        return settle()
    }

    /// The lane has room, or has none.
    package mutating func demand(open: Bool) -> Action {
        isOpen = open
        return settle()
    }

    private mutating func settle() -> Action {
        var action = Action()
        if isOpen, let token = withheld {
            action.acknowledge = token
            withheld = nil
        }
        let wantsReading = isOpen || !hasUnassured
        if wantsReading != isReading {
            isReading = wantsReading
            action.reading = wantsReading
        }
        return action
    }
}
