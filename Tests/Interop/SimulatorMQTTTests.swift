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

        /// Kepware's payloads on Debian's mosquitto, read by the connector: every value as the plant had it.
        @Test func kepwarePayloadsOnAnotherBrokerBecomeRows() async throws {
            try await withTemporaryDirectory { directory in
                try await withMosquitto { broker in
                    try await withTableService(data: directory + "/tables") { service in
                        let file = directory + "/plant.yaml"
                        try write(
                            "mqtt: {broker: \"\(broker.endpoint)\", payload: kepware, interval_ms: 400}\n", to: file)
                        let log = directory + "/truth.ndjson"
                        try await withSimulator(
                            arguments: [
                                "--protocols", "mqtt", "--config", file, "--interval-ms", "200", "--truth", log,
                            ]
                        ) { simulator in
                            let sensors = try await simulator.sensors()
                            let configuration = """
                                sources:
                                  - {name: gateway, endpoint: "\(broker.endpoint)", topics: ["iotgateway/#"]}

                                """ + zerobusSettings(service)
                            try await withConnector(configuration: configuration, directory: directory) { _ in
                                try await service.waitForRows(3 * sensors.count, in: Self.table)
                            }
                            let rows = try await service.rows(Self.table, limit: 3 * sensors.count)
                            try judge(rows, sensors, try Truth(path: log))
                        }
                    }
                }
            }
        }

        private static let table = "main.plant.raw_events"

        private func judge(_ rows: [JSONValue], _ sensors: [JSONValue], _ truth: Truth) throws {
            var paths: [String: String] = [:]
            for sensor in sensors {
                let path = try #require(sensor["path"].text)
                let parts = path.split(separator: "/", maxSplits: 1).map(String.init)
                let machine = try #require(sensor["machine"].text)
                paths["iotgateway/\(parts[0])/\(machine)/\(parts[0]).\(machine).\(parts[1])"] = path
            }
            var seen: Set<String> = []
            var milliseconds: [String: Truth.Entry] = [:]
            for (key, entry) in truth.entries { milliseconds["\(key.path) \(key.timestamp / 1000)"] = entry }
            for row in rows {
                let address = try #require(row["topic_or_path"].text)
                let path = try #require(paths[address], "\(address) is no sensor")
                let time = try #require(row["event_time"].integer)
                let entry = try #require(milliseconds["\(path) \(time / 1000)"], "\(path) at \(time)")
                #expect(row["value_num"].double == number(entry.value), "\(path) at \(time)")
                #expect(row["status"].text == "Good")
                seen.insert(path)
            }
            #expect(seen.count == sensors.count)
        }

        /// The simulator's own broker over TLS, for its users only.
        @Test func pahoComesInOverTLSAsAUser() async throws {
            try await withTemporaryDirectory { directory in
                _ = try await runPeer("Tests/Interop/peers/private_authority.py", [directory])
                let file = directory + "/plant.yaml"
                try write(
                    """
                    mqtt:
                      tls: {certificate: \(directory)/server.pem, private_key: \(directory)/server.key}
                      users: [{name: operator, password: practice}]

                    """, to: file)
                try await withSimulator(arguments: ["--protocols", "mqtt", "--config", file]) { simulator in
                    let seen = try await runPeer(
                        "Tests/Interop/peers/mqtt_features.py",
                        [
                            "tls", "--port", "\(simulator.mqttPort)", "--host", "localhost", "--ca",
                            directory + "/ca.pem", "--username", "operator", "--password", "practice",
                        ])
                    #expect(seen["same"].bool == true)
                }
            }
        }
    }
}
