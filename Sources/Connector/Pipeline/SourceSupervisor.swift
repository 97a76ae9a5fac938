package import ConnectorModel
package import Logging
package import Resilience
import Synchronization

/// Runs one source for as long as the connector lives: the one owner of its reconnects.
package final class SourceSupervisor: Sendable {
    package let intake: Intake
    /// How the lane treats the source; nil for the lane's own policy.
    let policy: SourcePolicy?
    private let source: any Source
    private let state: Mutex<SourceState>
    private let emitQualityOnDisconnect: Bool
    private let logger: Logger

    package init(
        source: any Source, intake: Intake, backoff: Backoff, emitQualityOnDisconnect: Bool,
        policy: SourcePolicy? = nil, logger: Logger
    ) {
        self.policy = policy
        self.source = source
        self.intake = intake
        self.emitQualityOnDisconnect = emitQualityOnDisconnect
        self.state = Mutex(SourceState(backoff: backoff))
        var logger = logger
        logger[metadataKey: "source"] = "\(source.identity.name)"
        self.logger = logger
    }

    /// Connects, and connects again after every failure, until the task is cancelled.
    @concurrent
    package func run() async {
        intake.onConnected { [weak self] in self?.connected() }
        while !Task.isCancelled {
            state.withLock { $0.connecting() }
            let failure = await oneConnection()
            if Task.isCancelled { break }
            intake.disconnected(reportQuality: emitQualityOnDisconnect)
            switch state.withLock({ $0.failed(failure, random: Double.random(in: 0..<1)) }) {
            case .giveUp:
                logger.error("stopped for good: \(failure)")
                return
            case .wait(let wait):
                logger.warning("\(failure); trying again in \(wait.inSeconds) s")
                // A cancelled wait ends the loop by its own condition.
                try? await Task.sleep(for: wait)
            }
        }
        intake.disconnected(reportQuality: false)
        state.withLock { $0.stopped() }
    }

    private func oneConnection() async -> SourceFailure {
        do {
            try await source.run(intake)
            return SourceFailure(.transient, "the other side ended the connection")
        } catch let failure as SourceFailure {
            return failure
        } catch {
            return SourceFailure(.transient, "unexpected: \(error)")
        }
    }

    private func connected() {
        let isNew = state.withLock { state in
            if case .running = state.phase { return false }
            state.connected(at: .now())
            return true
        }
        if isNew { logger.info("running") }
    }

    package func snapshot() -> SourceSnapshot {
        let (phase, reconnections, failures) = state.withLock { ($0.phase, $0.reconnections, $0.failures) }
        return SourceSnapshot(
            identity: source.identity, phase: phase, reconnections: reconnections, failures: failures,
            intake: intake.snapshot())
    }
}

/// A source's state at one moment, for pages and metrics.
package struct SourceSnapshot: Sendable {
    package var identity: SourceIdentity
    package var phase: SourceState.Phase
    package var reconnections: Int
    package var failures: Int
    package var intake: IntakeSnapshot

    package var isRunning: Bool {
        if case .running = phase { true } else { false }
    }
}

extension Duration {
    /// Seconds with one decimal, for log lines.
    var inSeconds: String {
        let tenths = components.seconds * 10 + components.attoseconds / 100_000_000_000_000_000
        return "\(tenths / 10).\(tenths % 10)"
    }
}
