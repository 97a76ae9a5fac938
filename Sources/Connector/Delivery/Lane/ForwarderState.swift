import ConnectorJournal
import ConnectorModel
import DequeModule
import Resilience

/// Which batches are under way on which stream, and when the next stream is opened.
///
/// Offsets count from 0 on every stream; an acknowledgement names one and stands for all before it.
struct ForwarderState {
    /// A batch that was handed to the stream.
    private struct Flight {
        /// The last frame that is delivered with it wholly; nil while a large frame is under way.
        var completes: JournalPosition?
        /// The frame behind it of which it sends a part.
        var partial: (position: JournalPosition, cursor: FrameQueue.Cursor)?
        var records: Int
    }

    private struct Stream {
        var nextOffset: Int64 = 0
        var flights: Deque<Flight> = []
        /// Whether this stream has delivered anything: only then the way to the target is known to work.
        var hasDelivered = false

        var firstOffset: Int64 { nextOffset - Int64(flights.count) }
    }

    private enum State {
        case stopped
        case connecting
        case connected(Stream)
        case waiting(TargetFailure?)
    }

    /// What an acknowledgement means.
    enum Acknowledgement: Equatable {
        /// All frames up to here are delivered.
        case release(JournalPosition)
        /// Nothing new, or no frame complete yet.
        case nothing
        /// The target acknowledged what was never sent: its stream cannot be trusted.
        case violation
    }

    private var state = State.stopped
    private(set) var search = RefusalSearch()
    /// Why the record at the front of the queue must go to the dead letters, when it must.
    private(set) var burial: TargetFailure?
    /// How far the frame behind the last release is delivered.
    private(set) var delivered: (position: JournalPosition, cursor: FrameQueue.Cursor)?
    private var backoff: Backoff
    private let maxDelay: Duration
    private(set) var streamsOpened = 0
    private(set) var batchesSent = 0
    private(set) var failures = 0
    private(set) var lastFailure: TargetFailure?

    init(_ limits: RetryLimits) {
        backoff = Backoff(
            initial: limits.initialDelay, maximum: limits.maxDelay, multiplier: limits.multiplier)
        maxDelay = limits.maxDelay
    }

    /// Batches that are not acknowledged.
    var inFlight: Int {
        if case .connected(let stream) = state { stream.flights.count } else { 0 }
    }

    var isConnected: Bool {
        if case .connected = state { true } else { false }
    }

    /// Whether the target could not be reached, or broke off, and has acknowledged nothing since.
    var isDown: Bool {
        switch state {
        case .stopped, .connected, .waiting(.none): false
        case .connecting: lastFailure != nil
        case .waiting(.some): true
        }
    }

    /// The link to the target in words, for pages.
    var words: String {
        switch state {
        case .stopped: "stopped"
        case .connecting: lastFailure.map { "connecting, last failure: \($0.message)" } ?? "connecting"
        case .connected: "connected"
        case .waiting(.none): "between streams"
        case .waiting(.some(let failure)):
            switch failure.disposition {
            case .transient: "waiting to retry: \(failure.message)"
            case .refused, .permanent: "refused: \(failure.message)"
            }
        }
    }

    // MARK: Events

    mutating func connecting() {
        state = .connecting
    }

    mutating func streamOpened() {
        state = .connected(Stream())
        streamsOpened += 1
    }

    /// A batch is about to be sent.
    /// - Parameter completes: the last frame that it sends wholly.
    mutating func batchSent(
        completes: JournalPosition?, partial: (position: JournalPosition, cursor: FrameQueue.Cursor)? = nil,
        records: Int = 1
    ) {
        guard case .connected(var stream) = state else { return }
        stream.flights.append(Flight(completes: completes, partial: partial, records: records))
        stream.nextOffset += 1
        state = .connected(stream)
        batchesSent += 1
    }

    /// Frames turned out to hold nothing that can be sent: they are done with what was sent before them.
    mutating func skipped(completes: JournalPosition) -> Acknowledgement {
        guard case .connected(var stream) = state, !stream.flights.isEmpty else { return .release(completes) }
        stream.flights[stream.flights.count - 1].completes = completes
        state = .connected(stream)
        return .nothing
    }

    /// The target made everything up to `offset` durable.
    mutating func acknowledged(_ offset: Int64) -> Acknowledgement {
        guard case .connected(var stream) = state else { return .nothing }
        guard offset < stream.nextOffset else { return .violation }
        let count = offset - stream.firstOffset + 1
        guard offset >= 0, count > 0 else { return .nothing }
        var completed: JournalPosition?
        var records = 0
        for _ in 0..<count {
            let flight = stream.flights.removeFirst()
            completed = flight.completes ?? completed
            delivered = flight.partial
            records += flight.records
        }
        search.delivered(records: records)
        stream.hasDelivered = true
        state = .connected(stream)
        backoff.succeeded()
        lastFailure = nil
        return completed.map { .release($0) } ?? .nothing
    }

    /// The stream ended or could not be opened.
    /// - Parameters:
    ///   - failure: nil when the target ended it in good order.
    ///   - random: uniform in 0..<1.
    /// - Returns: how long to wait before the next one.
    mutating func streamEnded(_ failure: TargetFailure?, random: Double) -> Duration {
        var hasDelivered = false
        var (batches, records) = (0, 0)
        if case .connected(let stream) = state {
            hasDelivered = stream.hasDelivered
            batches = stream.flights.count
            records = stream.flights.reduce(0) { $0 + $1.records }
        }
        delivered = nil
        state = .waiting(failure)
        guard let failure else {
            // Rotation. A target that ends every stream at once without taking anything is not hurried.
            return hasDelivered ? .zero : backoff.failed(random: random)
        }
        failures += 1
        lastFailure = failure
        switch failure.disposition {
        case .transient:
            return backoff.failed(random: random)
        case .refused where batches > 0:
            switch search.refused(batches: batches, records: records) {
            case .tryAgain: return .zero
            case .bury:
                burial = failure
                return .zero
            case .pause: return slowly(random)
            }
        case .refused, .permanent: return slowly(random)
        }
    }

    /// Nothing changes by itself; the spread keeps many lanes from asking together.
    private func slowly(_ random: Double) -> Duration {
        maxDelay * (0.5 + 0.5 * min(max(random, 0), 1))
    }

    /// The record at the front of the queue is among the dead letters, or is gone.
    mutating func buried() {
        burial = nil
        search.buried()
    }

    mutating func stopped() {
        state = .stopped
    }
}
