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
                throw SourceFailure(error)
            }
        }
        do {
            try await connect(intake, insists: true)
        } catch let error as OPCUAClientError {
            _ = try files.refused(error)
            throw SourceFailure(error)
        }
    }

    private func connect(_ intake: Intake, insists: Bool) async throws {
        let receiver = SubscriptionReceiver(intake)
        let configuration = OPCUAClientConfiguration(
            endpoint: configuration.address, security: try files.security(insists: insists))
        try await OPCUAConnection.withConnection(configuration, receiver: receiver) { connection in
            try await subscribe(connection, receiver, intake)
            // The connection ends this wait by failing; the supervisor by cancelling it.
            while true { try await Task.sleep(for: .seconds(3600)) }
        }
    }

    private func subscribe(
        _ connection: OPCUAConnection, _ receiver: SubscriptionReceiver, _ intake: Intake
    ) async throws {
        let limits = try await connection.operationLimits()
        let browser = AddressSpaceBrowser(connection: connection, limits: limits)
        let variables: [Variable]
        if configuration.nodeIDs.isEmpty {
            let found = try await browser.variables(limit: configuration.variableLimit)
            if found.isTruncated {
                logger.warning("only the first \(configuration.variableLimit) variables are read; see variable_limit")
            }
            if let first = found.refused.first {
                logger.warning(
                    "\(found.refused.count) nodes cannot be browsed, the first is \(first.node): \(first.status)")
            }
            guard !found.variables.isEmpty else {
                let why = found.refused.first.map { " (\($0.node) cannot be browsed: \($0.status))" } ?? ""
                throw SourceFailure(.permanent, "the server has no variable below Objects\(why); name nodes to read")
            }
            variables = found.variables
        } else {
            variables = try await browser.paths(of: configuration.nodeIDs)
        }
        let units = try await browser.units(of: variables.map(\.node))
        let tags = zip(variables, units).map { variable, unit in
            intake.define(
                TagDefinition(
                    address: variable.path, name: variable.name, unit: unit,
                    metadata: ["node_id": variable.node.description, "namespace": "\(variable.node.namespace)"]))
        }
        receiver.subscribed(connection, tags)
        // Before the first notification can come: what becomes durable from here on is heard.
        intake.listen(receiver)
        let subscription = try await connection.createSubscription(subscriptionRequest)
        let results = try await connection.createMonitoredItems(
            variables.enumerated().map { itemRequest($1.node, handle: UInt32($0)) }, in: subscription.subscriptionId,
            limits: limits)
        report(results, of: variables, tags, intake)
        intake.connected()
    }

    var subscriptionRequest: CreateSubscriptionRequest {
        let interval = milliseconds(configuration.publishingInterval)
        // A sign of life every ten seconds, but no sooner than at every third publishing. The standard asks for a
        // lifetime of at least three times that (Part 4, 5.14.2); six lets a withheld Publish be refreshed in peace.
        let keepAlive = UInt32(min(max(10_000 / max(interval, 1), 3), 10_000))
        return CreateSubscriptionRequest(
            requestedPublishingInterval: interval, requestedLifetimeCount: keepAlive * 6,
            requestedMaxKeepAliveCount: keepAlive, publishingEnabled: true)
    }

    func itemRequest(_ node: NodeId, handle: UInt32) -> MonitoredItemCreateRequest {
        let sampling = configuration.samplingInterval ?? configuration.publishingInterval
        // Room for what changes between two publishings, and for one that comes late.
        let changes = milliseconds(configuration.publishingInterval) / max(milliseconds(sampling), 1)
        return MonitoredItemCreateRequest(
            itemToMonitor: ReadValueId(nodeId: node, attributeId: AttributeID.value.rawValue),
            monitoringMode: .reporting,
            requestedParameters: MonitoringParameters(
                clientHandle: handle, samplingInterval: milliseconds(sampling),
                queueSize: UInt32(min(max(2 * changes, 10), 1000)), discardOldest: true))
    }

    /// An item that the server refuses becomes a bad reading and a log line; it never stops the others.
    private func report(
        _ results: [MonitoredItemCreateResult], of variables: [Variable], _ tags: [TagID], _ intake: Intake
    ) {
        let refused = results.enumerated().filter { !$1.statusCode.isGood }
        guard !refused.isEmpty else { return }
        intake.deliver { frame in
            for (index, result) in refused {
                frame.append(Reading(.none, .opcuaNull, status: Status(result.statusCode)), of: tags[index])
            }
        }
        for (index, result) in refused.prefix(10) {
            logger.warning("\(variables[index].node) is not monitored: \(result.statusCode); check the node id")
        }
        if refused.count > 10 { logger.warning("\(refused.count) nodes in all are not monitored") }
    }

    private func milliseconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) * 1000 + Double(duration.components.attoseconds) / 1e15
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
