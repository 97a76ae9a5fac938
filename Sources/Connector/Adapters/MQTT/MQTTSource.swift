package import ConnectorModel
package import Logging
import MQTTClient
import MQTTCore
package import NIOCore
import NIOPosix
import Synchronization

/// Subscribes to topics of one MQTT broker.
package final class MQTTSource: Source {
    package let identity: SourceIdentity
    private let configuration: MQTTSourceConfiguration
    private let group: any EventLoopGroup
    private let logger: Logger
    private let session = MQTTSession()
    private let counters = MQTTCounters()
    private let known = Mutex(Known())
    private let hostMemory = SparkplugMemory()

    /// The tags of the intake that was served last; lent to one connection at a time.
    private struct Known {
        var intake: Intake?
        var tags: TopicTags?
    }

    package init(
        _ configuration: MQTTSourceConfiguration, logger: Logger,
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) {
        identity = SourceIdentity(
            name: configuration.name, protocolType: "mqtt", endpoint: configuration.endpoint,
            statusName: configuration.sparkplug == nil ? MQTTStatus.name : SparkplugStatus.name)
        self.configuration = configuration
        self.group = group
        self.logger = logger
    }

    /// Messages received and redelivered since the start.
    package var counts: MQTTCounts { counters.now }

    package func run(_ intake: Intake) async throws {
        var failure: MQTTClientError?
        // The first that can be connected to is kept until it ends; then the first is tried first again.
        for address in configuration.addresses {
            do {
                try await serve(configuration.client(address), intake)
            } catch let error as MQTTClientError {
                failure = error
                let wasConnected = intake.snapshot().connectedSince != nil
                guard error.disposition != .fatal, !wasConnected else { break }
                logger.warning("\(error.message)")
            }
        }
        if let failure { throw SourceFailure(failure) }
    }

    private func serve(_ client: MQTTClientConfiguration, _ intake: Intake) async throws {
        if let options = configuration.sparkplug {
            return try await SparkplugRun(
                configuration: configuration, client: client, options: options, session: session, counters: counters,
                memory: hostMemory, group: group, logger: logger
            ).run(intake, report: report)
        }
        let receiver = MessageReceiver(
            intake, tags: tags(of: intake), maximumAge: configuration.options.maximumAgeSeconds.map { .seconds($0) },
            counters: counters, logger: logger)
        defer { known.withLock { $0 = Known(intake: intake, tags: receiver.tags) } }
        intake.decodeAgain(with: receiver.decodeAgain)
        try await MQTTConnection.withConnection(
            client, receiver: receiver, session: session, group: group, logger: logger
        ) { [self] connection in
            report(connection.subscriptions)
            intake.connected()
            // All else happens on the event loop; the end of the connection cancels this.
            while true { try await Task.sleep(for: .seconds(3600)) }
        }
    }

    private func tags(of intake: Intake) -> TopicTags {
        let tags = known.withLock { known in
            defer { known = Known() }
            return known.intake === intake ? known.tags : nil
        }
        return tags ?? TopicTags(limit: configuration.tagLimit, rules: configuration.rules)
    }

    /// Says what the broker granted less than was asked for; that it granted nothing at all is the client's error.
    private func report(_ results: [MQTTConnection.SubscriptionResult]) {
        for result in results {
            let filter = result.subscription.filter
            if result.reason.isError {
                logger.warning(
                    "the broker refused the topic \"\(filter)\": \(result.reason); the other topics are read")
            } else if result.reason.rawValue < result.subscription.qos.rawValue {
                logger.warning(
                    "the broker grants the topic \"\(filter)\" only QoS \(result.reason.rawValue): messages can be lost while it or the connector is away"
                )
            }
        }
    }
}

extension SourceFailure {
    init(_ error: MQTTClientError) {
        let disposition: Disposition =
            switch error.disposition {
            case .transient: .transient
            case .permanent: .permanent
            case .fatal: .fatal
            }
        self.init(disposition, error.message)
    }
}
