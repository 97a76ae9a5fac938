import TestKit
import Testing

extension EndToEnd {
    /// Every sensor of the plant arrives through each protocol, and what arrived is what was served.
    @Suite struct Road {
        @Test func whatThePlantServedIsWhatTheTableHolds() async throws {
            try await withTemporaryDirectory { directory in
                let truthFile = directory + "/truth.ndjson"
                try await withTableService(data: directory + "/tables") { service in
                    // Five copies of the plant, so that a thousand rows take seconds and not minutes.
                    try await withSimulator(arguments: ["--industries", "mining", "--scale", "5", "--truth", truthFile])
                    { simulator in
                        let sensors = Set(try await simulator.sensors().compactMap { $0["path"].text })
                        #expect(sensors.count >= 5 * 17)
                        let configuration = try await plantSources(simulator) + zerobusSettings(service)
                        try await withConnector(configuration: configuration, directory: directory) { _ in
                            try await eventually("1,000 rows by each protocol", within: .seconds(90)) {
                                let rows = try await rowsByProtocol(service)
                                return protocols.allSatisfy { rows[$0, default: 0] >= 1200 }
                            }
                        }
                        let truth = try Truth(path: truthFile)
                        try await compareOPCUA(service, truth, sensors)
                        try await compareMQTT(service, truth, sensors)
                        try await compareModbus(service, truth, sensors)
                    }
                }
            }
        }

        /// Up to a thousand good rows of a protocol, chosen by chance.
        private func sample(_ service: TableService, _ name: String) async throws -> [JSONValue] {
            let rows = try await service.query(
                """
                SELECT topic_or_path, event_time, value, value_num, metadata FROM \(EndToEnd.table) \
                WHERE protocol_type = '\(name)' AND status = 'Good' ORDER BY random() LIMIT 1000
                """)
            #expect(rows.count == 1000)
            return rows
        }

        private func paths(_ service: TableService, _ name: String) async throws -> Set<String> {
            let rows = try await service.query(
                """
                SELECT DISTINCT topic_or_path FROM \(EndToEnd.table) \
                WHERE protocol_type = '\(name)' AND status = 'Good'
                """)
            return Set(rows.compactMap { $0["topic_or_path"].text })
        }

        private func compareOPCUA(_ service: TableService, _ truth: Truth, _ sensors: Set<String>) async throws {
            let rows = try await sample(service, "opcua")
            for row in rows {
                let metadata = try metadata(of: row)
                let node = try #require(metadata["node_id"].text)
                let path = String(node.dropFirst("ns=2;s=".count))
                try expectExact(row, path, truth)
            }
            let nodes = try await service.query(
                "SELECT DISTINCT metadata FROM \(EndToEnd.table) WHERE protocol_type = 'opcua' AND status = 'Good'")
            let seen = Set(
                try nodes.compactMap { try metadata(of: $0)["node_id"].text?.dropFirst("ns=2;s=".count) }.map(
                    String.init))
            #expect(sensors.subtracting(seen).sorted() == [], "sensors without a row over OPC UA")
        }

        private func compareMQTT(_ service: TableService, _ truth: Truth, _ sensors: Set<String>) async throws {
            for row in try await sample(service, "mqtt") {
                let topic = try #require(row["topic_or_path"].text)
                try expectExact(row, String(topic.dropFirst("sensors/".count).dropLast("/value".count)), truth)
            }
            let topics = Set(sensors.map { "sensors/\($0)/value" })
            let seen = try await paths(service, "mqtt")
            #expect(topics.subtracting(seen).sorted() == [], "sensors without a row over MQTT")
        }

        /// Modbus has no time of its own: a row is right when it is what one of the ticks around it served.
        private func compareModbus(_ service: TableService, _ truth: Truth, _ sensors: Set<String>) async throws {
            let ticks = Set(truth.entries.keys.map(\.timestamp)).sorted()
            for row in try await sample(service, "modbus") {
                let metadata = try metadata(of: row)
                let path = try #require(metadata["name"].text)
                let time = try #require(row["event_time"].integer)
                let value = try #require(row["value_num"].double)
                let near = ticks.filter { $0 <= time }.suffix(2)
                let isScaled = metadata["register_type"].text == "holding"
                let fits = near.contains { tick in
                    guard let entry = truth[path, tick], let served = number(entry.value) else { return false }
                    guard isScaled else { return Double(Float(served)) == value }
                    return abs(served - value) <= (entry.scale ?? 0) / 2 + 1e-9
                }
                #expect(fits, "\(path) at \(time): \(value) was not served")
            }
            let rows = try await service.query(
                "SELECT DISTINCT metadata FROM \(EndToEnd.table) WHERE protocol_type = 'modbus' AND status = 'Good'")
            let seen = Set(try rows.compactMap { try metadata(of: $0)["name"].text })
            #expect(sensors.subtracting(seen).sorted() == [], "sensors without a row over Modbus")
        }

        private func expectExact(_ row: JSONValue, _ path: String, _ truth: Truth) throws {
            let time = try #require(row["event_time"].integer)
            let entry = try #require(truth[path, time], "\(path): nothing was served at \(time)")
            #expect(row["value_num"].double == number(entry.value), "\(path) at \(time)")
        }

        /// `query` prints a map as the JSON text that it is stored as.
        private func metadata(of row: JSONValue) throws -> JSONValue {
            try row["metadata"].text.map(JSONValue.parse) ?? row["metadata"]
        }
    }
}
