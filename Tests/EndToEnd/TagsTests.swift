import Foundation
import TestKit
import Testing

extension EndToEnd {
    /// Names, places and conditioning, from the configuration to the rows of the table.
    @Suite struct Tags {
        private static let table = "main.plant.tags"

        private func configuration(_ simulator: Simulator, _ service: TableService, list: String) -> String {
            """
            sources:
              - name: press
                endpoint: \(simulator.opcuaEndpoint)
                publishing_interval_ms: 200
                context: {area: hall 3, line: l1}
                tags:
                  - {match: "ns=2;s=mining/crusher_1_motor_power", equipment: crusher}
                  - {match: "**/conveyor*", report: on_change}
                  - {match: "ns=2;s=mining/conveyor*", enabled: false}
              - name: broker
                endpoint: \(simulator.mqttEndpoint)
                topics: ["sensors/+/+/value"]
                topic_template: "sensors/{area}/{tag_name}/value"
                tag_list: \(list)
                deadband: {absolute: 1000000}
            normalization:
              path_template: "{site}/{area}/{line}/{equipment}/{signal_type}/{tag_name}"
              default_context: {site: plant1}

            """ + zerobusSettings(service, table: Self.table) + "    layout: normalized_tags\n"
        }

        @Test func rowsSayWhatTagsAreAndWhereTheyStand() async throws {
            try await withTemporaryDirectory { directory in
                let list = directory + "/list.csv"
                try write(
                    "address,name,unit\nsensors/mining/crusher_1_motor_power/value,power of the crusher,MW\n", to: list)
                try await withTableService(data: directory + "/tables") { service in
                    try await withSimulator(arguments: ["--industries", "mining"]) { simulator in
                        let settings = configuration(simulator, service, list: list)
                        try await withConnector(configuration: settings, directory: directory) { connector in
                            try await eventually("rows of both sources", within: .seconds(60)) {
                                let known = try await service.http.json("/tables")
                                guard "\(known)".contains(Self.table) else { return false }
                                let rows = try await service.query(
                                    "SELECT DISTINCT source_identifier FROM \(Self.table)")
                                let sums = try await suppressed(connector)
                                return rows.count == 2 && (sums["broker"] ?? 0) > 5
                            }
                            try await checkRows(service)
                            // Everything that was not delivered is accounted for.
                            let metrics = try await connector.metrics.get("/metrics").text
                            #expect(
                                metrics.contains(
                                    "connector_readings_suppressed_total{source=\"broker\",reason=\"excluded\"}"))
                            let page = try await connector.status()["sources"].array
                            let broker = page.first { $0["name"].text == "broker" }
                            #expect((broker?["suppressed"]["excluded"].integer ?? 0) > 0)
                            #expect((broker?["suppressed"]["deadband"].integer ?? 0) > 0)
                        }
                    }
                }
            }
        }

        private func suppressed(_ connector: Connector) async throws -> [String: Int] {
            let sources = try await connector.status()["sources"].array
            return Dictionary(
                sources.map { source in
                    (source["name"].text ?? "", Int(source["suppressed"]["deadband"].integer ?? 0))
                }, uniquingKeysWith: { $1 })
        }

        private func checkRows(_ service: TableService) async throws {
            let rows = try await service.query(
                """
                SELECT DISTINCT tag_id, tag_path, source_identifier, source_address, site, area, line, equipment, \
                signal_type, engineering_units FROM \(Self.table)
                """)
            let paths = Set(rows.compactMap { $0["tag_path"].text })
            let tags = Set(rows.compactMap { $0["tag_id"].text })
            #expect(paths.count == tags.count)
            #expect(rows.allSatisfy { $0["site"].text == "plant1" && $0["signal_type"].text != "" })
            let press = rows.filter { $0["source_identifier"].text == "press" }
            #expect(press.allSatisfy { $0["area"].text == "hall 3" && $0["line"].text == "l1" })
            #expect(!press.contains { $0["source_address"].text?.contains("conveyor") == true })
            let crusher = press.first { $0["equipment"].text == "crusher" }
            #expect(crusher?["tag_path"].text == "plant1/hall_3/l1/crusher/power/crusher_1_motor_power")
            // The broker's list lets one tag through, under its own name and unit.
            let broker = rows.filter { $0["source_identifier"].text == "broker" }
            #expect(
                Set(broker.compactMap { $0["tag_path"].text }) == ["plant1/mining/power/power_of_the_crusher"],
                "\(broker)")
            #expect(broker.allSatisfy { $0["engineering_units"].text == "MW" })
        }
    }
}
