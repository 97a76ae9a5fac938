import Resilience
import Testing

@Suite struct CircuitBreakerTests {
    var breaker = CircuitBreaker(
        limits: .init(failureThreshold: 2, openTime: .seconds(60), successThreshold: 2))

    @Test mutating func walksTheWholeCircle() {
        #expect(breaker.callRequested(now: .zero) == .allowed)
        breaker.failed(now: .zero)
        #expect(breaker.state == .closed)
        breaker.failed(now: .seconds(1))
        #expect(breaker.state == .open)
        #expect(breaker.callRequested(now: .seconds(2)) == .refused(retryAfter: .seconds(59)))
        #expect(breaker.callRequested(now: .seconds(61)) == .allowed)
        #expect(breaker.state == .halfOpen)
        #expect(breaker.callRequested(now: .seconds(61)) == .refused(retryAfter: .zero))
        breaker.succeeded()
        #expect(breaker.state == .halfOpen)
        #expect(breaker.callRequested(now: .seconds(62)) == .allowed)
        breaker.succeeded()
        #expect(breaker.state == .closed)
    }

    @Test mutating func aFailedProbeOpensAgain() {
        breaker.failed(now: .zero)
        breaker.failed(now: .zero)
        #expect(breaker.callRequested(now: .seconds(60)) == .allowed)
        breaker.failed(now: .seconds(61))
        #expect(breaker.callRequested(now: .seconds(62)) == .refused(retryAfter: .seconds(59)))
    }

    @Test mutating func successesBetweenFailuresKeepItClosed() {
        for _ in 0..<10 {
            breaker.failed(now: .zero)
            breaker.succeeded()
        }
        #expect(breaker.state == .closed)
    }

    @Test mutating func lateResultsDoNotCountWhileOpen() {
        breaker.failed(now: .zero)
        breaker.failed(now: .zero)
        breaker.succeeded()
        breaker.failed(now: .seconds(30))
        #expect(breaker.callRequested(now: .seconds(60)) == .allowed)
    }

    @Test mutating func anAbandonedProbeMayBeRepeated() {
        breaker.failed(now: .zero)
        breaker.failed(now: .zero)
        #expect(breaker.callRequested(now: .seconds(60)) == .allowed)
        breaker.abandoned()
        #expect(breaker.callRequested(now: .seconds(60)) == .allowed)
    }

    @Test func words() {
        #expect(CircuitBreaker.State.allCases.map(\.rawValue) == ["closed", "open", "half_open"])
        #expect(CircuitBreaker.State.allCases.map(\.metric) == [0, 1, 2])
    }
}
