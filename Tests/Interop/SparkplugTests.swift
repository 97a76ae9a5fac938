import TestKit
import Testing

extension ForeignPeers {
    /// `penstock` as host application, with edge nodes of pysparkplug and Eclipse Tahu on Debian's mosquitto.
    @Suite struct SparkplugHostTests {
        static let table = "main.plant.raw_events"

        static func configuration(_ broker: Mosquitto, _ service: TableService, _ keys: String) -> String {
            """
            sources:
              - name: edge
                endpoint: \(broker.endpoint)
                payload: sparkplug
            \(keys)

            """ + zerobusSettings(service)
        }

        /// Each line of a block of the source's own keys.
        private static let rebirth = """
                sparkplug: {rebirth: true, rebirth_interval_ms: 500, reorder_timeout_ms: 300}
            """

        @Test func aHostThatWasAwayRecoversEveryNameAndSeesDeathAndReturn() async throws {
            try await withPlant { directory, broker, service in
                let configuration = Self.configuration(broker, service, Self.rebirth)
                let edge = try start(.peer("Tests/Interop/peers/sparkplug_edge.py", ["--port", "\(broker.port)"]))
                _ = try await edge.line(containing: "ready")
                // Births are not retained: the host comes too late for them, twice.
                let first = try await startConnector(configuration: configuration, directory: directory)
                try await waitForCount(service, above: 0)
                first.program.kill()
                let seen = try await highest(service)
                try await withConnector(configuration: configuration, directory: directory) { connector in
                    try await waitForCount(service, above: seen)
                    edge.kill()
                    try await rows("'Stale'", reach: Self.names.count, service)
                    let returned = try start(
                        .peer(
                            "Tests/Interop/peers/sparkplug_edge.py", ["--port", "\(broker.port)", "--first", "100000"]))
                    try await waitForCount(service, above: 100_000)
                    returned.terminate()
                    _ = try await result(of: returned)
                    await connector.program.stop()
                }
                let all = try await service.rows(Self.table, limit: 1_000_000)
                #expect(Set(all.compactMap { $0["topic_or_path"].text }) == Set(Self.names))
                let counts = Self.values(all, "spBv1.0/Plant 1/DDATA/line 4/press/count")
                // What was sent and not acknowledged when the connector was killed came twice.
                var seenCounts: Set<Double> = []
                let once = counts.filter { $0 >= 0 && seenCounts.insert($0).inserted }
                #expect(once == once.sorted(), "in order")
                let loads = all.filter { $0["topic_or_path"].text?.hasSuffix("/press/load") == true }
                #expect(loads.allSatisfy { $0["value_type"].text == "float32" })
            }
        }

        static let names = [
            "spBv1.0/Plant 1/NDATA/line 4/Node Control/Rebirth", "spBv1.0/Plant 1/NDATA/line 4/uptime",
            "spBv1.0/Plant 1/DDATA/line 4/press/count", "spBv1.0/Plant 1/DDATA/line 4/press/load",
            "spBv1.0/Plant 1/DDATA/line 4/press/running", "spBv1.0/Plant 1/DDATA/line 4/press/order",
        ]

        @Test func everythingThatTahuCanDo() async throws {
            try await withPlant { directory, broker, service in
                let configuration = Self.configuration(broker, service, Self.rebirth)
                try await withConnector(configuration: configuration, directory: directory) { connector in
                    try await waitUntilRunning(connector)
                    let peer = try await runPeer("Tests/Interop/peers/sparkplug_tahu.py", ["--port", "\(broker.port)"])
                    #expect(peer["requests"].integer == 1)
                    try await service.program.whileAlive("the last value") { () -> Void? in
                        let all = try await service.rows(Self.table, limit: 10_000)
                        return Self.values(all, Self.device + "count").contains(12) ? () : nil
                    }
                    await connector.program.stop()
                }
                let all = try await service.rows(Self.table, limit: 10_000)
                try judgeTypes(all)
                judgeOrder(all.filter { $0["topic_or_path"].text == Self.device + "count" })
            }
        }

        static let device = "spBv1.0/tahu/DDATA/edge/device/"

        private func judgeTypes(_ rows: [JSONValue]) throws {
            let expected: [(String, String?, String)] = [
                ("int8", "-8", "int8"), ("int16", "-16", "int16"), ("int32", "-32", "int32"), ("int64", "-64", "int64"),
                ("uint8", "200", "uint8"), ("uint16", "60000", "uint16"), ("uint32", "4000000000", "uint32"),
                ("uint64", "18446744073709551615", "uint64"), ("float", "1.5", "float32"),
                ("double", "-2.25", "float64"), ("boolean", "true", "bool"), ("string", "text", "string"),
                ("text", "long text", "string"), ("time", "2023-11-14T22:13:20.123000Z", "DateTime"),
                ("uuid", "7a3f", "string"), ("bytes", "AQI=", "bytes"), ("file", "Aw==", "bytes"),
                ("null", nil, "int32"),
                (
                    "table", #"{"columns":["name","speed"],"types":["String","Double"],"rows":[["a",1.5],["b",2.5]]}"#,
                    "json"
                ),
                ("motor", #"{"template":"Motor","metrics":{"on":true,"speed":1500},"parameters":{"poles":4}}"#, "json"),
            ]
            for (name, value, type) in expected {
                let row = try #require(rows.first { $0["topic_or_path"].text == Self.device + name }, "\(name)")
                #expect(row["value"].text == value, "\(name)")
                #expect(row["value_type"].text == type, "\(name)")
                #expect(row["status"].text == "Good" && row["status_code"].integer == 192, "\(name)")
            }
            let ratio = try #require(rows.first { $0["topic_or_path"].text == "spBv1.0/tahu/NDATA/edge/ratio" })
            #expect(ratio["metadata"]["unit"].text == "%")
        }

        /// Births give 0 and the messages 1 to 12, of which 8 is lost; each death gives a stale reading.
        private func judgeOrder(_ rows: [JSONValue]) {
            let shown = rows.filter { $0["status"].text != "BadNoCommunication" }.map { row in
                let value = row["value"].text ?? "-"
                return row["status"].text == "Good" ? value : "\(value) \(row["status"].text ?? "")"
            }
            #expect(
                shown == [
                    "0", "1", "2 Uncertain", "3 Bad", "4", "5", "6", "7", "9", "0", "10", "11", "- Stale", "0",
                    "- Stale",
                    "0", "12",
                ])
            let historical = rows.filter { $0["metadata"]["is_historical"].text == "true" }
            #expect(historical.map { $0["value"].text } == ["4"])
        }

