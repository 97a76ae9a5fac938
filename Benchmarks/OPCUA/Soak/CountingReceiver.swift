import Glibc
package import OPCUAClient
package import OPCUATypes
import Synchronization

/// What a subscriber counts. A client handle is the number of the item.
package protocol NotificationCounter: Sendable {
    /// A message has come at `now`, in microseconds of UTC.
    mutating func received(_ message: NotificationReader, of subscription: UInt32, now: Int64) throws
    /// So many messages will never come.
    mutating func lost(_ messages: Int)
}

/// What a subscriber to counting items has seen.
package struct ItemCounts: Hashable, Sendable {
    /// Values of all items, bad ones too.
    package var values = 0
    /// Values that were not one above the item's last: a tick was lost before it.
    package var gaps = 0
    /// Values at or below the item's last: one came twice or out of order.
    package var repeats = 0
    package var bad = 0
    package var messages = 0
    /// Messages whose sequence number did not follow the one before.
    package var sequenceGaps = 0
    /// Messages that the server no longer had.
    package var lost = 0
    /// The highest tick that any item has shown.
    package var lastTick = 0
    /// Ticks missing in the gaps.
    package var missing = 0

    package init() {}
}

/// Follows the count of every item, four bytes each. A pure value; a client handle is the number of the item.
package struct ItemCounter: NotificationCounter {
    package private(set) var counts = ItemCounts()
    private var last: [UInt32]
    private var lastSequence: [UInt32: UInt32] = [:]

    package init(items: Int) { last = [UInt32](repeating: 0, count: items) }

    /// Items that have shown a value that counts.
    package var itemsSeen: Int { last.count { $0 > 0 } }

    package mutating func received(_ message: NotificationReader, of subscription: UInt32, now: Int64 = 0) throws {
        counts.messages += 1
        if let before = lastSequence[subscription], message.sequenceNumber != before &+ 1 { counts.sequenceGaps += 1 }
        lastSequence[subscription] = message.sequenceNumber
        try message.forEach { sample in
            counts.values += 1
            guard sample.status.isGood, case .double(let value) = sample.value,
                let tick = UInt32(exactly: value), sample.clientHandle < last.count
            else {
                counts.bad += 1
                return
            }
            let item = Int(sample.clientHandle)
            let before = last[item]
            // The first value of an item may be any.
            if tick <= before {
                counts.repeats += 1
            } else if before > 0, tick != before + 1 {
                counts.gaps += 1
                counts.missing += Int(tick - before - 1)
            }
            last[item] = tick
            counts.lastTick = max(counts.lastTick, Int(tick))
        }
    }

    package mutating func lost(_ messages: Int) { counts.lost += messages }
}

/// Counts what a connection brings and acknowledges it at once.
package final class CountingReceiver<Counter: NotificationCounter>: OPCUAReceiver {
    private struct State {
        var counter: Counter
        var connection: OPCUAConnection?
    }

    private let state: Mutex<State>

    package init(_ counter: Counter) { state = Mutex(State(counter: counter)) }

    /// Messages are acknowledged over this connection from now on.
    package func use(_ connection: OPCUAConnection) { state.withLock { $0.connection = connection } }

    /// Runs a short piece of work on the counter; no message is counted meanwhile.
    package func withCounter<T: Sendable>(_ body: (inout Counter) -> T) -> T {
        state.withLock { body(&$0.counter) }
    }

    package func notifications(_ message: NotificationReader, of subscription: UInt32) throws {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let now = Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
        let connection = try state.withLock { state in
            try state.counter.received(message, of: subscription, now: now)
            return state.connection
        }
        connection?.acknowledge([(subscription, message.sequenceNumber)])
    }

    package func lost(_ messages: Int, of subscription: UInt32) {
        state.withLock { $0.counter.lost(messages) }
    }
}

extension CountingReceiver<ItemCounter> {
    package var counts: ItemCounts { withCounter { $0.counts } }
    package var itemsSeen: Int { withCounter { $0.itemsSeen } }
}
