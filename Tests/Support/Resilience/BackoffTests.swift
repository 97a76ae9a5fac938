import Resilience
import Testing

@Suite struct BackoffTests {
    @Test func growsToItsMaximumAndStartsOver() {
        var backoff = Backoff(initial: .seconds(1), maximum: .seconds(10), multiplier: 2)
        let waits = (0..<6).map { _ in backoff.failed(random: 1) }
        #expect(waits == [.seconds(1), .seconds(2), .seconds(4), .seconds(8), .seconds(10), .seconds(10)])
        #expect(backoff.failures == 6)
        backoff.succeeded()
        #expect(backoff == Backoff(initial: .seconds(1), maximum: .seconds(10), multiplier: 2))
    }

    @Test func jitterIsAShareOfTheBound() {
        var backoff = Backoff(initial: .seconds(4), maximum: .seconds(60), multiplier: 2)
        #expect(backoff.failed(random: 0) == .zero)
        #expect(backoff.failed(random: 0.25) == .seconds(2))
    }

    @Test func neverOverflows() {
        var backoff = Backoff(initial: .seconds(1), maximum: .seconds(86_400), multiplier: 1_000_000)
        for _ in 0..<10_000 { #expect(backoff.failed(random: 1) <= .seconds(86_400)) }
    }

    @Test func oddLimits() {
        var zero = Backoff(initial: .seconds(-1), maximum: .zero, multiplier: .nan)
        #expect(zero.failed(random: 1) == .zero)
        var inverted = Backoff(initial: .seconds(9), maximum: .seconds(3), multiplier: 0.5)
        #expect(inverted.failed(random: 1) == .seconds(3))
        #expect(inverted.failed(random: 1) == .seconds(3))
    }
}
