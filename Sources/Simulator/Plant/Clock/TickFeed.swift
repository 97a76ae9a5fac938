import Synchronization

/// Whatever shows the plant to somebody: an endpoint, the truth log.
package protocol TickReceiver: AnyObject, Sendable {
    /// Takes over the values of a tick. Called on the plant's thread, one tick after the other, in order.
    ///
    /// Must be quick and must not wait for a network. An error ends the simulator: throw only when going on
    /// would be dishonest, as when the truth log cannot be written.
    func received(_ tick: Tick) throws
}

/// Hands each tick to all receivers before the next one: what one consumer sees at a time, all see.
package final class TickFeed: Sendable {
    private let receivers = Mutex<[any TickReceiver]>([])
    private let shown: Mutex<Tick>

    /// A feed that shows `tick` until the first one is published.
    package init(_ tick: Tick) { shown = Mutex(tick) }

    /// The values of now.
    package var latest: Tick { shown.withLock { $0 } }

    /// Adds a receiver; it gets the values of now before this returns.
    ///
    /// The lock is held while a tick is handed on, so no receiver sees a tick twice or out of order.
    package func join(_ receiver: any TickReceiver) throws {
        try receivers.withLock { receivers in
            try receiver.received(latest)
            receivers.append(receiver)
        }
    }

    /// Takes a receiver out; when this returns it gets no more ticks.
    package func leave(_ receiver: any TickReceiver) {
        receivers.withLock { receivers in receivers.removeAll { $0 === receiver } }
    }

    /// Hands a tick to all receivers in the order in which they joined.
    package func publish(_ tick: Tick) throws {
        try receivers.withLock { receivers in
            shown.withLock { $0 = tick }
            for receiver in receivers { try receiver.received(tick) }
        }
    }
}
