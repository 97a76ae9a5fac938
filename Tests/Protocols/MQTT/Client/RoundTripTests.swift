import MQTTBroker
import MQTTClient
import MQTTCore
import NIOCore
import Testing

@Suite struct RoundTripTests {
    @Test(arguments: MQTTVersion.allCases, QoS.allCases)
    func publishesAndReceives(_ version: MQTTVersion, _ qos: QoS) async throws {
        try await withBroker { broker in
            let recorder = Recorder()
            let configuration = try client(broker, version: version, subscriptions: [subscription("plant/#", qos)])
            try await MQTTConnection.withConnection(configuration, receiver: recorder) { connection in
                #expect(connection.negotiated.version == version)
                #expect(connection.subscriptions.map(\.reason) == [.granted(qos)])
                let batch = (0..<500).map { message("plant/\($0 % 7)", "\($0)", qos) }
                try await connection.publish(batch)
                try await eventually("all messages") { recorder.messages.count >= 500 }
                #expect(recorder.payloads == (0..<500).map(String.init))
                #expect(recorder.messages.allSatisfy { $0.qos == qos && !$0.isDuplicate })
                #expect(recorder.reads < 500)
            }
            try await eventually("the client to leave") { broker.statistics.connections == 0 }
        }
    }

    @Test func publishesFromWithinTheProcess() async throws {
        try await withBroker { broker in
            try broker.publish([message("a/kept", "retained", .atLeastOnce, retain: true)])
            let recorder = Recorder()
            let configuration = try client(broker, subscriptions: [subscription("a/+", .atLeastOnce)])
            try await MQTTConnection.withConnection(configuration, receiver: recorder) { _ in
                try await eventually("the retained message") { recorder.messages.count == 1 }
                #expect(recorder.messages.first?.retain == true)
                // Several threads at once; each one's order is kept.
                await withTaskGroup(of: Void.self) { tasks in
                    for thread in 0..<4 {
                        tasks.addTask {
                            for index in 0..<200 {
                                try? broker.publish([message("a/\(thread)", "\(index)", .atLeastOnce)])
                            }
                        }
                    }
                }
                try await eventually("800 messages") { recorder.messages.count == 801 }
                for thread in 0..<4 {
                    let got = recorder.messages.filter { $0.topic == "a/\(thread)" }.map(\.payload)
                    #expect(got == (0..<200).map(String.init))
                }
            }
            #expect(throws: TopicError.self) { try broker.publish([message("a/+", "")]) }
        }
    }

    @Test func largeMessages() async throws {
        try await withBroker({ $0.limits.packet.maximumPacketSize = 4 * 1024 * 1024 }) { broker in
            let recorder = Recorder()
            let configuration = try client(broker, subscriptions: [subscription("big", .atLeastOnce)])
            try await MQTTConnection.withConnection(configuration, receiver: recorder) { connection in
                let payload = String(repeating: "0123456789", count: 300_000)
                try await connection.publish([message("big", payload, .atLeastOnce), message("big", "x", .atLeastOnce)])
                try await eventually("both") { recorder.messages.count == 2 }
                #expect(recorder.payloads == [payload, "x"])
            }
        }
    }

    @Test func subscribesAndUnsubscribesLater() async throws {
        try await withBroker { broker in
            let recorder = Recorder()
            try await MQTTConnection.withConnection(client(broker), receiver: recorder) { connection in
                let reasons = try await connection.subscribe([
                    subscription("a"), subscription("b", .atLeastOnce), subscription("$share/g/c"),
                ])
                #expect(reasons == [.success, .grantedQoS1, .success])
                try broker.publish([message("a", "1")])
                try await eventually("the first") { recorder.payloads == ["1"] }
                let gone = try await connection.unsubscribe([TopicFilter("a"), TopicFilter("never")])
                #expect(gone == [.success, .noSubscriptionExisted])
                try broker.publish([message("a", "2"), message("b", "3")])
                try await eventually("the third") { recorder.payloads == ["1", "3"] }
            }
        }
    }

    @Test func resultOfTheBodyIsHandedOut() async throws {
        try await withBroker { broker in
            let value = try await MQTTConnection.withConnection(client(broker), receiver: Recorder()) { _ in 42 }
            #expect(value == 42)
            struct Own: Error {}
            await #expect(throws: Own.self) {
                try await MQTTConnection.withConnection(client(broker), receiver: Recorder()) { _ in throw Own() }
            }
        }
    }

    @Test func severalEventLoopsShareTheBroker() async throws {
        try await withBroker { broker in
            let recorders = (0..<4).map { _ in Recorder() }
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for (index, recorder) in recorders.enumerated() {
                    let configuration = try client(
                        broker, "client-\(index)", subscriptions: [subscription("all/#", .atLeastOnce)])
                    tasks.addTask {
                        try await MQTTConnection.withConnection(configuration, receiver: recorder) { connection in
                            try await eventually("everybody") { broker.statistics.subscriptions == 4 }
                            for round in 0..<20 {
                                try await connection.publish(
                                    (0..<10).map { message("all/\(index)", "\(round * 10 + $0)", .atLeastOnce) })
                            }
                            try await eventually("all") { recorder.messages.count >= 800 }
                            // Nobody leaves before everybody has everything.
                            try await eventually("all of all") { recorders.allSatisfy { $0.messages.count >= 800 } }
                        }
                    }
                }
                try await tasks.waitForAll()
            }
            for recorder in recorders {
                for index in 0..<4 {
                    let got = recorder.messages.filter { $0.topic == "all/\(index)" }.map(\.payload)
                    #expect(got == (0..<200).map(String.init))
                }
            }
        }
    }
}
