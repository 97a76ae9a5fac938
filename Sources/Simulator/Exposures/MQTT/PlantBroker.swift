import Logging
import MQTTBroker
import MQTTCore
import SimulatorPlant

/// The simulator's own broker, and the way in for what the simulator itself publishes as a client.
struct PlantBroker: Sendable {
    let broker: Broker
    private let listener: BrokerListener
    /// The account of the simulator itself; nil where nobody needs one.
    private let own: BrokerAccounts.Account?

    /// - Parameters:
    ///   - port: 0 takes a free one.
    ///   - queuedBytes: what may wait for one subscriber.
    init(
        _ settings: MQTTSettings.OwnBroker, host: String, port: Int, queuedMessages: Int, queuedBytes: Int,
        logger: Logger
    ) {
        listener = BrokerListener(host: host, port: port, tls: settings.tls)
        let secret = String(UInt64.random(in: 0 ... .max), radix: 36) + String(UInt64.random(in: 0 ... .max), radix: 36)
        own =
            settings.users.isEmpty
            ? nil : BrokerAccounts.Account(username: "ot-simulator itself", password: secret)
        var configuration = BrokerConfiguration(
            listeners: [listener],
            limits: BrokerLimits(session: .init(maximumQueuedMessages: queuedMessages, maximumQueuedBytes: queuedBytes))
        )
        // What comes from within needs no certificates.
        if settings.tls != nil { configuration.listeners.append(BrokerListener(host: "127.0.0.1", port: 0)) }
        if let own {
            configuration.accounts = BrokerAccounts(
                settings.users.map { BrokerAccounts.Account(username: $0.name, password: $0.password) } + [own])
        }
        broker = Broker(configuration, logger: logger)
    }

    /// Where others reach it, once it runs.
    var url: String {
        (listener.tls == nil ? "mqtt://" : "mqtts://")
            + Endpoint.authority(listener.host, broker.port ?? listener.port)
    }

    /// Where the simulator itself reaches it, once it runs.
    var inside: MQTTSettings.OtherBroker {
        let host = listener.tls == nil ? Self.loopback(listener.host) : "127.0.0.1"
        return MQTTSettings.OtherBroker(
            endpoint: "mqtt://" + Endpoint.authority(host, broker.ports.last ?? listener.port),
            username: own?.username, password: own?.password)
    }

    /// Serves until it is cancelled.
    ///
    /// - Throws: `ExposureError` when it cannot listen.
    func run(started: @Sendable () async -> Void) async throws {
        do {
            try await broker.run { _ in await started() }
        } catch let error as BrokerError {
            throw ExposureError.cannotListen(
                .mqtt, host: listener.host, port: listener.port, cause: error.description)
        }
    }

    /// Where a broker that listens on all networks is reached from here.
    private static func loopback(_ host: String) -> String {
        switch host {
        case "0.0.0.0": "127.0.0.1"
        case "::": "::1"
        default: host
        }
    }
}
