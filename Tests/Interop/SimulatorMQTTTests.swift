import TestKit
import Testing

extension ForeignPeers {
    /// paho's client on the simulator's own broker.
    @Suite struct SimulatorMQTT {
        @Test(arguments: ["3.1.1", "5"]) func pahoReceivesEverySensor(version: String) async throws {
            try await withTemporaryDirectory { directory in
                let log = directory + "/truth.ndjson"
                try await withSimulator(
                    arguments: ["--protocols", "mqtt", "--interval-ms", "200", "--truth", log]
                ) { simulator in
                    let paths = Set(try await simulator.sensors().compactMap { $0["path"].text })
                    let seen = try await runPeer(
                        "Tests/Interop/peers/mqtt_client.py",
                        [
                            "plant", "--version", version, "--port", "\(simulator.mqttPort)",
                            "--count", "\(paths.count * 4)", "--sensors", "\(paths.count)",
                        ])
                    #expect(Set(seen["metadata"].object.keys) == Set(paths.map { "sensors/\($0)/metadata" }))
                    #expect(seen["retained"].bool == true)

                    let truth = try Truth(path: log)
                    var received: Set<String> = []
                    for message in seen["values"].array {
                        let topic = try #require(message.array.first?.text)
                        let body = try JSONValue.parse(try #require(message.array.last?.text))
                        let path = String(topic.dropFirst("sensors/".count).dropLast("/value".count))
                        received.insert(path)
                        let time = try #require(body["timestamp"].integer)
                        let entry = try #require(truth[path, time], "\(path) at \(time) is not in the truth log")
                        #expect(body["value"] == entry.value, "\(path) at \(time)")
                        #expect(body["quality"].text == entry.quality)
                    }
                    #expect(received == paths)
                }
            }
        }

        @Test(arguments: ["3.1.1", "5"]) func theBrokerServesPahoAsAnyBrokerDoes(version: String) async throws {
            try await withSimulator(arguments: ["--protocols", "mqtt"]) { simulator in
                let seen = try await runPeer(
                    "Tests/Interop/peers/mqtt_client.py",
                    ["echo", "--version", version, "--port", "\(simulator.mqttPort)", "--count", "300"])
                #expect(seen["order0"].bool == true, "QoS 0 in order, payloads as sent")
                #expect(seen["order1"].bool == true, "QoS 1 in order, payloads as sent")
                #expect(seen["large"].bool == true, "a payload of 100 KiB")
                #expect(seen["kept"].array == [.string("kept"), .bool(true)], "a retained message")
                #expect(seen["cleared"].bool == true, "an empty retained message clears it")
                if version == "5" {
                    #expect(seen["properties"].array == [.array([.string("unit"), .string("kW")])])
                }
            }
        }
    }
}
