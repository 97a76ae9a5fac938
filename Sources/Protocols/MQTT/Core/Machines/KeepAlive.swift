public import NIOCore

/// Watches one link from the client's side: pings when it is quiet, notices when it is dead
/// (MQTT 5.0 section 3.1.2.10).
///
/// Every packet counts as a sign of life, not only PINGRESP. While reading is paused no answer is expected.
public struct KeepAlive: Equatable, Sendable {
    /// What to do at a deadline.
    public enum Action: Equatable, Sendable {
        /// Keep-alive is off: no deadline any more.
        case off
        /// Come back then.
        case wait(until: NIODeadline)
        /// Send PINGREQ and come back then.
        case ping(next: NIODeadline)
        /// The peer did not answer.
        case lapsed
    }

    private let interval: TimeAmount
    private let replyTimeout: TimeAmount
    private var lastSent: NIODeadline
    private var lastReceived: NIODeadline
    private var pingSent: NIODeadline?
    private var isPaused = false

    /// - Parameter seconds: the interval that holds for the connection; 0 turns keep-alive off.
    public init(seconds: UInt16, now: NIODeadline) {
        interval = .seconds(Int64(seconds))
        replyTimeout = .milliseconds(min(10_000, Int64(seconds) * 500))
        lastSent = now
        lastReceived = now
    }

    public mutating func sent(now: NIODeadline) { lastSent = now }

    public mutating func received(now: NIODeadline) {
        lastReceived = now
        pingSent = nil
    }

    public mutating func readingPaused() {
        isPaused = true
        pingSent = nil
    }

    public mutating func readingResumed(now: NIODeadline) {
        isPaused = false
        lastReceived = now
    }

    public mutating func deadlineReached(now: NIODeadline) -> Action {
        guard interval > .zero else { return .off }
        if let pingSent {
            let end = pingSent + replyTimeout
            return now >= end ? .lapsed : .wait(until: end)
        }
        let quietSince = isPaused ? lastSent : min(lastSent, lastReceived)
        guard now >= quietSince + interval else { return .wait(until: quietSince + interval) }
        lastSent = now
        if isPaused { return .ping(next: now + interval) }
        pingSent = now
        return .ping(next: now + replyTimeout)
    }
}
