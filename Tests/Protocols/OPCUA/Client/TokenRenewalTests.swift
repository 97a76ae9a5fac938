import NIOCore
import NIOPosix
import OPCUACore
import OPCUASecurity
import OPCUAServer
import OPCUATypes
import Testing

@testable import OPCUAClient

/// Tokens of two seconds while values flow; for a minute when `PENSTOCK_LONG_TESTS` is set, else for some seconds.
@Suite(.timeLimit(.minutes(3))) struct TokenRenewalTests {
    /// A token of two seconds is renewed many times; no number is missing and no value is skipped.
    @Test(arguments: [false, true]) func tokensAreRenewedWithoutAGap(secured: Bool) async throws {
        // Loops of its own: other tests keep the shared ones busy for longer than a token lives.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let people = try SecuredPeople.made.get()
        let count = 100
        let plant = try Plant(variables: count, group: group) { if secured { $0.security = people.server() } }
        let seconds = longRun ? 60 : 5
        try await plant.serve { port in
            let collector = Collector()
            let settings = try configuration(port) {
                $0.tokenLifetime = .seconds(2)
                if secured { $0.security = people.client(.basic256Sha256, .signAndEncrypt) }
            }
            try await OPCUAConnection.withConnection(settings, receiver: collector, group: group) { connection in
                let id = try await connection.createSubscription(subscriptionRequest(interval: 10)).subscriptionId
                _ = try await connection.createMonitoredItems(
                    items(count, queueSize: 1000), in: id, limits: OperationLimits())
                let updates = seconds * 20
                let writer = Task {
                    for value in 1...updates {
                        plant.update(Double(value), at: Int64(value))
                        try await Task.sleep(for: .milliseconds(50))
                    }
                }
                var expected = [Double](repeating: 0, count: count)
                var number: UInt32 = 1
                for await message in collector.messages {
                    #expect(message.number == number)
                    number += 1
                    for sample in message.samples {
                        guard case .double(let value) = sample.value else { continue }
                        #expect(value == expected[Int(sample.clientHandle)])
                        expected[Int(sample.clientHandle)] += 1
                    }
                    if expected.allSatisfy({ $0 > Double(updates) }) { break }
                }
                try await writer.value
            }
        }
        try await group.shutdownGracefully()
    }

    private var longRun: Bool { environment("PENSTOCK_LONG_TESTS") != nil }
}
