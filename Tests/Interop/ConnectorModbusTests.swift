import TestKit
import Testing

extension ForeignPeers {
    /// `penstock` on pymodbus' server.
    @Suite struct ConnectorModbus {
        private static let table = "main.plant.raw_events"

        /// What stands at each address (see the peer script), as `topic_or_path`: text and number of the row.
        private static let constants: [String: (text: String, number: Double)] = [
            "1/input/0": ("-12345", -12345),
            "1/input/1": ("54321", 54321),
            "1/input/2": ("-1234567890", -1_234_567_890),
            "1/input/4": ("4000000000", 4_000_000_000),
            "1/input/6": ("-1234567890123456789", Double(Int64(-1_234_567_890_123_456_789))),
            "1/input/10": ("12345678901234567890", Double(UInt64(12_345_678_901_234_567_890))),
            "1/input/14": ("3.14", Double(Float(3.14))),
            "1/input/16": ("2.718281828459045", 2.718281828459045),
            "1/input/20": ("3.14", Double(Float(3.14))),
            "1/input/22": ("3.14", Double(Float(3.14))),
            "1/input/24": ("3.14", Double(Float(3.14))),
            "1/holding/1": ("-2553.6", -2553.6),
            "2/holding/0": ("222", 222),
        ]

        private static let registers = """
                registers:
                  - {address: 0, type: input, data_type: int16, name: a_int16}
                  - {address: 1, type: input, data_type: uint16, name: a_uint16}
                  - {address: 2, type: input, data_type: int32, name: a_int32}
                  - {address: 4, type: input, data_type: uint32, name: a_uint32}
                  - {address: 6, type: input, data_type: int64, name: a_int64}
                  - {address: 10, type: input, data_type: uint64, name: a_uint64}
                  - {address: 14, type: input, data_type: float32, name: a_float32}
                  - {address: 16, type: input, data_type: float64, name: a_float64}
                  - {address: 20, type: input, data_type: float32, byte_order: CDAB, name: a_cdab}
                  - {address: 22, type: input, data_type: float32, byte_order: BADC, name: a_badc}
                  - {address: 24, type: input, data_type: float32, byte_order: DCBA, name: a_dcba}
                  - {address: 0, type: holding, name: counter}
                  - {address: 1, type: holding, scale: 0.1, name: scaled}
                  - {address: 0, type: coil, data_type: bool, count: 10, name: coil}
                  - {address: 0, type: discrete, data_type: bool, count: 10, name: contact}
                  - {address: 500, type: input, name: nowhere}
            """

        @Test func everyTypeAndByteOrderArrivesAndAMissingAddressIsABadValue() async throws {
            try await withTemporaryDirectory { directory in
                let port = try FreePorts.next()
                try await withProgram(.peer("Tests/Interop/peers/modbus_server.py", ["--port", "\(port)"])) { peer in
                    _ = try await peer.line(containing: "ready")
                    try await withTableService(data: directory + "/tables") { service in
                        let configuration =
                            """
                            sources:
                              - name: unit1
                                endpoint: modbus://127.0.0.1:\(port)
                                unit_id: 1
                                poll_interval_ms: 100
                            \(Self.registers)
                              - name: unit2
                                endpoint: modbus://127.0.0.1:\(port)
                                unit_id: 2
                                poll_interval_ms: 100
                                registers:
                                  - {address: 0, type: holding, name: other}

                            """ + zerobusSettings(service)
                        try await withConnector(configuration: configuration, directory: directory) { _ in
                            // 34 tags of unit 1 and one of unit 2, five polls.
                            try await service.waitForRows(35 * 5, in: Self.table)
                        }
                        try judge(try await service.rows(Self.table, limit: 100_000))
                    }
                }
            }
        }

        private func judge(_ rows: [JSONValue]) throws {
            let byPath = Dictionary(grouping: rows) { $0["topic_or_path"].text ?? "" }
            for (path, expected) in Self.constants {
                let own = byPath[path] ?? []
                #expect(own.count >= 4, "\(path): \(own.count) rows")
                for row in own {
                    #expect(row["value"].text == expected.text, "\(path)")
                    #expect(row["value_num"].double == expected.number, "\(path)")
                    #expect(row["status"].text == "Good", "\(path)")
                }
            }
            for bit in 0..<10 {
                let coils = byPath["1/coil/\(bit)"] ?? []
                let contacts = byPath["1/discrete/\(bit)"] ?? []
                #expect(coils.count >= 4 && contacts.count >= 4)
                #expect(coils.allSatisfy { $0["value_num"].double == (bit % 3 == 0 ? 1 : 0) }, "coil \(bit)")
                #expect(contacts.allSatisfy { $0["value_num"].double == (bit % 2 == 0 ? 1 : 0) }, "contact \(bit)")
            }
            let counter = (byPath["1/holding/0"] ?? []).compactMap { $0["value_num"].double }
            #expect(counter == Array(1...counter.count).map(Double.init), "every poll is one read, in order")

            let nowhere = byPath["1/input/500"] ?? []
            #expect(!nowhere.isEmpty)
            for row in nowhere {
                #expect(row["status"].text == "IllegalDataAddress")
                #expect(row["status_code"].integer == 2)
                #expect(row["value_num"] == .null)
            }
        }
    }
}
