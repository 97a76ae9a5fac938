import CommandSupport
import ConnectorLane
import ConnectorPipeline
import ServiceLifecycle

/// Says every ten seconds how much flows.
struct RateLine: Service {
    let pipeline: Pipeline
    private static let interval = Duration.seconds(10)

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                var before = (received: 0, acknowledged: 0)
                while true {
                    try await Task.sleep(for: Self.interval)
                    let now = pipeline.snapshot()
                    let seconds = Double(Self.interval.components.seconds)
                    let rates = [now.received - before.received, now.acknowledged - before.acknowledged].map {
                        (Double($0) / seconds).rounded()
                    }
                    Console.say(
                        Self.summary(of: now) + "; per second: \(Int(rates[0])) received, \(Int(rates[1])) acknowledged"
                    )
                    before = (now.received, now.acknowledged)
                }
            }
        } catch is CancellationError {
            // Shutdown is the only way out.
        }
    }

    static func summary(of pipeline: PipelineSnapshot) -> String {
        let running = pipeline.sources.count { $0.isRunning }
        return "sources running \(running) of \(pipeline.sources.count), received \(pipeline.received), "
            + "acknowledged \(pipeline.acknowledged), waiting \(pipeline.queuedRecords)"
    }
}
