import ServiceLifecycle
import UnixSignals

/// Has the configuration read again on SIGHUP.
struct ReloadService: Service {
    let configuration: LiveConfiguration

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        await cancelWhenGracefulShutdown {
            for await _ in signals { await configuration.reload() }
        }
    }
}
