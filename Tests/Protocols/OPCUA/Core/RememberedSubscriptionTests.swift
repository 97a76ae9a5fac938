import NIOCore
import OPCUATypes
import Testing

@testable import OPCUACore

@Suite struct RememberedSubscriptionTests {
    /// A server may revise to any bits; none of them may trap.
    @Test(arguments: [
        (1000.0, UInt32(10), TimeAmount.seconds(10)), (Double.nan, 10, .seconds(10)), (.infinity, 1, .seconds(10)),
        (-5, 0, .milliseconds(1)), (1e300, .max, .hours(24)), (.leastNonzeroMagnitude, 3, .milliseconds(3)),
    ])
    func isBounded(interval: Double, count: UInt32, expected: TimeAmount) {
        let response = CreateSubscriptionResponse(
            subscriptionId: 1, revisedPublishingInterval: interval, revisedMaxKeepAliveCount: count)
        let remembered = RememberedSubscription(response, asked: CreateSubscriptionRequest())
        #expect(remembered.keepAliveInterval == expected)
        #expect(remembered.publishingInterval > .zero && remembered.publishingInterval <= .hours(24))
    }
}
