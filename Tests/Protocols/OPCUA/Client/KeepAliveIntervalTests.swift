import NIOCore
import Testing

@testable import OPCUAClient

@Suite struct KeepAliveIntervalTests {
    /// A server may revise to any bits; none of them may trap.
    @Test(arguments: [
        (1000.0, UInt32(10), TimeAmount.seconds(10)), (Double.nan, 10, .seconds(10)), (.infinity, 1, .seconds(10)),
        (-5, 0, .milliseconds(1)), (1e300, .max, .hours(24)), (.leastNonzeroMagnitude, 3, .milliseconds(3)),
    ])
    func isBounded(interval: Double, count: UInt32, expected: TimeAmount) {
        #expect(ClientHandler.keepAliveInterval(publishingMilliseconds: interval, count: count) == expected)
    }
}
