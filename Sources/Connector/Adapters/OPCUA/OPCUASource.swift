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
    private var configuration: OPCUASourceConfiguration
    private var files: SecurityFiles
    private let tags = SourceTags()
    private let memory: SourceMemory
    private let logger: Logger

    /// - Parameters:
    ///   - pkiFolder: holds the own certificate and those that are trusted.
    ///   - cursorFolder: holds what lets a restarted program take over its subscriptions; nil for one that only looks.
    package init(
        _ configuration: OPCUASourceConfiguration, pkiFolder: String, cursorFolder: String? = nil, logger: Logger
    ) {
        memory = SourceMemory(
            cursorFolder.map { CursorFile(folder: $0, source: configuration.name, logger: logger) })
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
        if configuration.thing != nil {
            // The same source as the description makes it now.
            var source = self
            source.configuration = try await configuration.withThing()
            source.files = SecurityFiles(
                settings: source.configuration.security, folder: files.folder, logger: logger)
            return try await source.run(intake)
        }
        guard let reverse = configuration.reverseConnect else {
            return try await runFirstReachable(intake)
        }
        do {
            try await OPCUAReverseListener.withListener(host: reverse.host, port: reverse.port) { listener, _ in
                try await run(intake, configuration.address, .accept(from: listener))
            }
        } catch let error as OPCUAClientError {
            throw SourceFailure(error)
        }
    }

    /// Endpoints are tried in their order; the next only where one could not be connected to at all.
    private func runFirstReachable(_ intake: Intake) async throws {
        let endpoints = [configuration.address] + configuration.otherAddresses
        for (index, endpoint) in endpoints.enumerated() {
            do {
                return try await run(intake, endpoint, .connect)
            } catch let failure as SourceFailure {
                let wasConnected = intake.snapshot().connectedSince != nil
                guard failure.disposition == .transient, !wasConnected, index + 1 < endpoints.count else {
                    throw failure
                }
                logger.warning("\(failure); trying \(endpoints[index + 1].address)")
            }
        }
    }

    private func run(_ intake: Intake, _ endpoint: OPCUAEndpoint, _ dialling: OPCUADialling) async throws {
        do {
            try await connect(intake, endpoint, dialling, insists: false)
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
            try await connect(intake, endpoint, dialling, insists: true)
        } catch let error as OPCUAClientError {
            _ = try files.refused(error)
            throw files.failure(error)
        }
    }

    private func connect(
        _ intake: Intake, _ endpoint: OPCUAEndpoint, _ dialling: OPCUADialling, insists: Bool
    ) async throws {
        let security = try files.security(insists: insists)
        var settings = OPCUAClientConfiguration(endpoint: endpoint, security: security)
        // A server that dials comes when it likes.
        if case .accept = dialling { settings.connectTimeout = .minutes(2) }
        let (recovery, receiver) = memory.connection(to: endpoint.url, intake)
        let session = TagSession(
            configuration: configuration, tags: tags, intake: intake, memory: memory, logger: logger)
        defer { memory.connectionEnded() }
        try await OPCUAConnection.withConnection(
            settings, receiver: receiver, recovery: recovery, dialling: dialling
        ) { [files] connection in
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
