import MQTTBroker
import MQTTClient
import MQTTCore
import NIOCore
import NIOPosix
import Testing

@Suite struct FailureTests {
    @Test func wrongPassword() async throws {
        try await withBroker({
            $0.authenticate = { $0.password == ByteBuffer(string: "right") ? .success : .badUserNameOrPassword }
        }) { broker in
            for version in MQTTVersion.allCases {
                var configuration = try client(broker, version: version)
                configuration.username = "user"
                configuration.password = "wrong"
                let error = await failure {
                    try await MQTTConnection.withConnection(configuration, receiver: Recorder()) { _ in }
                }
                #expect(error?.code == .refused)
                #expect(error?.reason == .badUserNameOrPassword)
                #expect(error?.disposition == .permanent)
                #expect(error?.message.contains("bad user name or password") == true)
                #expect(error?.message.contains("wrong") == false)
                configuration.password = "right"
                try await MQTTConnection.withConnection(configuration, receiver: Recorder()) { _ in }
            }
        }
    }

    @Test func nothingListens() async throws {
        // A port that was free a moment ago.
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(channel.localAddress?.port)
        try await channel.close()
        let error = await failure {
            try await MQTTConnection.withConnection(
                MQTTClientConfiguration(host: "127.0.0.1", port: port, clientID: "a"), receiver: Recorder()
            ) { _ in }
        }
        #expect(error?.code == .connectionRefused)
        #expect(error?.disposition == .transient)
    }

    @Test func unknownHost() async throws {
        let error = await failure {
            try await MQTTConnection.withConnection(
                MQTTClientConfiguration(host: "no-such-host.invalid", clientID: "a"), receiver: Recorder()
            ) { _ in }
        }
        #expect(error?.code == .unknownHost)
        #expect(error?.disposition == .transient)
    }

    /// Something that accepts and says nothing.
    @Test func silentServer() async throws {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        var configuration = MQTTClientConfiguration(
            host: "127.0.0.1", port: try #require(channel.localAddress?.port), clientID: "a")
        configuration.connectTimeout = .milliseconds(100)
        let error = await failure { [configuration] in
            try await MQTTConnection.withConnection(configuration, receiver: Recorder()) { _ in }
        }
        #expect(error?.code == .connectTimeout)
        try await channel.close()
    }

    @Test func cancellationWhileConnecting() async throws {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let configuration = MQTTClientConfiguration(
            host: "127.0.0.1", port: try #require(channel.localAddress?.port), clientID: "a")
        let task = Task {
            try await MQTTConnection.withConnection(configuration, receiver: Recorder()) { _ in }
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        try await channel.close()
    }

    @Test func brokerStops() async throws {
        for version in MQTTVersion.allCases {
            let broker = Broker(BrokerConfiguration(port: 0))
            let running = Task { try await broker.run() }
            try await eventually("the port") { broker.port != nil }
            let configuration = try client(broker, version: version)
            let error = await failure {
                try await MQTTConnection.withConnection(configuration, receiver: Recorder()) { _ in
                    running.cancel()
                    try await Task.sleep(for: .seconds(60))
                }
            }
            #expect(error?.code == (version == .v5 ? .disconnected : .connectionLost))
            #expect(error?.disposition == .transient)
            try await running.value
            // What the broker knows outlives the stop.
            #expect(broker.port == nil)
        }
    }

    @Test func takenOver() async throws {
        try await withBroker { broker in
            let configuration = try client(broker, "same")
            let error = await failure {
                try await MQTTConnection.withConnection(configuration, receiver: Recorder()) { _ in
                    try await MQTTConnection.withConnection(configuration, receiver: Recorder()) { _ in
                        try await Task.sleep(for: .seconds(60))
                    }
                }
            }
            #expect(error?.reason == .sessionTakenOver)
            #expect(error?.disposition == .permanent)
        }
    }

    @Test func everySubscriptionRefused() async throws {
        let nothing = BrokerAccounts([], anonymous: .allowed(BrokerPermissions(publish: [], subscribe: [])))
        try await withBroker({ $0.accounts = nothing }) { broker in
            let configuration = try client(broker, subscriptions: [subscription("a")])
            let error = await failure {
                try await MQTTConnection.withConnection(configuration, receiver: Recorder()) { _ in }
            }
            #expect(error?.code == .subscriptionRefused)
            #expect(error?.disposition == .permanent)
        }
    }

    @Test func messagesThatCannotBePublished() async throws {
        try await withBroker { broker in
            try await MQTTConnection.withConnection(client(broker), receiver: Recorder()) { connection in
                let wildcard = await failure { try await connection.publish([message("a/+", "")]) }
                #expect(wildcard?.disposition == .fatal)
                let big = String(repeating: "x", count: 1024 * 1024)
                let tooBig = await failure { try await connection.publish([message("a", big)]) }
                #expect(tooBig?.reason == .packetTooLarge)
            }
        }
    }

    @Test func tooManyConnections() async throws {
        try await withBroker({ $0.limits.maximumConnections = 1 }) { broker in
            try await MQTTConnection.withConnection(client(broker), receiver: Recorder()) { _ in
                let second = try client(broker, "second")
                let error = await failure {
                    try await MQTTConnection.withConnection(second, receiver: Recorder()) { _ in }
                }
                #expect(error?.code == .connectionLost)
            }
            #expect(broker.statistics.connectionsRefused == 1)
        }
    }

    @Test(arguments: [
        ("mqtt://plant", "plant", 1883), ("mqtt://plant:1884/", "plant", 1884), ("plant:1", "plant", 1),
        ("mqtt://[fd00::1]:1885", "fd00::1", 1885), ("mqtt://[::1]", "::1", 1883),
        ("MQTT://10.0.0.1", "10.0.0.1", 1883), ("tcp://plant", "plant", 1883), ("mqtts://plant", "plant", 8883),
        ("ssl://plant:1", "plant", 1), ("ws://plant", "plant", 80), ("wss://plant/a/b?c", "plant", 443),
        ("ws://[::1]:81/", "::1", 81),
    ]) func endpoints(_ row: (text: String, host: String, port: Int)) throws {
        let endpoint = try MQTTEndpoint(row.text)
        #expect(endpoint.host == row.host)
        #expect(endpoint.port == row.port)
    }

    @Test func transports() throws {
        let plain = try MQTTEndpoint("mqtt://a")
        #expect(!plain.usesTLS && plain.webSocketPath == nil)
        let secured = try MQTTEndpoint("mqtts://a")
        #expect(secured.usesTLS && secured.webSocketPath == nil)
        let web = try MQTTEndpoint("ws://a")
        #expect(!web.usesTLS && web.webSocketPath == "/mqtt")
        let both = try MQTTEndpoint("wss://a/b/c?d")
        #expect(both.usesTLS && both.webSocketPath == "/b/c?d")
    }

    @Test(arguments: [
        "", "mqtt://", "http://a", "mqtt://a:0", "mqtt://a:65536", "mqtt://a:b", "mqtt://[::1", "mqtt://u:p@a",
        "mqtt://a/path", "ws://a/pa th", "wss:///mqtt", "mqtts://u@a",
    ]) func badEndpoints(_ text: String) {
        #expect(throws: MQTTClientError.self) { try MQTTEndpoint(text) }
    }
}
