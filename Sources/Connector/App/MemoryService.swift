import ConnectorModel
import ConnectorPipeline
import ServiceLifecycle

/// Gives back what was needed only to start, or to find a source's tags: once after the start, and again whenever the
/// tags of the sources have become more or fewer and are settled.
struct MemoryService: Service {
    let pipeline: Pipeline
    private static let interval = Duration.seconds(10)

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                var (released, before) = (-1, 0)
                while true {
                    try await Task.sleep(for: Self.interval)
                    let tags = pipeline.snapshot().sources.reduce(0) { $0 + $1.intake.tags }
                    if tags == before, tags != released {
                        ProcessMemory.giveBack()
                        released = tags
                    }
                    before = tags
                }
            }
        } catch is CancellationError {
            // Shutdown is the only way out.
        }
    }
}
