import MQTTClient
import MQTTCore
import NIOCore
import Synchronization
import TLSSupport
import TestKit
import Testing

/// Keeps what came and acknowledges it, at once or never.
private final class Keeper: MQTTReceiver {
    private struct Kept {
        var connection: MQTTConnection?
        var messages: [Publish] = []
        var tokens: [DeliveryToken] = []
        var open: DeliveryToken?
    }

    private let kept = Mutex(Kept())
    private let acknowledges: Bool

    init(acknowledges: Bool = true) { self.acknowledges = acknowledges }

    func connected(_ connection: MQTTConnection) { kept.withLock { $0.connection = connection } }

    func received(_ publish: Publish, token: DeliveryToken?) {
        kept.withLock { kept in
            kept.messages.append(publish)
            if let token {
                kept.tokens.append(token)
                kept.open = token
            }
        }
    }

    func readComplete() {
        let (connection, token) = kept.withLock { kept in
            defer { kept.open = nil }
            return (kept.connection, kept.open)
        }
        if acknowledges, let token { connection?.acknowledge(through: token) }
    }

    var messages: [Publish] { kept.withLock { $0.messages } }
    var texts: [String] { messages.map { String(buffer: $0.payload) } }
    var tokens: [DeliveryToken] { kept.withLock { $0.tokens } }
}

extension ForeignPeers {
    /// Our client at brokers that this project did not write.
    @Suite struct MQTTClientPeers {
        private func client(
            _ port: Int, _ id: String, _ filters: [String] = [], qos: QoS = .atLeastOnce,
            version: MQTTClientConfiguration.VersionChoice = .only(.v5)
        ) throws -> MQTTClientConfiguration {
            MQTTClientConfiguration(
                host: "127.0.0.1", port: port, version: version, clientID: id,
                subscriptions: try filters.map { Subscription(try TopicFilter($0), qos: qos) })
        }

        private func message(
            _ topic: String, _ text: String, _ qos: QoS = .atLeastOnce, _ properties: Properties = []
        ) -> Publish {
            Publish(topic: topic, payload: ByteBuffer(string: text), qos: qos, properties: properties)
        }

        private func echo(_ configuration: MQTTClientConfiguration, qos: QoS) async throws -> MQTTVersion {
            let keeper = Keeper()
            let texts = (0..<200).map(String.init) + [String(repeating: "x", count: 200_000)]
            return try await MQTTConnection.withConnection(configuration, receiver: keeper) { connection in
                for start in stride(from: 0, to: texts.count, by: 20) {
                    try await connection.publish(
                        texts[start..<min(start + 20, texts.count)].map { message("echo/a", $0, qos) })
                }
                try await eventually("the echo") { keeper.texts.count == texts.count }
                #expect(keeper.texts == texts)
                return connection.negotiated.version
            }
        }

        @Test(arguments: MQTTVersion.allCases, QoS.allCases)
        func mosquitto(version: MQTTVersion, qos: QoS) async throws {
            try await withMosquitto { mosquitto in
                _ = try await echo(
                    client(mosquitto.port, "echo", ["echo/#"], qos: qos, version: .only(version)), qos: qos)
            }
        }

        /// amqtt knows only 3.1.1: the client falls back by itself.
        @Test(arguments: QoS.allCases) func amqtt(qos: QoS) async throws {
            let port = try FreePorts.next()
            try await withProgram(.peer("Tests/Interop/peers/mqtt_amqtt_broker.py", ["--port", "\(port)"])) { program in
                _ = try await program.line(containing: "ready")
                var configuration = try client(port, "echo", ["echo/#"], qos: qos, version: .automatic)
                // It does not answer 5.0 at all.
                configuration.connectTimeout = .seconds(3)
                #expect(try await echo(configuration, qos: qos) == .v311)
            }
        }

