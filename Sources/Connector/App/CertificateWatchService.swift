import ConnectorConfiguration
import Logging
import OPCUAAdapter
import ServiceLifecycle

/// Renews the own certificate in time and warns before others end, for as long as the connector runs.
struct CertificateWatchService: Service {
    private let watch: CertificateWatch

    init(settings: ConnectorSettings, logger: Logger) {
        let sources = settings.sources.filter(\.enabled).compactMap { source in
            if case .opcua(let opcua) = source.adapter { opcua } else { nil }
        }
        watch = CertificateWatch(
            pkiFolder: settings.stateDirectory + "/pki", sources: sources,
            renewBeforeDays: settings.renewBeforeDays, logger: logger)
    }

    func run() async throws {
        // A graceful stop cancels the wait for the next look.
        try? await cancelWhenGracefulShutdown { try await watch.run() }
    }
}
