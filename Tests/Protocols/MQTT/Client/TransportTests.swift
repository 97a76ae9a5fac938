import MQTTBroker
import MQTTClient
import MQTTCore
import MQTTTransport
import NIOCore
import NIOEmbedded
import NIOWebSocket
import TLSSupport
import Testing

@Suite struct TransportTests {
    /// A WebSocket on one side, TCP on the other, large messages in both directions.
    @Test(arguments: MQTTVersion.allCases) func webSocketAndTCPShareTheBroker(_ version: MQTTVersion) async throws {
        let listeners = [BrokerListener(port: 0), BrokerListener(port: 0, webSocketPath: "/plant/mqtt")]
        try await Broker.withBroker(BrokerConfiguration(listeners: listeners)) { broker in
            let ports = broker.ports
            @Sendable func client(_ index: Int) throws -> MQTTClientConfiguration {
                MQTTClientConfiguration(
                    host: "127.0.0.1", port: ports[index], webSocketPath: index == 1 ? "/plant/mqtt" : nil,
                    version: .only(version), clientID: "client-\(index)",
                    subscriptions: [try subscription("to/\(index)", .exactlyOnce)])
            }
            let recorders = [Recorder(), Recorder()]
            try await MQTTConnection.withConnection(client(0), receiver: recorders[0]) { first in
                try await MQTTConnection.withConnection(client(1), receiver: recorders[1]) { second in
                    let payloads = ["small", String(repeating: "0123456789", count: 90_000), ""]
                    try await first.publish(payloads.map { message("to/1", $0, .exactlyOnce) })
                    try await second.publish(payloads.map { message("to/0", $0, .exactlyOnce) })
                    for recorder in recorders {
                        try await eventually("everything") { recorder.payloads == payloads }
                    }
                }
            }
        }
    }

    @Test func noWebSocketThere() async throws {
        let listener = BrokerListener(port: 0, webSocketPath: "/mqtt")
        try await Broker.withBroker(BrokerConfiguration(listeners: [listener])) { broker in
            let port = try #require(broker.port)
            let wrongPath = await failure {
                try await MQTTConnection.withConnection(
                    MQTTClientConfiguration(host: "127.0.0.1", port: port, webSocketPath: "/other", clientID: "c"),
                    receiver: Recorder()
                ) { _ in }
            }
            #expect(wrongPath?.code == .webSocketRefused)
            #expect(wrongPath?.message.contains("check the path") == true)
            let plain = await failure {
                try await MQTTConnection.withConnection(
                    MQTTClientConfiguration(host: "127.0.0.1", port: port, clientID: "c"), receiver: Recorder()
                ) { _ in }
            }
            #expect(plain?.code == .protocolViolation)
            #expect(plain?.message.contains("a WebSocket (ws://)") == true)
        }
    }

    @Test func aPeerThatNeverAnswersTheHandshake() async throws {
        let silent = try await ScriptedBroker(after: .stayOpen) { _ in [] }
        for tls in [nil, ClientTLS()] {
            let error = await failure {
                try await MQTTConnection.withConnection(
                    MQTTClientConfiguration(
                        host: "127.0.0.1", port: silent.port, tls: tls, webSocketPath: "/mqtt", clientID: "c",
                        connectTimeout: .milliseconds(200)), receiver: Recorder()
                ) { _ in }
            }
            #expect(error?.code == .connectTimeout)
        }
        try await silent.stop()
    }

    @Test func framesOfAWebSocket() throws {
        let channel = EmbeddedChannel(handler: WebSocketBytes(isClient: true))
        func arrives(_ opcode: WebSocketOpcode, _ text: String, fin: Bool = true) throws {
            try channel.writeInbound(WebSocketFrame(fin: fin, opcode: opcode, data: ByteBuffer(string: text)))
        }
        try arrives(.binary, "a", fin: false)
        try arrives(.ping, "p")
        try arrives(.continuation, "b", fin: false)
        try arrives(.continuation, "c")
        try arrives(.pong, "")
        try arrives(.binary, "d")
        let read = try (0..<4).compactMap { _ in try channel.readInbound(as: ByteBuffer.self).map { String(buffer: $0) }
        }
        #expect(read == ["a", "b", "c", "d"])
        let pong = try channel.readOutbound(as: WebSocketFrame.self)
        #expect(pong?.opcode == .pong)
        #expect(pong?.maskKey != nil)
        // Text is no MQTT: the connection ends with 1003.
        try arrives(.text, "x")
        let goodbye = try channel.readOutbound(as: WebSocketFrame.self)
        #expect(goodbye?.opcode == .connectionClose)
        #expect(goodbye.map { Array($0.data.readableBytesView) } == [0x03, 0xEB])
        #expect(channel.isActive == false)
    }

    @Test func aServerWantsMaskedFrames() throws {
        let channel = EmbeddedChannel(handler: WebSocketBytes(isClient: false))
        try channel.writeInbound(WebSocketFrame(fin: true, opcode: .binary, data: ByteBuffer(string: "a")))
        #expect(try channel.readInbound(as: ByteBuffer.self) == nil)
        let goodbye = try channel.readOutbound(as: WebSocketFrame.self)
        #expect(goodbye.map { Array($0.data.readableBytesView) } == [0x03, 0xEA])
    }

    @Test func topicAliasesInBothDirections() async throws {
        try await withBroker { broker in
            let recorder = Recorder()
            var configuration = try client(broker, subscriptions: [subscription("plant/#", .atLeastOnce)])
            configuration.topicAliasMaximum = 3
            try await MQTTConnection.withConnection(configuration, receiver: recorder) { connection in
                #expect(connection.negotiated.brokerTopicAliasMaximum == 32)
                let topics = (0..<50).map { "plant/line/\($0 % 5)" }
                try await connection.publish(topics.map { message($0, $0, .atLeastOnce) })
                try await eventually("all") { recorder.messages.count == 50 }
                #expect(recorder.messages.map(\.topic) == topics)
                #expect(recorder.messages.map(\.payload) == topics)
            }
        }
    }

    /// The broker hears why a message was not taken, and does not send it again.
    @Test(arguments: MQTTVersion.allCases) func refusedMessages(_ version: MQTTVersion) async throws {
        try await withBroker { broker in
            let recorder = Recorder(acknowledges: false)
            let configuration = try client(
                broker, version: version, subscriptions: [subscription("t", .exactlyOnce)])
            try await MQTTConnection.withConnection(configuration, receiver: recorder) { connection in
                try broker.publish([message("t", "1", .atLeastOnce), message("t", "2", .exactlyOnce)])
                try await eventually("both") { recorder.tokens.count == 2 }
                connection.refuse(from: recorder.tokens[0], through: recorder.tokens[1], .quotaExceeded)
                try broker.publish([message("t", "3", .atLeastOnce)])
                try await eventually("the third") { recorder.tokens.count == 3 }
                connection.acknowledge(through: recorder.tokens[2])
                try await connection.publish([message("other", "x", .atLeastOnce)])
                #expect(recorder.payloads == ["1", "2", "3"])
            }
        }
    }
}
