import ConnectorModel
import ConnectorPipeline
import ServiceLifecycle

/// Lets sources repeat the last readings of tags that had no row for as long as their `heartbeat_ms`.
struct HeartbeatService: Service {
    let pipeline: Pipeline
    /// How late a heartbeat may be.
    static let interval = Duration.seconds(1)

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                while true {
                    try await Task.sleep(for: Self.interval)
                    for supervisor in pipeline.supervisors { supervisor.intake.beat() }
                }
            }
        } catch is CancellationError {
            // Shutdown is the only way out.
        }
    }
}
