/// A circuit breaker: stops calling what keeps failing, then probes it with care.
///
/// Closed: calls pass; `failureThreshold` failures in a row open it. Open: calls are refused for `openTime`.
/// Half open: one call at a time passes; `successThreshold` successes in a row close it, one failure opens it again.
/// `now` is the time on a monotonic clock since any fixed origin.
package struct CircuitBreaker: Equatable, Sendable {
    /// The breaker's words in API and UI; ``metric`` is the number in metrics.
    package enum State: String, Equatable, Sendable, CaseIterable {
        case closed
        case open
        case halfOpen = "half_open"

        /// 0 closed, 1 open, 2 half open.
        package var metric: Int {
            switch self {
            case .closed: 0
            case .open: 1
            case .halfOpen: 2
            }
        }
    }

    /// Whether a call may be made now.
    package enum Permission: Equatable, Sendable {
        case allowed
        /// Ask again after this time; zero when a probe is under way whose end is not known.
        case refused(retryAfter: Duration)
    }

    /// Limits of the breaker; each at least 1.
    package struct Limits: Equatable, Sendable {
        package var failureThreshold: Int
        package var openTime: Duration
        package var successThreshold: Int

        package init(failureThreshold: Int = 5, openTime: Duration = .seconds(60), successThreshold: Int = 3) {
            self.failureThreshold = max(failureThreshold, 1)
            self.openTime = max(openTime, .zero)
            self.successThreshold = max(successThreshold, 1)
        }
    }

    private enum Phase: Equatable {
        case closed(failures: Int)
        case open(until: Duration)
        case halfOpen(successes: Int, probing: Bool)
    }

    private let limits: Limits
    private var phase = Phase.closed(failures: 0)

    package init(limits: Limits = Limits()) {
        self.limits = limits
    }

    /// The state last entered; an open breaker becomes half open with the next call asked for.
    package var state: State {
        switch phase {
        case .closed: .closed
        case .open: .open
        case .halfOpen: .halfOpen
        }
    }

    /// A call is about to be made; an allowed one must be followed by ``succeeded()``, ``failed(now:)`` or
    /// ``abandoned()``.
    package mutating func callRequested(now: Duration) -> Permission {
        switch phase {
        case .closed:
            return .allowed
        case .open(let until):
            guard now >= until else { return .refused(retryAfter: until - now) }
            phase = .halfOpen(successes: 0, probing: true)
            return .allowed
        case .halfOpen(let successes, let probing):
            if probing { return .refused(retryAfter: .zero) }
            phase = .halfOpen(successes: successes, probing: true)
            return .allowed
        }
    }

    /// A call succeeded.
    package mutating func succeeded() {
        switch phase {
        case .closed:
            phase = .closed(failures: 0)
        case .open:
            // A call that was under way when the breaker opened: too old to count.
            break
        case .halfOpen(let successes, _):
            let enough = successes + 1 >= limits.successThreshold
            phase = enough ? .closed(failures: 0) : .halfOpen(successes: successes + 1, probing: false)
        }
    }

    /// A call failed.
    package mutating func failed(now: Duration) {
        switch phase {
        case .closed(let failures):
            let tooMany = failures + 1 >= limits.failureThreshold
            phase = tooMany ? .open(until: now + limits.openTime) : .closed(failures: failures + 1)
        case .open:
            break
        case .halfOpen:
            phase = .open(until: now + limits.openTime)
        }
    }

    /// A call was given up without learning anything (cancelled); a probe may be made again.
    package mutating func abandoned() {
        if case .halfOpen(let successes, _) = phase { phase = .halfOpen(successes: successes, probing: false) }
    }
}
