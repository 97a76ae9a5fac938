import Resilience
import Testing

@Suite struct TokenBucketTests {
    @Test func burstThenRate() {
        var bucket = TokenBucket(ratePerSecond: 10, burst: 5, now: .zero)
        #expect(bucket.tokensRequested(5, now: .zero) == .taken)
        #expect(bucket.tokensRequested(1, now: .zero) == .wait(.milliseconds(100)))
        #expect(bucket.tokensRequested(1, now: .milliseconds(99)) == .wait(.milliseconds(1)))
        #expect(bucket.tokensRequested(1, now: .milliseconds(100)) == .taken)
    }

    @Test func exactOverALongTime() {
        var bucket = TokenBucket(ratePerSecond: 3, burst: 1, now: .zero)
        var now = Duration.zero
        var taken = 0
        while now < .seconds(3600) {
            switch bucket.tokensRequested(1, now: now) {
            case .taken: taken += 1
            case .wait(let time): now += time
            }
        }
        #expect(taken == 3 * 3600 || taken == 3 * 3600 + 1)
    }

    @Test func moreThanTheBurstPassesFromAFullBucketAndIsOwed() {
        var bucket = TokenBucket(ratePerSecond: 10, burst: 5, now: .zero)
        #expect(bucket.tokensRequested(25, now: .zero) == .taken)
        #expect(bucket.tokensRequested(1, now: .zero) == .wait(.milliseconds(2100)))
    }

    @Test func timeGoingBackIsIgnoredAndLongIdleFillsToTheBurst() {
        var bucket = TokenBucket(ratePerSecond: Int.max, burst: 2, now: .seconds(10))
        #expect(bucket.tokensRequested(2, now: .seconds(5)) == .taken)
        #expect(bucket.tokensRequested(2, now: .seconds(9_000_000_000_000)) == .taken)
    }
}
