package import ConnectorModel
package import Resilience

/// The life of one source: stopped → connecting → running → backing off → connecting …
///
/// Pure: the supervisor performs the waits and dials; randomness and time are arguments.
package struct SourceState: Sendable {
    package enum Phase: Hashable, Sendable {
        case stopped
        case connecting
        case running(since: Timestamp)
        /// Waiting before the next attempt, for the reason given.
        case backingOff(SourceFailure)
        /// Given up: trying again cannot help.
        case failed(SourceFailure)
    }

    package enum FailedAction: Equatable, Sendable {
        case wait(Duration)
        case giveUp
    }

    package private(set) var phase = Phase.stopped
    /// Links that worked and ended since the start.
    package private(set) var reconnections = 0
    /// Attempts and links that ended with a failure since the start.
    package private(set) var failures = 0
    private var backoff: Backoff

    package init(backoff: Backoff) {
        self.backoff = backoff
    }

    package mutating func connecting() {
        phase = .connecting
    }

    /// The adapter reports a working link.
    package mutating func connected(at now: Timestamp) {
        if case .running = phase { return }
        phase = .running(since: now)
        backoff.succeeded()
    }

    /// The link could not be made or ended. `random` is uniform in 0..<1.
    package mutating func failed(_ failure: SourceFailure, random: Double) -> FailedAction {
        failures += 1
        if case .running = phase { reconnections += 1 }
        switch failure.disposition {
        case .fatal:
            phase = .failed(failure)
            return .giveUp
        case .transient:
            phase = .backingOff(failure)
            return .wait(backoff.failed(random: random))
        case .permanent:
            phase = .backingOff(failure)
            // Settings do not change by themselves: half the longest wait at the least.
            _ = backoff.failed(random: random)
            return .wait(backoff.maximum * (0.5 + random / 2))
        }
    }

    package mutating func stopped() {
        phase = .stopped
    }
}

extension SourceState.Phase {
    /// The word used by the API and the pages.
    package var name: String {
        switch self {
        case .stopped: "stopped"
        case .connecting: "connecting"
        case .running: "running"
        case .backingOff: "backing off"
        case .failed: "failed"
        }
    }

    /// Whether the source has ended, by order or for good.
    package var isOver: Bool {
        switch self {
        case .stopped, .failed: true
        case .connecting, .running, .backingOff: false
        }
    }

    /// Why it is not running, in a sentence; nil where there is nothing to say.
    package var reason: String? {
        switch self {
        case .backingOff(let failure), .failed(let failure): failure.message
        case .stopped, .connecting, .running: nil
        }
    }
}
