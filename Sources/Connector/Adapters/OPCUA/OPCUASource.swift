package import ConnectorModel
package import Logging
import NIOCore
import OPCUAClient
import OPCUACore
import OPCUAPKI
import OPCUATypes

/// Reads an OPC UA server through a subscription.
package struct OPCUASource: Source {
    package let identity: SourceIdentity
    private let configuration: OPCUASourceConfiguration
    private let files: SecurityFiles
    private let tags = SourceTags()
    private let logger: Logger

    /// - Parameter pkiFolder: holds the own certificate and those that are trusted.
    package init(_ configuration: OPCUASourceConfiguration, pkiFolder: String, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        files = SecurityFiles(
            settings: configuration.security, folder: PKIFolder(path: pkiFolder), logger: logger)
        identity = SourceIdentity(
            name: configuration.name, protocolType: "opcua", endpoint: configuration.endpoint,
            statusName: { code in
                let status = StatusCode(UInt32(bitPattern: code))
                return status.name ?? "\(status)"
            })
    }

    package func run(_ intake: Intake) async throws {
        do {
            try await connect(intake, insists: false)
        } catch let error as OPCUAClientError {
            // Another try at once helps twice: where the server has nothing without security, and where it was met for
            // the first time and may be trusted.
            if error.status == .badSecurityPolicyRejected, configuration.security == .unset {
                logger.notice("the server offers nothing without security; the own certificate is used")
            } else if try !files.refused(error) {
                throw files.failure(error)
            }
        }
        do {
            try await connect(intake, insists: true)
        } catch let error as OPCUAClientError {
            _ = try files.refused(error)
            throw files.failure(error)
        }
    }

    private func connect(_ intake: Intake, insists: Bool) async throws {
        let receiver = SubscriptionReceiver(intake)
        let security = try files.security(insists: insists)
        let configuration = OPCUAClientConfiguration(endpoint: configuration.address, security: security)
        let session = TagSession(configuration: self.configuration, tags: tags, intake: intake, logger: logger)
        try await OPCUAConnection.withConnection(configuration, receiver: receiver) { [files] connection in
            try await files.whileUnchanged(security) { try await session.run(connection, receiver) }
        }
    }
}

extension SourceFailure {
    init(_ error: OPCUAClientError) {
        let disposition: Disposition =
            switch error.disposition {
            case .transient: .transient
            case .permanent: .permanent
            case .fatal: .fatal
            }
        self.init(disposition, error.message)
    }
}

extension Status {
    /// The severity bits say the quality (Part 4, 7.39).
    @inline(__always)
    init(_ status: StatusCode) {
        self.init(
            code: Int32(bitPattern: status.rawValue),
            quality: status.isGood ? .good : status.isUncertain ? .uncertain : .bad)
    }
}
