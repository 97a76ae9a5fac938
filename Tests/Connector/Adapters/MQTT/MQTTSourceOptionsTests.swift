import ConnectorModel
import Logging
import MQTTAdapter
import MQTTBroker
import MQTTClient
import MQTTCore
import NIOCore
import Testing

/// What may be set of a source, against our own broker.
@Suite(.timeLimit(.minutes(1))) struct MQTTSourceOptionsTests {
    private let logger = Logger(label: "test")

    private func source(
        _ broker: Broker, _ topics: [MQTTSourceConfiguration.Topic] = [.init(filter: "#")],
        _ options: MQTTSourceOptions = MQTTSourceOptions(), version: MQTTSourceConfiguration.Version = .automatic,
        endpoint: String? = nil
    ) throws -> MQTTSource {
        MQTTSource(
            try MQTTSourceConfiguration(
                name: "s", endpoint: endpoint ?? "mqtt://127.0.0.1:\(broker.port ?? 0)", topics: topics,
                version: version, options: options), logger: logger)
    }

    private func withBroker(_ body: @escaping @Sendable (Broker) async throws -> Void) async throws {
        try await Broker.withBroker(BrokerConfiguration(port: 0), logger: logger, body)
    }

    private func message(_ topic: String, _ payload: String, _ properties: Properties = []) -> Publish {
        Publish(topic: topic, payload: ByteBuffer(string: payload), qos: .atLeastOnce, properties: properties)
    }

    private func metadata(_ row: [String: RecordDecoder.ColumnValue]) -> [String: String] {
        if case .map(let metadata) = row["metadata"] { metadata } else { [:] }
    }

    @Test func eachTopicIsReadInItsOwnWay() async throws {
        try await withBroker { broker in
            let topics = [
                MQTTSourceConfiguration.Topic(
                    filter: "plant/+/temperature", payload: PayloadOptions(form: .text, coerce: true),
                    template: try TopicTemplate("{site}/{line}/{tag_name}")),
                .init(filter: "raw/#", payload: PayloadOptions(form: .bytes)), .init(filter: "#"),
            ]
            let sink = MQTTFakeSink()
            try await withRunningMQTTSource(try self.source(broker, topics), sink) { _ in
                try broker.publish([
                    message("plant/l1/temperature", "21.50"), message("raw/x", "7"), message("other", "7"),
                ])
                #expect(try await mqttEventually { sink.count == 3 })
            }
            let rows = try sink.rows()
            #expect(rows.map { $0["value"] } == [.text("21.5"), .text("Nw=="), .text("7")])
            #expect(rows.map { $0["value_type"] } == [.text("float64"), .text("bytes"), .text("int64")])
            #expect(metadata(rows[0])["site"] == "plant" && metadata(rows[0])["line"] == "l1")
            #expect(metadata(rows[2])["site"] == nil)
        }
    }

    @Test func userPropertiesBecomeMetadata() async throws {
        try await withBroker { broker in
            let sink = MQTTFakeSink()
            try await withRunningMQTTSource(try self.source(broker), sink) { _ in
                let many = (0..<40).map { Property.userProperty(name: "n\($0)", value: "v") }
                try broker.publish([
                    message(
                        "a", "1",
                        [
                            .userProperty(name: "batch", value: "7"), .userProperty(name: "qos", value: "9"),
                            .userProperty(name: "batch", value: "8"), .contentType("x"),
                        ]),
                    message("b", "2", Properties(many)),
                ])
                #expect(try await mqttEventually { sink.count == 2 })
            }
            let rows = try sink.rows()
            #expect(metadata(rows[0])["batch"] == "7")
            #expect(metadata(rows[0])["qos"] == "1")
            #expect(metadata(rows[0])["user.qos"] == "9")
            #expect(metadata(rows[1]).keys.count { $0.hasPrefix("n") } == 32)
        }
    }

    /// What cannot be decoded goes to the dead letters, and is acknowledged only when they are durable.
    @Test func undecodablePayloads() async throws {
        try await withBroker { broker in
            var options = MQTTSourceOptions()
            options.payload = PayloadOptions(form: .json)
            let source = try self.source(broker, [.init(filter: "#")], options)
            let sink = MQTTFakeSink()
            try await withRunningMQTTSource(source, sink) { intake in
                try broker.publish([message("a", "1"), message("b", "{\"value\":"), message("c", "3")])
                #expect(try await mqttEventually { sink.count == 2 && sink.refused.count == 1 })
                let letter = try #require(sink.refused.first)
                #expect(letter.topic == "b")
                #expect(letter.reason == "no JSON: the text ends inside a value, at byte 9")
                #expect(letter.bytes == Array("{\"value\":".utf8))
                #expect(source.counts == MQTTCounts(messages: 3, redelivered: 0, undecodable: 1))
                // Tried once more by somebody's wish: still refused; and a good one becomes a row.
                #expect(intake.retry(letter))
                #expect(sink.refused.count == 2)
                #expect(intake.retry(RefusedPayload(topic: "b", reason: "", bytes: Array("{\"value\":5}".utf8))))
                #expect(sink.count == 3)
            }
            // Nothing was durable: all three come again.
            try await withRunningMQTTSource(source, sink) { intake in
                let again = try await mqttEventually { sink.count == 5 && sink.refused.count == 3 }
                #expect(again)
                intake.durable(upTo: sink.latest)
            }
            #expect(source.counts.redelivered == 3)
        }
    }

    @Test func oldValuesAreUncertain() async throws {
        try await withBroker { broker in
            var options = MQTTSourceOptions()
            options.maximumAgeSeconds = 60
            let sink = MQTTFakeSink()
            try await withRunningMQTTSource(try self.source(broker, [.init(filter: "#")], options), sink) { intake in
                let now = Timestamp.now().microseconds / 1000
                try broker.publish([
                    message("a", "{\"value\":1,\"timestamp\":\(now)}"),
                    message("b", "{\"value\":1,\"timestamp\":\(now - 120_000)}"), message("c", "1"),
                ])
                #expect(try await mqttEventually { sink.count == 3 })
                let counts = intake.snapshot().counts
                #expect(counts.good == 2 && counts.uncertain == 1)
            }
        }
    }

    /// A lane that rejects says so upstream: the broker gets reason 0x97 and does not send the message again.
    @Test(arguments: [MQTTSourceConfiguration.Version.v5, .v311])
    func rejectedMessagesAreRefused(version: MQTTSourceConfiguration.Version) async throws {
        try await withBroker { broker in
            let source = try self.source(broker, version: version)
            let sink = MQTTFakeSink()
            try await withRunningMQTTSource(source, sink) { intake in
                sink.setRejecting(true)
                try broker.publish((0..<5).map { message("a", "\($0)") })
                #expect(try await mqttEventually { source.counts.messages == 5 })
                sink.setRejecting(false)
                try broker.publish([message("a", "5")])
                #expect(try await mqttEventually { sink.count == 1 })
                intake.durable(upTo: sink.latest)
                #expect(try await mqttEventually { broker.statistics.messagesInFlight == 0 })
            }
            try await withRunningMQTTSource(source, sink) { _ in
                try broker.publish([message("a", "6")])
                #expect(try await mqttEventually { sink.count == 2 })
            }
            #expect(try sink.rows().map { $0["value"] } == [.text("5"), .text("6")])
        }
    }

    /// A payload that is no reading does not hide that the readings beside it were refused.
    @Test func rejectedMessagesAreRefusedAlsoBesideAnUndecodableOne() async throws {
        let sink = MQTTFakeSink()
        let identity = SourceIdentity(name: "s", protocolType: "mqtt", endpoint: "mqtt://b", statusName: { _ in "" })
        let intake = Intake(source: identity, layout: .rawEvents, sink: sink)
        let tag = intake.define(TagDefinition(address: "a"))
        func deliver() -> Ticket? {
            intake.deliver { builder in
                builder.append(Reading(.int(1), .int64, status: .good), of: tag)
                builder.refuse(Array("{".utf8), topic: "b", reason: "no JSON")
            }
        }
        #expect(deliver()?.isRejected == false)
        sink.setRejecting(true)
        #expect(deliver()?.isRejected == true)
        #expect(sink.refused.count == 2 && sink.count == 1)
        let onlyRefused = intake.deliver { $0.refuse([1], topic: "b", reason: "no JSON") }
        #expect(onlyRefused?.isRejected == false)
    }

    /// A broker that counts what it is answered: the whole batch is refused, the undecodable payload is kept.
    @Test func aMixedBatchIsAnsweredWithQuotaExceeded() async throws {
        try await withBroker { broker in
            let source = try self.source(broker, [.init(filter: "#", payload: PayloadOptions(form: .json))])
            let sink = MQTTFakeSink()
            try await withRunningMQTTSource(source, sink) { _ in
                sink.setRejecting(true)
                try broker.publish([message("a", "1"), message("b", "{"), message("a", "2")])
                // Nothing is durable, so only a refusal ends the deliveries.
                #expect(try await mqttEventually { source.counts.messages == 3 })
                #expect(try await mqttEventually { broker.statistics.messagesInFlight == 0 })
                #expect(sink.refused.map(\.topic) == ["b"] && sink.count == 0)
            }
        }
    }

    @Test func theNextBrokerIsTriedWhenTheFirstIsNotThere() async throws {
        try await withBroker { broker in
            var options = MQTTSourceOptions()
            options.endpoints = ["mqtt://127.0.0.1:\(broker.port ?? 0)"]
            let source = try self.source(broker, [.init(filter: "#")], options, endpoint: "mqtt://127.0.0.1:1")
            let sink = MQTTFakeSink()
            try await withRunningMQTTSource(source, sink) { _ in
                try broker.publish([message("a", "1")])
                #expect(try await mqttEventually { sink.count == 1 })
            }
            options.endpoints = ["mqtt://127.0.0.1:2"]
            let nowhere = try self.source(broker, [.init(filter: "#")], options, endpoint: "mqtt://127.0.0.1:1")
            let intake = Intake(source: nowhere.identity, layout: .rawEvents, sink: sink)
            let failure = await #expect(throws: SourceFailure.self) { try await nowhere.run(intake) }
            #expect(failure?.message.contains("127.0.0.1:2") == true)
        }
    }

    @Test func aWillIsPublishedOnlyWhereItIsSet() async throws {
        try await withBroker { broker in
            let watcher = MQTTFakeSink()
            let watching = MQTTSource(
                try MQTTSourceConfiguration(
                    name: "w", endpoint: "mqtt://127.0.0.1:\(broker.port ?? 0)", topics: [.init(filter: "status/#")]),
                logger: logger)
            try await withRunningMQTTSource(watching, watcher) { _ in
                var options = MQTTSourceOptions()
                options.will = MQTTWill(topic: "status/s", payload: "gone", qos: 1)
                let source = try self.source(broker, [.init(filter: "x")], options)
                // A second client of the same name makes the first one go without a goodbye.
                await #expect(throws: SourceFailure.self) {
                    try await withRunningMQTTSource(source, MQTTFakeSink()) { _ in
                        try await withRunningMQTTSource(try self.source(broker, [.init(filter: "x")]), MQTTFakeSink()) {
                            _ in
                            #expect(try await mqttEventually { watcher.count == 1 })
                            try await Task.sleep(for: .seconds(30))
                        }
                    }
                }
            }
            #expect(try watcher.rows().map { $0["value"] } == [.text("gone")])
        }
    }

    private func problem(_ change: (inout MQTTSourceOptions) -> Void, endpoint: String = "mqtt://h") -> String? {
        var options = MQTTSourceOptions()
        change(&options)
        do throws(SettingError) {
            _ = try MQTTSourceConfiguration(
                name: "s", endpoint: endpoint, topics: [.init(filter: "#")], options: options)
            return nil
        } catch {
            return error.key
        }
    }

    @Test func whatCannotBeIsRefusedWithItsKey() {
        #expect(problem { _ in } == nil)
        #expect(problem { $0.endpoints = ["mqtt://ok", "http://no"] } == "endpoints[1]")
        #expect(problem { $0.receiveMaximum = 0 } == "receive_maximum")
        #expect(problem { $0.topicAliasMaximum = 65_536 } == "topic_alias_maximum")
        #expect(problem { $0.maximumAgeSeconds = 0 } == "max_age_s")
        #expect(problem { $0.will = MQTTWill(topic: "a/#") } == "will.topic")
        #expect(problem { $0.will = MQTTWill(topic: "a", qos: 3) } == "will.qos")
        #expect(problem { $0.tls.ca = "/x" } == "tls")
        #expect(problem({ $0.tls.ca = "/x" }, endpoint: "mqtts://h") == nil)
        #expect(problem { $0.tls = TLSKeys(enabled: true, ca: "/x") } == nil)
        #expect(problem({ $0.tls.enabled = false }, endpoint: "wss://h") == "tls.enabled")
        #expect(problem({ $0.tls.certificate = "/x" }, endpoint: "wss://h") == "tls.private_key")
        #expect(problem({ $0.tls.minVersion = "1.1" }, endpoint: "wss://h") == "tls.min_version")
    }
}
