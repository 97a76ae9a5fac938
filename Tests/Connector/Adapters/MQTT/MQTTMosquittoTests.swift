import ConnectorModel
import Logging
import MQTTAdapter
import MQTTClient
import MQTTCore
import NIOCore
import TestKit
import Testing

/// The source against a broker that this project did not write.
@Suite(.timeLimit(.minutes(2))) struct MQTTMosquittoTests {
    private let logger = Logger(label: "test")

    private func source(_ port: Int, version: MQTTSourceConfiguration.Version = .v5) throws -> MQTTSource {
        MQTTSource(
            try MQTTSourceConfiguration(
                name: "m", endpoint: "mqtt://127.0.0.1:\(port)", topics: [.init(filter: "n/+")], version: version),
            logger: logger)
    }

    /// Publishes numbers as JSON payloads and returns when the broker has acknowledged all of them.
    private func publish(_ numbers: Range<Int>, port: Int) async throws {
        let client = try MQTTClientConfiguration(endpoint: "mqtt://127.0.0.1:\(port)", clientID: "publisher")
        try await MQTTConnection.withConnection(client, receiver: Deaf(), logger: logger) { connection in
            for start in stride(from: numbers.lowerBound, to: numbers.upperBound, by: 500) {
                try await connection.publish(
                    (start..<min(start + 500, numbers.upperBound)).map {
                        Publish(
                            topic: "n/\($0 % 5)", payload: ByteBuffer(string: "{\"value\":\($0)}"), qos: .atLeastOnce)
                    })
            }
        }
    }

    private final class Deaf: MQTTReceiver {
        func received(_ publish: Publish, token: DeliveryToken?) {}
        func readComplete() {}
    }

    @Test(arguments: [MQTTSourceConfiguration.Version.v5, .v311])
    func tenThousandMessages(version: MQTTSourceConfiguration.Version) async throws {
        try await withMosquitto { mosquitto in
            let source = try source(mosquitto.port, version: version)
            let sink = MQTTInstantSink()
            let intake = Intake(source: source.identity, layout: .rawEvents, sink: sink)
            sink.attach(intake)
            try await withRunningMQTTSource(source, intake) {
                try await publish(0..<10_000, port: mosquitto.port)
                #expect(try await mqttEventually { sink.sink.count == 10_000 })
            }
            #expect(try sink.sink.rows().map { $0["value"] } == (0..<10_000).map { .text(String($0)) })
            #expect(source.counts == MQTTCounts(messages: 10_000, redelivered: 0))
        }
    }

    /// A lane that rejects is heard of at a broker that is not ours: reason 0x97, and no delivery again.
    @Test func rejectedMessagesAreRefused() async throws {
        try await withMosquitto { mosquitto in
            let source = try source(mosquitto.port)
            let sink = MQTTFakeSink()
            try await withRunningMQTTSource(source, sink) { intake in
                sink.setRejecting(true)
                try await publish(0..<3, port: mosquitto.port)
                _ = try await mosquitto.program.line(containing: "Received PUBACK from penstock-m (Mid: 3, RC:151)")
                sink.setRejecting(false)
                try await publish(3..<4, port: mosquitto.port)
                #expect(try await mqttEventually { sink.count == 1 })
                intake.durable(upTo: sink.latest)
            }
            // Nothing waits in the session.
            try await withRunningMQTTSource(source, sink) { _ in
                try await publish(4..<5, port: mosquitto.port)
                #expect(try await mqttEventually { sink.count == 2 })
            }
            #expect(try sink.rows().map { $0["value"] } == [.text("3"), .text("4")])
        }
    }

    /// Acknowledgements that a slow disk holds back come many at once; mosquitto then sends more than the receive
    /// maximum. A source that closed the connection for it would be sent as much again, for ever.
    @Test func acknowledgementsInBurstsBreakNothing() async throws {
        let count = 20_000
        try await withMosquitto { mosquitto in
            let source = try source(mosquitto.port)
            let sink = MQTTFakeSink()
            let intake = Intake(source: source.identity, layout: .rawEvents, sink: sink)
            try await withRunningMQTTSource(source, intake) {
                async let published: Void = publish(0..<count, port: mosquitto.port)
                var safe = 0
                while safe < count {
                    // A full window, and time for what the broker sends beyond it.
                    #expect(try await mqttEventually { sink.count >= min(safe + 4096, count) })
                    try await Task.sleep(for: .milliseconds(50))
                    guard sink.count > safe else { break }
                    safe = sink.count
                    intake.durable(upTo: sink.latest)
                }
                try await published
            }
            #expect(source.counts == MQTTCounts(messages: count, redelivered: 0))
            #expect(try sink.rows().map { $0["value"] } == (0..<count).map { .text(String($0)) })
        }
    }

    @Test func whatWasNotDurableComesAgainAfterTheBrokerIsGone() async throws {
        try await withTemporaryDirectory { directory in
            let port = try FreePorts.next()
            let source = try source(port)
            let sink = MQTTFakeSink()
            let intake = Intake(source: source.identity, layout: .rawEvents, sink: sink)
            try await withMosquitto(port: port, persistence: directory) { mosquitto in
                let failure = await #expect(throws: SourceFailure.self) {
                    try await withRunningMQTTSource(source, intake) {
                        try await publish(0..<10, port: port)
                        #expect(try await mqttEventually { sink.count == 10 })
                        intake.durable(upTo: sink.latest)
                        try await publish(10..<15, port: port)
                        #expect(try await mqttEventually { sink.count == 15 })
                        mosquitto.program.terminate()
                        try await Task.sleep(for: .seconds(60))
                    }
                }
                #expect(failure?.disposition == .transient)
            }
            intake.disconnected(reportQuality: false)
            try await withMosquitto(port: port, persistence: directory) { _ in
                try await withRunningMQTTSource(source, intake) {
                    #expect(try await mqttEventually { sink.count == 20 })
                    try await publish(15..<16, port: port)
                    #expect(try await mqttEventually { sink.count == 21 })
                }
            }
            // Ten were durable and acknowledged; five came again, marked as such.
            let expected = Array(0..<15) + Array(10..<16)
            #expect(try sink.rows().map { $0["value"] } == expected.map { .text(String($0)) })
            #expect(source.counts == MQTTCounts(messages: 21, redelivered: 5))
        }
    }

    @Test func aWrongPasswordIsAPermanentFailureInWords() async throws {
        try await withTemporaryDirectory { directory in
            try write("", to: directory + "/passwords")
            let settings = ["allow_anonymous false", "password_file \(directory)/passwords"]
            try await withMosquitto(settings: settings) { mosquitto in
                let source = MQTTSource(
                    try MQTTSourceConfiguration(
                        name: "m", endpoint: "mqtt://127.0.0.1:\(mosquitto.port)", topics: [.init(filter: "#")],
                        username: "u", password: "a-secret-word"), logger: logger)
                let intake = Intake(source: source.identity, layout: .rawEvents, sink: MQTTFakeSink())
                let failure = await #expect(throws: SourceFailure.self) { try await source.run(intake) }
                #expect(failure?.disposition == .permanent)
                #expect(failure?.message.contains("a-secret-word") == false)
            }
        }
    }
}
