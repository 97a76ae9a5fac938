import ConnectorModel
import Logging
import MQTTAdapter
import MQTTBroker
import MQTTCore
import NIOCore
import Testing

/// The source against our own broker.
@Suite(.timeLimit(.minutes(1))) struct MQTTSourceTests {
    private let logger = Logger(label: "test")

    private func configuration(
        _ broker: Broker, _ topics: [MQTTSourceConfiguration.Topic] = [.init(filter: "#")],
        version: MQTTSourceConfiguration.Version = .automatic, tagLimit: Int = 1000
    ) throws -> MQTTSourceConfiguration {
        try MQTTSourceConfiguration(
            name: "s", endpoint: "mqtt://127.0.0.1:\(broker.port ?? 0)", topics: topics, version: version,
            tagLimit: tagLimit)
    }

    private func withBroker(_ body: @escaping @Sendable (Broker) async throws -> Void) async throws {
        try await Broker.withBroker(BrokerConfiguration(port: 0), logger: logger, body)
    }

    private func message(_ topic: String, _ payload: String, qos: QoS = .atLeastOnce, retain: Bool = false) -> Publish {
        Publish(topic: topic, payload: ByteBuffer(string: payload), qos: qos, retain: retain)
    }

    @Test(arguments: [MQTTSourceConfiguration.Version.automatic, .v311])
    func aMessageBecomesARow(version: MQTTSourceConfiguration.Version) async throws {
        try await withBroker { broker in
            try broker.publish([message("plant/old", "3", retain: true)])
            let source = MQTTSource(try configuration(broker, version: version), logger: logger)
            let sink = MQTTFakeSink()
            try await withRunningMQTTSource(source, sink) { intake in
                try broker.publish([
                    message(
                        "plant/power", #"{"value":12.5,"unit":"kW","quality":"bad","timestamp":1700000000123456}"#),
                    message("plant/many", #"{"a":1,"b":"x"}"#, qos: .atMostOnce),
                ])
                #expect(try await mqttEventually { sink.count == 4 })
                #expect(intake.snapshot().connectedSince != nil)
                let counts = intake.snapshot().counts
                #expect(counts.good == 2 && counts.uncertain == 1 && counts.bad == 1)
            }
            let rows = try sink.rows()
            #expect(
                rows.map { $0["topic_or_path"] }
                    == ["plant/old", "plant/power", "plant/many/a", "plant/many/b"].map { .text($0) })
            try #require(rows.count == 4)
            let power = rows[1]
            #expect(power["source_name"] == .text("s"))
            #expect(power["protocol_type"] == .text("mqtt"))
            #expect(power["event_time"] == .integer(1_700_000_000_123_456))
            #expect(power["value"] == .text("12.5"))
            #expect(power["value_num"] == .double(12.5))
            #expect(power["value_type"] == .text("float64"))
            #expect(power["status"] == .text("Bad"))
            guard case .map(let metadata) = power["metadata"] else {
                Issue.record("no metadata")
                return
            }
            #expect(metadata["unit"] == "kW" && metadata["qos"] == "1" && metadata["retain"] == "false")
            #expect(rows[0]["status"] == .text("Good") && rows[0]["status_code"] == .integer(0))
            #expect(source.counts.messages == 3)
        }
    }

    @Test func unacknowledgedMessagesComeAgainOnTheNextConnection() async throws {
        try await withBroker { broker in
            let source = MQTTSource(try configuration(broker), logger: logger)
            let sink = MQTTFakeSink()
            try await withRunningMQTTSource(source, sink) { intake in
                try broker.publish((0..<10).map { message("n/\($0)", "\($0)") })
                #expect(try await mqttEventually { sink.count == 10 })
            }
            // Nothing was durable: all ten come again.
            try await withRunningMQTTSource(source, sink) { intake in
                #expect(try await mqttEventually { sink.count == 20 })
                #expect(source.counts == MQTTCounts(messages: 20, redelivered: 10))
                #expect(intake.snapshot().redeliveredMessages == 10)
                intake.durable(upTo: sink.latest)
                // The next message comes after the acknowledgements on the same connection.
                try broker.publish([message("n/last", "1")])
                #expect(try await mqttEventually { sink.count == 21 })
            }
            try await withRunningMQTTSource(source, sink) { _ in
                #expect(try await mqttEventually { sink.count >= 22 })
                try broker.publish([message("n/new", "1", qos: .atMostOnce)])
                #expect(try await mqttEventually { try sink.rows().last?["topic_or_path"] == .text("n/new") })
            }
            // Only the one that was never durable came a second time.
            #expect(try sink.rows().suffix(2).map { $0["topic_or_path"] } == [.text("n/last"), .text("n/new")])
        }
    }

    @Test func tenThousandMessagesInOrderAndAcknowledged() async throws {
        try await withBroker { broker in
            let source = MQTTSource(try configuration(broker), logger: logger)
            let sink = MQTTInstantSink()
            let intake = Intake(source: source.identity, layout: .rawEvents, sink: sink)
            sink.attach(intake)
            try await withRunningMQTTSource(source, intake) {
                for start in stride(from: 0, to: 10_000, by: 500) {
                    try broker.publish(
                        (start..<start + 500).map { message("line/\($0 % 7)", "{\"value\":\($0)}") })
                }
                #expect(try await mqttEventually { sink.sink.count == 10_000 })
            }
            #expect(try sink.sink.rows().map { $0["value"] } == (0..<10_000).map { .text(String($0)) })
            #expect(intake.snapshot().tags == 7)
            // Acknowledged: nothing comes again.
            try await withRunningMQTTSource(source, intake) {
                try broker.publish([message("end", "1", qos: .atMostOnce)])
                #expect(try await mqttEventually { sink.sink.count >= 10_001 })
            }
            #expect(sink.sink.count == 10_001)
            #expect(source.counts == MQTTCounts(messages: 10_001, redelivered: 0))
        }
    }

    @Test func aFullLaneClosesTheWindowAndOpensItAgain() async throws {
        try await withBroker { broker in
            let source = MQTTSource(try configuration(broker), logger: logger)
            let sink = MQTTFakeSink()
            let intake = Intake(source: source.identity, layout: .rawEvents, sink: sink)
            intake.demand(open: false)
            try await withRunningMQTTSource(source, intake) {
                for start in stride(from: 0, to: 3000, by: 500) {
                    try broker.publish((start..<start + 500).map { message("n", "\($0)") })
                }
                // The broker keeps 1024 open at the most.
                #expect(try await mqttEventually { sink.count == 1024 })
                intake.durable(upTo: sink.latest)
                try await Task.sleep(for: .milliseconds(50))
                #expect(sink.count == 1024)
                intake.demand(open: true)
                #expect(
                    try await mqttEventually {
                        intake.durable(upTo: sink.latest)
                        return sink.count == 3000
                    })
            }
            #expect(try sink.rows().map { $0["value"] } == (0..<3000).map { .text(String($0)) })
        }
    }

    @Test func aFullLaneStopsReadingMessagesOfQoS0() async throws {
        try await withBroker { broker in
            let source = MQTTSource(try configuration(broker, [.init(filter: "#", qos: 0)]), logger: logger)
            let sink = MQTTFakeSink()
            let intake = Intake(source: source.identity, layout: .rawEvents, sink: sink)
            try await withRunningMQTTSource(source, intake) {
                intake.demand(open: false)
                try broker.publish([message("first", "1")])
                #expect(try await mqttEventually { sink.count == 1 })
                try await Task.sleep(for: .milliseconds(20))
                try broker.publish((0..<100).map { message("n", "\($0)") })
                try await Task.sleep(for: .milliseconds(50))
                #expect(sink.count == 1)
                intake.demand(open: true)
                #expect(try await mqttEventually { sink.count == 101 })
            }
        }
    }

    @Test func tagsBeyondTheLimitShareOne() async throws {
        try await withBroker { broker in
            let source = MQTTSource(try configuration(broker, tagLimit: 2), logger: logger)
            let sink = MQTTFakeSink()
            try await withRunningMQTTSource(source, sink) { intake in
                try broker.publish((0..<5).map { message("t/\($0)", "\($0)") })
                #expect(try await mqttEventually { sink.count == 5 })
                #expect(intake.snapshot().tags == 3)
            }
            let last = try #require(try sink.rows().last)
            #expect(last["topic_or_path"] == .text("(beyond the limit)"))
            #expect(last["value"] == .text("4"))
            guard case .map(let metadata) = last["metadata"] else {
                Issue.record("no metadata")
                return
            }
            #expect(metadata["address"] == "t/4")
        }
    }

    @Test func nothingThereIsATransientFailureWithASentence() async throws {
        let (port, source) = try await Broker.withBroker(BrokerConfiguration(port: 0), logger: logger) { broker in
            (broker.port ?? 0, MQTTSource(try configuration(broker), logger: logger))
        }
        let intake = Intake(source: source.identity, layout: .rawEvents, sink: MQTTFakeSink())
        let failure = await #expect(throws: SourceFailure.self) { try await source.run(intake) }
        #expect(failure?.disposition == .transient)
        #expect(failure?.message.contains("127.0.0.1:\(port)") == true)
        #expect(intake.snapshot().connectedSince == nil)
    }

    @Test func aRefusedTopicIsNamed() async throws {
        // This broker grants one subscription to each client, or none.
        for granted in [0, 1] {
            let limits = BrokerLimits(maximumSubscriptionsPerClient: granted)
            try await Broker.withBroker(BrokerConfiguration(port: 0, limits: limits), logger: logger) { broker in
                let source = MQTTSource(
                    try configuration(broker, [.init(filter: "a/#"), .init(filter: "b/#")]), logger: logger)
                let sink = MQTTFakeSink()
                guard granted == 0 else {
                    // The other one is read.
                    try await withRunningMQTTSource(source, sink) { _ in
                        try broker.publish([message("b/1", "1"), message("a/1", "1")])
                        #expect(try await mqttEventually { sink.count == 1 })
                    }
                    #expect(try sink.rows().first?["topic_or_path"] == .text("a/1"))
                    return
                }
                let intake = Intake(source: source.identity, layout: .rawEvents, sink: sink)
                let failure = await #expect(throws: SourceFailure.self) { try await source.run(intake) }
                #expect(failure?.disposition == .permanent)
                #expect(failure?.message.contains("\"a/#\"") == true)
                #expect(failure?.message.contains("quota exceeded") == true)
                #expect(intake.snapshot().connectedSince == nil)
            }
        }
    }
}

/// Runs a source until the body ends, then cancels it; the body begins once the source is connected.
func withRunningMQTTSource(
    _ source: MQTTSource, _ sink: any FrameSink, _ body: @escaping @Sendable (Intake) async throws -> Void
) async throws {
    let intake = Intake(source: source.identity, layout: .rawEvents, sink: sink)
    try await withRunningMQTTSource(source, intake) { try await body(intake) }
}

func withRunningMQTTSource(
    _ source: MQTTSource, _ intake: Intake, _ body: @escaping @Sendable () async throws -> Void
) async throws {
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        let (connected, signal) = AsyncStream<Void>.makeStream()
        intake.onConnected { signal.finish() }
        tasks.addTask {
            defer { signal.finish() }
            do {
                try await source.run(intake)
            } catch is CancellationError {
                return
            }
        }
        tasks.addTask {
            for await _ in connected {}
            try await body()
            intake.disconnected(reportQuality: false)
            throw CancellationError()
        }
        do {
            while try await tasks.next() != nil {}
        } catch is CancellationError {
            tasks.cancelAll()
            while try await tasks.next() != nil {}
        }
    }
}