        @Test func theHostSaysThatItIsThereAlsoWhenItIsKilled() async throws {
            try await withPlant { directory, broker, service in
                let configuration = Self.configuration(broker, service, "    host_id: penstock-host")
                let listener = try start(
                    .peer(
                        "Tests/Interop/peers/sparkplug_state.py",
                        ["--port", "\(broker.port)", "--host-id", "penstock-host", "--count", "4"]))
                _ = try await listener.line(containing: "ready")
                let first = try await startConnector(configuration: configuration, directory: directory)
                try await waitUntilRunning(first)
                first.program.kill()
                try await withConnector(configuration: configuration, directory: directory) { connector in
                    try await waitUntilRunning(connector)
                    await connector.program.stop()
                }
                let states = try await result(of: listener)["states"].array
                #expect(states.map { $0["online"].bool } == [true, false, true, false])
                let times = states.map { $0["timestamp"].integer ?? 0 }
                #expect(times[0] == times[1] && times[2] == times[3] && times[0] < times[2])
            }
        }

        // MARK: Helpers

        private func withPlant(_ body: (String, Mosquitto, TableService) async throws -> Void) async throws {
            try await withTemporaryDirectory { directory in
                try await withMosquitto { broker in
                    try await withTableService(data: directory + "/tables") { service in
                        try await body(directory, broker, service)
                    }
                }
            }
        }

        private static func values(_ rows: [JSONValue], _ path: String) -> [Double] {
            rows.filter { $0["topic_or_path"].text == path }.compactMap { $0["value_num"].double }
        }

        private func highest(_ service: TableService) async throws -> Double {
            let rows = try await service.rows(Self.table, limit: 1_000_000)
            return Self.values(rows, Self.names[2]).max() ?? -1
        }

        /// Waits until the counting metric has a value above one.
        private func waitForCount(_ service: TableService, above value: Double) async throws {
            try await service.program.whileAlive("a count above \(value)") { () -> Void? in
                guard try await service.count(Self.table) > 0 else { return nil }
                return try await highest(service) > value ? () : nil
            }
        }

        private func rows(_ status: String, reach count: Int, _ service: TableService) async throws {
            try await service.program.whileAlive("\(count) rows with \(status)") { () -> Void? in
                let rows = try await service.rows(Self.table, limit: 1_000_000)
                let found = rows.filter { $0["status"].text.map { "'\($0)'" } == status }
                return found.count >= count ? () : nil
            }
        }
    }

    /// The simulator's edge nodes as Tahu's protobuf reads them.
    @Suite struct SimulatorSparkplug {
        @Test func tahuReadsEverySensor() async throws {
            try await withTemporaryDirectory { directory in
                let configuration = directory + "/plant.yaml"
                try write("mqtt: {payload: sparkplug}\n", to: configuration)
                let log = directory + "/truth.ndjson"
                try await withSimulator(
                    arguments: [
                        "--config", configuration, "--protocols", "mqtt", "--interval-ms", "200", "--truth", log,
                    ]
                ) { simulator in
                    let sensors = try await simulator.sensors()
                    let seen = try await runPeer(
                        "Tests/Interop/peers/sparkplug_host.py",
                        [
                            "--port", "\(simulator.mqttPort)", "--sensors", "\(sensors.count)", "--values",
                            "\(sensors.count * 3)",
                        ])
                    #expect(seen["gaps"].integer == 0)
                    let paths = sensors.compactMap { $0["path"].text }
                    #expect(Set(seen["born"].object.keys) == Set(paths))
                    for sensor in sensors {
                        let born = seen["born"][sensor["path"].text ?? ""]
                        #expect(born["unit"].text == sensor["unit"].text)
                        #expect(born["device"].text == sensor["machine"].text)
                    }
                    // Sparkplug has milliseconds, the log microseconds.
                    let truth = Dictionary(
                        try Truth(path: log).entries.map { ("\($0.path) \($0.timestamp / 1000)", $1.value) }
                    ) { first, _ in first }
                    for entry in seen["values"].array {
                        let (path, time) = (entry.array[0].text ?? "", entry.array[1].integer ?? 0)
                        let known = try #require(truth["\(path) \(time)"], "\(path) at \(time)")
                        #expect(number(entry.array[2]) == number(known), "\(path) at \(time)")
                    }
                }
            }
        }
    }
}
