import ConnectorModel
import Logging
import MQTTAdapter
import MQTTBroker
import MQTTClient
import MQTTCore
import NIOCore
import SparkplugB
import Synchronization
import Testing

/// The source as a host application, against our own broker.
@Suite(.timeLimit(.minutes(1))) struct SparkplugSourceTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func source(_ broker: Broker, _ options: SparkplugOptions = SparkplugOptions()) throws -> MQTTSource {
        MQTTSource(
            try MQTTSourceConfiguration(
                name: "s", endpoint: "mqtt://127.0.0.1:\(broker.port ?? 0)", topics: [], sparkplug: options),
            logger: logger)
    }

    private func withBroker(_ body: @escaping @Sendable (Broker) async throws -> Void) async throws {
        try await Broker.withBroker(BrokerConfiguration(port: 0), logger: logger, body)
    }

    @Test func valuesBecomeRowsUnderTheirNames() async throws {
        try await withBroker { broker in
            let source = try source(broker)
            let sink = MQTTFakeSink()
            var plant = SparkplugPlant()
            let messages = plant.births([1.5, 0]) + plant.data([2.5, 1], quality: .uncertain) + [plant.death]
            try await withRunningMQTTSource(source, sink) { intake in
                try broker.publish(messages)
                #expect(try await mqttEventually { sink.count == 8 })
                let counts = intake.snapshot().counts
                #expect(counts.good == 4 && counts.uncertain == 1 && counts.bad == 3)
            }
            let rows = try sink.rows()
            let power = rows.filter { $0["topic_or_path"] == .text("spBv1.0/g/DDATA/n/crusher/power") }
            #expect(power.map { $0["value_num"] } == [.double(1.5), .double(2.5), nil])
            #expect(power.map { $0["status"] } == [.text("Good"), .text("Uncertain"), .text("Stale")])
            #expect(power.map { $0["status_code"] } == [.integer(192), .integer(64), .integer(500)])
            #expect(power.first?["event_time"] == .integer(1_700_000_000_000_000))
            #expect(power.first?["value_type"] == .text("float64"))
            guard case .map(let metadata)? = power.first?["metadata"] else {
                Issue.record("no metadata")
                return
            }
            #expect(metadata["unit"] == "kW" && metadata["device"] == "crusher" && metadata["edge_node"] == "n")
            #expect(metadata["group"] == "g" && metadata["sparkplug_type"] == "Double")
        }
    }

    /// What the lane rejects the broker hears of, and does not send again.
    @Test func rejectedMessagesAreRefused() async throws {
        try await withBroker { broker in
            let source = try source(broker)
            let sink = MQTTFakeSink()
            var plant = SparkplugPlant()
            let births = plant.births([1.5, 0])
            let data = plant.data([2.5, 1], quality: .good)
            try await withRunningMQTTSource(source, sink) { intake in
                sink.setRejecting(true)
                try broker.publish(births)
                #expect(try await mqttEventually { source.counts.messages == births.count })
                #expect(try await mqttEventually { broker.statistics.messagesInFlight == 0 })
                sink.setRejecting(false)
                // The host knows the names all the same.
                try broker.publish(data)
                #expect(try await mqttEventually { sink.count == 2 })
            }
            #expect(
                try sink.rows().contains { $0["topic_or_path"] == .text("spBv1.0/g/DDATA/n/crusher/power") })
        }
    }

    @Test func tablesAndStructuresAreJSON() async throws {
        try await withBroker { broker in
            let source = try source(broker)
            let sink = MQTTFakeSink()
            let set = DataSet(
                columns: ["a", "b"], types: [.int8, .string],
                rows: [[.int(-1), .string("x\"")], [.null, .string("")]])
            let template = Template(
                version: "2", metrics: [Metric("on", .boolean, .boolean(true)), Metric("t", .dateTime, .dateTime(0))],
                parameters: [.init(name: "p", type: .float, value: .float(0.5))], reference: "Motor")
            let metrics = [
                Metric("set", .dataSet, .dataSet(set)), Metric("motor", .template, .template(template)),
                Metric("array", .int32Array, .array(.ints([1, -2]))), Metric("bytes", .bytes, .bytes([1, 2, 3])),
                Metric("time", .dateTime, .dateTime(1_700_000_000_123)), Metric("null", .int16, .null),
                Metric("old", timestamp: 5, .uint64, .uint(.max), isHistorical: true),
            ]
            try await withRunningMQTTSource(source, sink) { _ in
                try broker.publish([
                    SparkplugPlant.publish("spBv1.0/g/NBIRTH/n", Payload(timestamp: 9, metrics: metrics, seq: 0))
                ])
                #expect(try await mqttEventually { sink.count == metrics.count })
            }
            let rows = try sink.rows()
            #expect(
                rows.map { $0["value"] } == [
                    .text(#"{"columns":["a","b"],"types":["Int8","String"],"rows":[[-1,"x\""],[null,""]]}"#),
                    .text(
                        #"{"template":"Motor","version":"2","metrics":{"on":true,"t":"1970-01-01T00:00:00.000000Z"},"parameters":{"p":0.5}}"#
                    ),
                    .text("[1,-2]"), .text("AQID"), .text("2023-11-14T22:13:20.123000Z"), nil,
                    .text("18446744073709551615"),
                ])
            #expect(
                rows.map { $0["value_type"] }
                    == ["json", "json", "json", "bytes", "DateTime", "int16", "uint64"].map { .text($0) })
            #expect(rows.last?["event_time"] == .integer(5000))
            guard case .map(let metadata)? = rows.last?["metadata"] else {
                Issue.record("no metadata")
                return
            }
            #expect(metadata["is_historical"] == "true")
        }
    }

    @Test func aHostThatCameLaterAsksForBirths() async throws {
        try await withBroker { broker in
            let edge = SparkplugListener()
            try await edge.listen(broker, ["spBv1.0/#"], logger) {
                let sink = MQTTFakeSink()
                let source = try source(broker, SparkplugOptions(requestsRebirth: true))
                let plant = Mutex(SparkplugPlant())
                _ = plant.withLock { $0.births([0, 0]) }
                edge.onMessage { topic, payload in
                    guard topic == "spBv1.0/g/NCMD/n", plant.withLock({ $0.isAskedForBirths(payload) }) else {
                        return []
                    }
                    return plant.withLock { $0.births([7, 1]) }
                }
                try await withRunningMQTTSource(source, sink) { intake in
                    try broker.publish(plant.withLock { $0.data([5, 0]) })
                    #expect(try await mqttEventually { sink.count == 3 })
                    try broker.publish(plant.withLock { $0.data([8, 1]) })
                    #expect(try await mqttEventually { sink.count == 5 })
                    #expect(intake.snapshot().diagnostics?.incidents["unknown_alias"] == 2)
                    #expect(intake.snapshot().diagnostics?.incidents["rebirth_requested"] == 1)
                }
                let values = try sink.rows().filter {
                    $0["topic_or_path"] == .text("spBv1.0/g/DDATA/n/crusher/power")
                }
                #expect(values.map { $0["value"] } == [.text("7.0"), .text("8.0")])
            }
        }
    }

    @Test func withoutItsKeysTheHostPublishesNothing() async throws {
        try await withBroker { broker in
            let spy = SparkplugListener()
            try await spy.listen(broker, ["#"], logger) {
                let sink = MQTTFakeSink()
                var plant = SparkplugPlant()
                _ = plant.births([0, 0])
                let data = plant.data([1, 1])
                try await withRunningMQTTSource(try source(broker), sink) { intake in
                    try broker.publish(data)
                    #expect(
                        try await mqttEventually { intake.snapshot().diagnostics?.incidents["unknown_alias"] == 2 }
                    )
                }
                try broker.publish([SparkplugPlant.publish("end", Payload())])
                #expect(try await mqttEventually { spy.topics.last == "end" })
                #expect(spy.topics == data.map(\.topicText) + ["end"])
            }
        }
    }

    @Test func theHostSaysThatItIsThereAndThatItLeaves() async throws {
        try await withBroker { broker in
            let spy = SparkplugListener()
            try await spy.listen(broker, ["spBv1.0/STATE/#"], logger) {
                let source = try source(broker, SparkplugOptions(hostID: "h1"))
                try await withRunningMQTTSource(source, MQTTFakeSink()) { _ in
                    #expect(try await mqttEventually { spy.states.count == 1 })
                    #expect(spy.states.first?.isOnline == true && spy.topics == ["spBv1.0/STATE/h1"])
                    // Somebody else says that it is gone: it says that it is not.
                    try broker.publish([
                        Publish(
                            topic: "spBv1.0/STATE/h1",
                            payload: ByteBuffer(string: HostState(isOnline: false, timestamp: 1).text),
                            qos: .atLeastOnce, retain: true)
                    ])
                    #expect(try await mqttEventually { spy.states.count == 3 })
                    #expect(spy.states.map(\.isOnline) == [true, false, true])
                    #expect(spy.states.last == spy.states.first)
                }
                #expect(try await mqttEventually { spy.states.count == 4 })
                #expect(spy.states.last == HostState(isOnline: false, timestamp: spy.states.first?.timestamp))
            }
            // It is retained: an edge node that comes later learns it too.
            let late = SparkplugListener()
            try await late.listen(broker, ["spBv1.0/STATE/h1"], logger) {
                let isThere = try await mqttEventually { late.states.map(\.isOnline) == [false] }
                #expect(isThere)
            }
        }
    }

    @Test func whatWaitsForItsPlaceIsNotAcknowledged() async throws {
        try await withBroker { broker in
            let sink = MQTTFakeSink()
            let intake: Intake
            let source = try source(broker, SparkplugOptions(reorderTimeoutMilliseconds: 60_000))
            intake = Intake(source: source.identity, layout: .rawEvents, sink: sink)
            var plant = SparkplugPlant()
            let births = plant.births([0, 0])
            let (first, second) = (plant.data([1, 0]), plant.data([2, 0]))
            let early = births + second
            try await withRunningMQTTSource(source, intake) {
                try broker.publish(early)
                #expect(try await mqttEventually { source.counts.messages == 3 && sink.count == 3 })
                intake.durable(upTo: sink.latest)
            }
            // The connection ended before the message that was overtaken came: the one that waits comes again.
            try await withRunningMQTTSource(source, intake) {
                #expect(try await mqttEventually { source.counts.redelivered == 1 })
                try broker.publish(first)
                #expect(try await mqttEventually { sink.count >= 7 })
            }
            let power = try sink.rows().filter { $0["topic_or_path"] == .text("spBv1.0/g/DDATA/n/crusher/power") }
            #expect(power.suffix(2).map { $0["value"] } == [.text("1.0"), .text("2.0")])
        }
    }
}

@Suite struct SettledMessagesTests {
    private func token(_ number: UInt64) -> DeliveryToken { DeliveryToken(generation: 1, sequence: number) }

    @Test func aMessageHoldsBackThoseBehindIt() {
        var messages = SettledMessages()
        let numbers = (0..<4).map { messages.arrived($0 == 1 ? nil : token(UInt64($0))) }
        messages.settled(numbers[2])
        #expect(messages.take() == nil)
        messages.settled(numbers[0])
        #expect(messages.take() == .init(token(0), token(0)))
        messages.settled(numbers[1])
        #expect(messages.take() == .init(token(2), token(2)), "of QoS 0 there is nothing to acknowledge")
        messages.settled(numbers[3])
        #expect(messages.take() == .init(token(3), token(3)))
        #expect(messages.take() == nil)
    }

    @Test func aNewConnectionForgetsWhatIsOpen() {
        var messages = SettledMessages()
        let old = messages.arrived(token(0))
        messages.connected()
        let new = messages.arrived(token(1))
        #expect(new != old)
        messages.settled(old)
        #expect(messages.take() == nil)
        messages.settled(new)
        #expect(messages.take() == .init(token(1), token(1)))
    }
}
