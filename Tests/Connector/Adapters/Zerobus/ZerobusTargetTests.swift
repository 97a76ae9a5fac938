import ConnectorModel
import Synchronization
import TestKit
import Testing
import ZerobusAdapter
import ZerobusServer

/// The target against our own service over loopback.
@Suite(.timeLimit(.minutes(1))) struct ZerobusTargetTests {
    @Test func batchesAreAcknowledgedInOrderAndStandInTheTable() async throws {
        try await ZerobusWorld.withService { ports in
            let last = Mutex<[Int64]>([])
            try await ZerobusWorld.target(ports.grpc, ports.http).withStream { stream in
                for start in stride(from: 0, to: 50, by: 10) {
                    try await stream.send(ZerobusWorld.batch(start..<start + 10))
                }
                while let offset = try await stream.nextAcknowledgement() {
                    last.withLock { $0.append(offset) }
                    if offset == 4 { break }
                }
            }
            let heard = last.withLock { $0 }
            #expect(heard.last == 4 && heard == heard.sorted())
            let count = try await LocalHTTP(port: ports.http).json("/tables/main.plant.raw_events/count")
            #expect(count["count"].integer == 50)
        }
    }

    /// The window lets several batches be under way; what the body leaves unacknowledged is not its loss but sent
    /// again on the next stream, whose offsets begin anew.
    @Test func everyStreamCountsFromZero() async throws {
        try await ZerobusWorld.withService { ports in
            let target = try ZerobusWorld.target(ports.grpc, ports.http)
            for round in 0..<3 {
                let offset = Mutex<Int64?>(nil)
                try await target.withStream { stream in
                    try await stream.send(ZerobusWorld.batch(round..<round + 1))
                    let heard = try await stream.nextAcknowledgement()
                    offset.withLock { $0 = heard }
                }
                #expect(offset.withLock { $0 } == 0)
            }
        }
    }

    @Test func aServiceThatIsNotThereIsTransient() async throws {
        let target = try ZerobusWorld.target(try FreePorts.next(), try FreePorts.next())
        await #expect {
            try await target.withStream { _ in Issue.record("no stream is open") }
        } throws: { error in
            (error as? TargetFailure)?.disposition == .transient
        }
    }

    @Test func aRefusedSecretIsPermanentAndNeverShown() async throws {
        try await ZerobusWorld.withService {
            $0.principal = ServicePrincipal(id: "client", secret: "right-secret")
            $0.acceptedTokens = []
        } _: { ports in
            let target = try ZerobusWorld.target(ports.grpc, ports.http, secret: "wrong-secret")
            await #expect {
                try await target.withStream { _ in Issue.record("no stream is open") }
            } throws: { error in
                let failure = error as? TargetFailure
                return failure?.disposition == .permanent && failure?.message.contains("wrong-secret") == false
            }
        }
    }

    /// A record that the table cannot take ends the stream with a failure, not with silence.
    @Test func aRecordThatIsNoRecordFailsTheStream() async throws {
        try await ZerobusWorld.withService { ports in
            await #expect(throws: TargetFailure.self) {
                try await ZerobusWorld.target(ports.grpc, ports.http).withStream { stream in
                    try await stream.send(RecordBatch(body: [0x0A, 0x02, 0x0A, 0x7F], count: 1))
                    while try await stream.nextAcknowledgement() != nil {}
                }
            }
        }
    }

    @Test func aServiceThatStopsEndsTheStreamAndTheWaitOfTheSender() async throws {
        let (services, announced) = AsyncStream<LocalServer.Ports>.makeStream()
        let (opened, open) = AsyncStream<Void>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { announced.finish() }
                try await ZerobusWorld.withService { ports in
                    announced.yield(ports)
                    announced.finish()
                    for await _ in opened {}
                }
            }
            for await ports in services {
                do {
                    try await ZerobusWorld.target(ports.grpc, ports.http).withStream { stream in
                        try await stream.send(ZerobusWorld.batch(0..<1))
                        _ = try await stream.nextAcknowledgement()
                        open.finish()
                        while try await stream.nextAcknowledgement() != nil {}
                    }
                } catch let failure as TargetFailure {
                    #expect(failure.disposition == .transient)
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func cancellationEndsAStream() async throws {
        try await ZerobusWorld.withService { ports in
            let target = try ZerobusWorld.target(ports.grpc, ports.http)
            let opened = AsyncStream<Void>.makeStream()
            await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await target.withStream { stream in
                        opened.continuation.finish()
                        while try await stream.nextAcknowledgement() != nil {}
                        try Task.checkCancellation()
                    }
                }
                for await _ in opened.stream {}
                group.cancelAll()
                let result = await group.nextResult()
                if case .success = result { Issue.record("a cancelled stream ends with an error") }
            }
        }
    }
}
