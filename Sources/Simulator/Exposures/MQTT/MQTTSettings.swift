import MQTTClient
import TLSSupport

/// How the simulator shows its plant over MQTT.
package struct MQTTSettings: Equatable, Sendable {
    /// What the messages look like.
    package enum Payload: Equatable, Sendable {
        /// `sensors/{industry}/{sensor}/value` and retained `/metadata`, each a JSON object.
        case json
        /// `iotgateway/{industry}/{machine}`, as Kepware's IoT Gateway writes them.
        case kepware
        /// Edge nodes of Sparkplug B.
        case sparkplug(SparkplugSettings)
    }

    /// Somebody who may use the simulator's own broker.
    package struct User: Equatable, Sendable {
        package var name: String
        package var password: String

        package init(name: String, password: String) {
            self.name = name
            self.password = password
        }
    }

    /// The simulator's own broker.
    package struct OwnBroker: Equatable, Sendable {
        /// nil is plain text.
        private(set) var tls: ServerTLS?
        /// Those who may connect; none lets everybody in.
        package var users: [User]

        package init(users: [User] = []) { self.users = users }

        /// Speaks TLS from now on: with the certificate and key of these files in PEM form, and only to clients whose
        /// certificate one of `clientCA` signed, if that is set; at least 1.2, or 1.3.
        package mutating func useTLS(
            certificate: String, privateKey: String, clientCA: String? = nil, isOnlyNewest: Bool = false
        ) {
            tls = ServerTLS(
                certificate: certificate, privateKey: privateKey, clientCA: clientCA,
                minVersion: isOnlyNewest ? .tls13 : .tls12)
        }
    }

    /// A broker to publish to.
    package struct OtherBroker: Equatable, Sendable {
        /// `mqtt://host:port`, `mqtts://`, `ws://` or `wss://`.
        package var endpoint: String
        package var username: String?
        package var password: String?
        /// nil trusts whom the system trusts, where the endpoint wants TLS.
        private(set) var tls: ClientTLS?

        package init(endpoint: String, username: String? = nil, password: String? = nil) {
            self.endpoint = endpoint
            self.username = username
            self.password = password
        }

        /// Says with what files in PEM form TLS is spoken, where the endpoint wants it; `ca` nil trusts whom the system
        /// trusts.
        package mutating func useTLS(
            ca: String?, certificate: String?, privateKey: String?, isOnlyNewest: Bool = false, verify: Bool = true
        ) {
            tls = ClientTLS(
                ca: ca, certificate: certificate, privateKey: privateKey, minVersion: isOnlyNewest ? .tls13 : .tls12,
                verify: verify)
        }

        /// A connection to it.
        ///
        /// - Throws: `MQTTClientError` when the endpoint is none.
        func client(id: String) throws(MQTTClientError) -> MQTTClientConfiguration {
            var configuration = try MQTTClientConfiguration(endpoint: endpoint, clientID: id)
            configuration.username = username
            configuration.password = password
            if let tls { configuration.tls = tls }
            return configuration
        }
    }

    package enum Destination: Equatable, Sendable {
        case own(OwnBroker)
        case other(OtherBroker)
    }

    package var payload: Payload
    package var destination: Destination
    /// Between two messages of a sensor; nil publishes each tick.
    package var intervalMilliseconds: Int?

    package init(
        payload: Payload = .json, destination: Destination = .own(OwnBroker()), intervalMilliseconds: Int? = nil
    ) {
        self.payload = payload
        self.destination = destination
        self.intervalMilliseconds = intervalMilliseconds
    }

    /// What is wrong with the URL of a broker; nil when nothing is.
    package static func fault(inBroker url: String) -> String? {
        do throws(MQTTClientError) {
            _ = try MQTTEndpoint(url)
            return nil
        } catch {
            return error.message
        }
    }

    /// Whether the URL of a broker asks for TLS.
    package static func usesTLS(_ url: String) -> Bool { (try? MQTTEndpoint(url))?.usesTLS ?? false }
}