        /// wss, mqtts and ws, and a client certificate that is asked for.
        @Test func mosquittoOverTLSAndWebSocket() async throws {
            try await withTemporaryDirectory { folder in
                _ = try await runPeer("Tests/Interop/peers/private_authority.py", [folder])
                let ports = try (0..<4).map { _ in try FreePorts.next() }
                let certificate = [
                    "cafile \(folder)/ca.pem", "certfile \(folder)/server.pem", "keyfile \(folder)/server.key",
                ]
                let settings =
                    ["listener \(ports[0]) 127.0.0.1", "protocol websockets"]
                    + ["listener \(ports[1]) 127.0.0.1"] + certificate
                    + ["listener \(ports[2]) 127.0.0.1", "protocol websockets"] + certificate
                    + ["listener \(ports[3]) 127.0.0.1", "require_certificate true"] + certificate
                let tls = ClientTLS(ca: folder + "/ca.pem")
                try await withMosquitto(settings: settings) { _ in
                    for (port, usesTLS, path) in [(0, false, "/mqtt"), (1, true, nil), (2, true, "/mqtt")] {
                        var configuration = try client(ports[port], "echo", ["echo/#"], version: .automatic)
                        configuration.tls = usesTLS ? tls : nil
                        configuration.webSocketPath = path
                        #expect(try await echo(configuration, qos: .atLeastOnce) == .v5)
                    }
                    var strict = try client(ports[3], "strict")
                    strict.tls = tls
                    let without = await error(strict)
                    #expect(
                        without?.message.contains("wants a certificate of the client") == true,
                        "\(without?.message ?? "")")
                    var stranger = try client(ports[1], "stranger")
                    stranger.tls = ClientTLS()
                    let unknown = await error(stranger)
                    #expect(
                        unknown?.message.contains("an authority that is not trusted") == true,
                        "\(unknown?.message ?? "")")
                }
            }
        }

        private func error(_ configuration: MQTTClientConfiguration) async -> MQTTClientError? {
            do {
                try await MQTTConnection.withConnection(configuration, receiver: Keeper()) { _ in
                    try await Task.sleep(for: .seconds(20))
                }
                return nil
            } catch {
                return error as? MQTTClientError
            }
        }

        @Test func sharedSubscriptionAndTopicAlias() async throws {
            try await withMosquitto { mosquitto in
                let keepers = [Keeper(), Keeper()]
                try await MQTTConnection.withConnection(
                    client(mosquitto.port, "one", ["$share/g/plant/#"]), receiver: keepers[0]
                ) { _ in
                    try await MQTTConnection.withConnection(
                        client(mosquitto.port, "two", ["$share/g/plant/#"]), receiver: keepers[1]
                    ) { _ in
                        try await MQTTConnection.withConnection(client(mosquitto.port, "three"), receiver: Keeper()) {
                            sender in
                            #expect(sender.negotiated.brokerTopicAliasMaximum > 0)
                            for index in 0..<40 {
                                try await sender.publish([message("plant/line/\(index % 15)", "\(index)")])
                            }
                        }
                        try await eventually("all of it") { keepers.reduce(0) { $0 + $1.messages.count } == 40 }
                    }
                }
                #expect(keepers.allSatisfy { !$0.messages.isEmpty })
                let all = keepers.flatMap { keeper in zip(keeper.messages.map(\.topicText), keeper.texts) }
                #expect(Set(all.map(\.1)) == Set((0..<40).map(String.init)))
                for (topic, text) in all { #expect(topic == "plant/line/\((Int(text) ?? 0) % 15)") }
            }
        }

        @Test func willUserPropertiesAndReceiveMaximum() async throws {
            try await withMosquitto { mosquitto in
                let watcher = Keeper(acknowledges: false)
                var watching = try client(mosquitto.port, "watcher", ["status/#", "flow"])
                watching.receiveMaximum = 2
                try await MQTTConnection.withConnection(watching, receiver: watcher) { connection in
                    var dying = try client(mosquitto.port, "dying")
                    dying.will = Will(
                        topic: "status/dying", payload: ByteBuffer(string: "gone"), qos: .atLeastOnce,
                        properties: [.userProperty(name: "line", value: "7")])
                    let first = dying
                    // Who comes under the same name makes the first one go without a goodbye.
                    let over = await error(first, takenOverBy: try client(mosquitto.port, "dying"))
                    #expect(over != nil)
                    try await eventually("the will") { watcher.texts == ["gone"] }
                    #expect(watcher.messages[0].properties.userProperties.map(\.value) == ["7"])
                    connection.acknowledge(through: watcher.tokens[0])

                    try await MQTTConnection.withConnection(client(mosquitto.port, "sender"), receiver: Keeper()) {
                        sender in
                        try await sender.publish((0..<6).map { message("flow", "\($0)") })
                    }
                    for seen in stride(from: 3, through: 7, by: 2) {
                        // mosquitto sends now and then one more than it may.
                        try await eventually("two more") { watcher.messages.count >= seen }
                        connection.acknowledge(through: watcher.tokens[seen - 1])
                    }
                    #expect(watcher.texts.dropFirst() == (0..<6).map(String.init)[...])
                }
            }
        }

        private func error(
            _ first: MQTTClientConfiguration, takenOverBy second: MQTTClientConfiguration
        ) async -> MQTTClientError? {
            do {
                try await MQTTConnection.withConnection(first, receiver: Keeper()) { _ in
                    try await MQTTConnection.withConnection(second, receiver: Keeper()) { _ in
                        try await Task.sleep(for: .seconds(20))
                    }
                }
                return nil
            } catch {
                return error as? MQTTClientError
            }
        }

        /// Messages that were open come again on the next connection; after the expiry there is nothing left.
        @Test func sessionExpiry() async throws {
            try await withMosquitto { mosquitto in
                let session = MQTTSession()
                let keeper = Keeper(acknowledges: false)
                var configuration = try client(mosquitto.port, "keeper", ["kept/#"])
                configuration.cleanStart = false
                configuration.sessionExpirySeconds = 300
                let sender = try client(mosquitto.port, "sender")
                try await MQTTConnection.withConnection(configuration, receiver: keeper, session: session) {
                    connection in
                    #expect(!connection.negotiated.sessionPresent)
                    try await MQTTConnection.withConnection(sender, receiver: Keeper()) { sender in
                        try await sender.publish((0..<3).map { message("kept/a", "\($0)") })
                    }
                    try await eventually("all three") { keeper.messages.count == 3 }
                    connection.acknowledge(through: keeper.tokens[0])
                }
                configuration.sessionExpirySeconds = 1
                let again = Keeper()
                try await MQTTConnection.withConnection(configuration, receiver: again, session: session) {
                    connection in
                    #expect(connection.negotiated.sessionPresent)
                    try await eventually("two again") { again.messages.count == 2 }
                    #expect(again.texts == ["1", "2"])
                    #expect(again.messages.allSatisfy { $0.isDuplicate })
                }
                let last = configuration
                try await eventually("the session ends", every: .seconds(2)) {
                    try await MQTTConnection.withConnection(last, receiver: Keeper(), session: session) {
                        !$0.negotiated.sessionPresent
                    }
                }
            }
        }
    }
}
