package import NIOCore

/// When a socket is read next, so that messages which come one by one, and quickly, are read together.
///
/// A broker writes each message by itself. A reader that is quicker wakes up for each of them, and a wake-up costs more
/// than the message. So once several reads came within one interval there is one read in each, until a read finds that
/// nothing waited for it. A stream that is slow, or that fills whole reads, is read at once.
package struct ReadPace: Equatable, Sendable {
    /// What to do when somebody wants to read.
    package enum Action: Equatable, Sendable {
        case read
        case wait(until: NIODeadline)
    }

    private enum State: Equatable, Sendable {
        /// Reads are counted from a moment on.
        case free(since: NIODeadline, reads: Int)
        /// One read in each interval; the next one began to listen at a moment.
        case paced(listening: NIODeadline)
    }

    /// Reads within one interval that start the pace.
    package static let readsMax = 4
    /// A read of so many bytes is followed at once: there is more.
    package static let bytesMax = 65_536

    private let interval: TimeAmount
    private var state: State
    private var lastRead: NIODeadline
    private var isFull = false

    /// - Parameter interval: between two reads of a quick stream; 0 always reads at once.
    package init(interval: TimeAmount, now: NIODeadline) {
        self.interval = interval
        state = .free(since: now, reads: 0)
        lastRead = now
    }

    /// A read is over.
    package mutating func readComplete(bytes: Int, now: NIODeadline) {
        guard interval > .zero else { return }
        isFull = bytes >= Self.bytesMax
        lastRead = now
        switch state {
        case .free(let since, let reads):
            if now - since >= interval {
                state = .free(since: now, reads: 1)
            } else {
                state = reads + 1 >= Self.readsMax ? .paced(listening: now) : .free(since: since, reads: reads + 1)
            }
        case .paced(let listening):
            // What waited is there at once; this had to be waited for, so that the stream is slower than the pace.
            if now - listening > .nanoseconds(interval.nanoseconds / 2) { state = .free(since: now, reads: 0) }
        }
    }

    /// Somebody wants to read: now, or when the pace allows it. To be asked again then.
    package mutating func readWanted(now: NIODeadline) -> Action {
        guard case .paced = state else { return .read }
        let due = lastRead + interval
        guard isFull || now >= due else { return .wait(until: due) }
        state = .paced(listening: now)
        return .read
    }
}
