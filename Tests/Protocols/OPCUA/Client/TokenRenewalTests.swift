import NIOCore
import NIOPosix
import OPCUACore
import OPCUAServer
import OPCUATypes
import Testing

@testable import OPCUAClient

/// Tokens of two seconds while values flow; for a minute when `PENSTOCK_LONG_TESTS` is set, else for some seconds.
@Suite(.timeLimit(.minutes(3))) struct TokenRenewalTests {
    /// A token of two seconds is renewed many times; no number is missing and no value is skipped.
    @Test func tokensAreRenewedWithoutAGap() async throws {
        // Loops of its own: other tests keep the shared ones busy for longer than a token lives.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let plant = try Plant(variables: 1, group: group)
        let seconds = longRun ? 60 : 5
        try await plant.serve { port in
            let collector = Collector()
            try await OPCUAConnection.withConnection(
                try configuration(port) { $0.tokenLifetime = .seconds(2) }, receiver: collector, group: group
            ) { connection in
                let id = try await connection.createSubscription(subscriptionRequest(interval: 10)).subscriptionId
                _ = try await connection.createMonitoredItems(
                    items(1, queueSize: 1000), in: id, limits: OperationLimits())
                let updates = seconds * 100
                let writer = Task {
                    for value in 1...updates {
                        plant.update(Double(value), at: Int64(value))
                        try await Task.sleep(for: .milliseconds(10))
                    }
                }
                var expected = 0.0
                var number: UInt32 = 1
                for await message in collector.messages {
                    #expect(message.number == number)
                    number += 1
                    for sample in message.samples {
                        guard case .double(let value) = sample.value else { continue }
                        #expect(value == expected)
                        expected += 1
                    }
                    if expected > Double(updates) { break }
                }
                try await writer.value
            }
        }
        try await group.shutdownGracefully()
    }

    private var longRun: Bool { environment("PENSTOCK_LONG_TESTS") != nil }
}
