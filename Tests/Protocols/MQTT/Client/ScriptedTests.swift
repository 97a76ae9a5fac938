import MQTTClient
import MQTTCore
import NIOCore
import Testing

@Suite struct ScriptedTests {
    /// The protocol level in a CONNECT.
    private static func level(_ connect: ByteBuffer) -> UInt8? {
        // Fixed header of 2 bytes (short packets), protocol name of 6.
        connect.getInteger(at: connect.readerIndex + 8)
    }

    private func configuration(_ peer: ScriptedBroker, keepAlive: UInt16 = 60) -> MQTTClientConfiguration {
        MQTTClientConfiguration(host: "127.0.0.1", port: peer.port, clientID: "a", keepAliveSeconds: keepAlive)
    }

    @Test func fallsBackWhenTheVersionIsRefused() async throws {
        let refusals: [[UInt8]] = [
            [0x20, 0x02, 0x00, 0x01],  // 3.1.1: unacceptable protocol version
            [0x20, 0x03, 0x00, 0x84, 0x00],  // 5.0: unsupported protocol version
            [],  // hangs up without a word
        ]
        for refusal in refusals {
            let peer = try await ScriptedBroker(after: .close) { connect in
                Self.level(connect) == 5 ? refusal : [0x20, 0x02, 0x00, 0x00]
            }
            let version = await failure {
                try await MQTTConnection.withConnection(configuration(peer), receiver: Recorder()) { connection in
                    #expect(connection.negotiated.version == .v311)
                    try await Task.sleep(for: .seconds(60))
                }
            }
            #expect(version?.code == .connectionLost)
            try await peer.stop()
        }
    }

    @Test func otherRefusalsAreFinal() async throws {
        let peer = try await ScriptedBroker(after: .close) { _ in [0x20, 0x03, 0x00, 0x87, 0x00] }
        let error = await failure {
            try await MQTTConnection.withConnection(configuration(peer), receiver: Recorder()) { _ in }
        }
        #expect(error?.reason == .notAuthorized)
        #expect(error?.disposition == .permanent)
        try await peer.stop()
    }

    @Test func keepAliveLapses() async throws {
        let peer = try await ScriptedBroker(after: .stayOpen) { _ in [0x20, 0x03, 0x00, 0x00, 0x00] }
        let error = await failure {
            try await MQTTConnection.withConnection(configuration(peer, keepAlive: 1), receiver: Recorder()) { _ in
                try await Task.sleep(for: .seconds(60))
            }
        }
        #expect(error?.code == .keepAliveLapsed)
        #expect(error?.disposition == .transient)
        try await peer.stop()
    }

    @Test(
        arguments: [
            [0x20, 0x03, 0x00, 0x00, 0x00, 0x00, 0x00],  // packet type 0
            [0x20, 0x03, 0x00, 0x00, 0x00, 0xC0, 0x00],  // PINGREQ from a broker
            [0x20, 0x03, 0x00, 0x00, 0x00, 0x90, 0x04, 0x00, 0x09, 0x00, 0x00],  // SUBACK nobody asked for
            [0x20, 0x03, 0x00, 0x00, 0x00, 0x30, 0x06, 0x00, 0x00, 0x03, 0x23, 0x00, 0x01],  // topic alias not offered
            [0x20, 0x03, 0x00, 0x00, 0x00, 0x20, 0x03, 0x00, 0x00, 0x00],  // CONNACK twice
            [0x20, 0x03, 0x01, 0x00, 0x00],  // a session that was not wanted
            [0x48, 0x54, 0x54, 0x50, 0x2F],  // HTTP/
        ] as [[UInt8]]) func brokenBrokers(_ bytes: [UInt8]) async throws
    {
        let peer = try await ScriptedBroker(after: .stayOpen) { _ in bytes }
        let error = await failure {
            try await MQTTConnection.withConnection(configuration(peer), receiver: Recorder()) { _ in
                try await Task.sleep(for: .seconds(60))
            }
        }
        #expect(error?.code == .protocolViolation)
        try await peer.stop()
    }

    @Test func goodbyeOfTheBrokerIsPutIntoWords() async throws {
        let peer = try await ScriptedBroker(after: .close) { _ in
            [0x20, 0x03, 0x00, 0x00, 0x00]
                // DISCONNECT, server moved, reference b
                + [0xE0, 0x06, 0x9D, 0x04, 0x1C, 0x00, 0x01, 0x62]
        }
        let error = await failure {
            try await MQTTConnection.withConnection(configuration(peer), receiver: Recorder()) { _ in
                try await Task.sleep(for: .seconds(60))
            }
        }
        #expect(error?.code == .disconnected)
        #expect(error?.disposition == .permanent)
        #expect(error?.message.contains("server moved (0x9D); it names b") == true)
        try await peer.stop()
    }

    /// Messages that come before anything was subscribed are handed over, fifty of them in one read.
    @Test func messagesOfOneReadAreAcknowledgedTogether() async throws {
        let peer = try await ScriptedBroker(after: .stayOpen) { _ in
            [0x20, 0x03, 0x00, 0x00, 0x00]
                + (1...50).flatMap { [0x32, 0x07, 0x00, 0x01, 0x61, 0x00, UInt8($0), 0x00, 0x78] }
        }
        let recorder = Recorder()
        try await MQTTConnection.withConnection(configuration(peer), receiver: recorder) { _ in
            try await eventually("fifty") { recorder.messages.count == 50 }
            #expect(recorder.tokens.map(\.sequence) == (0..<50).map(UInt64.init))
        }
        try await peer.stop()
    }
}
