import ConnectorModel
import ConnectorPipeline
import Logging
import Resilience
import Synchronization
import Testing

@Suite struct SourceSupervisorTests {
    /// Fails its first connections, then works until it is stopped.
    private final class Flaky: Source {
        let identity = SourceIdentity(name: "f", protocolType: "test", endpoint: "x", statusName: { _ in "Good" })
        let attempts = Atomic(0)
        let failures: Int

        init(failures: Int) { self.failures = failures }

        func run(_ intake: Intake) async throws {
            let attempt = attempts.add(1, ordering: .relaxed).newValue
            guard attempt > failures else { throw SourceFailure(.transient, "down") }
            intake.connected()
            intake.deliver { frame in
                let tag = frame.define(TagDefinition(address: "a"))
                frame.append(Reading(.int(1), .int16), of: tag)
            }
            try await Task.sleep(for: .seconds(600))
        }
    }

    private final class Sink: FrameSink {
        let records = Atomic(0)
        func register(prefix: [UInt8]) -> UInt32 { 0 }
        func submit(_ frames: [EncodedFrame], from source: String) -> Ticket {
            Ticket(number: UInt64(records.add(frames.reduce(0) { $0 + $1.count }, ordering: .relaxed).newValue))
        }
    }

    @Test func aSourceThatIsDownIsTriedUntilItWorksAndStopsInTime() async {
        let source = Flaky(failures: 3)
        let sink = Sink()
        let supervisor = SourceSupervisor(
            source: source, intake: Intake(source: source.identity, layout: .rawEvents, sink: sink),
            backoff: Backoff(initial: .milliseconds(1), maximum: .milliseconds(2)), emitQualityOnDisconnect: true,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await supervisor.run() }
            while !supervisor.snapshot().isRunning { await Task.yield() }
            #expect(source.attempts.load(ordering: .relaxed) == 4)
            #expect(supervisor.snapshot().failures == 3)
            group.cancelAll()
        }
        #expect(supervisor.snapshot().phase == .stopped)
        #expect(sink.records.load(ordering: .relaxed) == 1, "a stop on purpose is no lost link")
    }
}
