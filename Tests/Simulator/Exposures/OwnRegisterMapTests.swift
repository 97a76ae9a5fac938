import Logging
import ModbusClient
import ModbusCore
import Testing

@testable import SimulatorExposures
@testable import SimulatorPlant

/// Maps that users write: the CSV of the standard map, edited.
@Suite struct OwnRegisterMapTests {
    private func sensors() throws -> [Sensor] {
        try Plant(
            catalogue: Catalogue(
                parsing: """
                    industry a
                    machine m cycle 9
                      temp temperature °C 0 100 50 0 load
                      sum counter t 0 1e6 1 0 total
                      on status - 0 1 1 0 running
                    """), settings: PlantSettings(), start: 0
        ).sensors
    }

    private func map(_ text: String, firstUnit: Int = 1) throws -> RegisterMap {
        try RegisterMap(csv: Array(text.utf8), file: "map.csv", sensors: sensors(), firstUnit: firstUnit)
    }

    @Test func theStandardMapIsReadAsItIsWritten() throws {
        let standard = try RegisterMap(sensors(), firstUnit: 9)
        #expect(try map(String(decoding: standard.csv, as: UTF8.self)).csv == standard.csv)
    }

    /// Serves the map over TCP for the time of the body.
    private func serving(
        _ map: RegisterMap, _ first: Tick,
        _ body: @escaping @Sendable (TickFeed, @escaping Reader) async throws -> Void
    ) async throws {
        let feed = TickFeed(first)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let board = ExposureSwitchboard(
            [ModbusExposure(host: "127.0.0.1", port: 0, map: map, feed: feed, logger: logger)], logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await board.run() }
            let endpoint = try ModbusEndpoint(parsing: try await board.start(.modbus))
            try await ModbusLink.withConnection(to: endpoint, logger: logger) { client in
                try await body(feed) { type, address, count, unit in
                    let response = try? await client.read(
                        ReadRequest(type: type, address: address, count: count), unit: UnitID(rawValue: unit))
                    guard let response else { return nil }
                    return type.isBit ? (0..<count).map { response.bit(at: $0) == true ? 1 : 0 } : response.registers
                }
            }
            group.cancelAll()
        }
    }

    /// Reads so many registers or bits; nil when the device refuses.
    private typealias Reader =
        @Sendable (
            _ type: RegisterType, _ address: UInt16, _ count: Int, _ unit: UInt8
        ) async throws -> [UInt16]?

    @Test func anythingCanStandAnywhere() async throws {
        let map = try map(
            """
            holding_address,holding_type,path,scale,byte_order,unit_id,quality_address,bit_address
            100,uint32,a/m_temp,0.5,CDAB,,7,

            0,float64,a/m_on,,,30,,3
            """, firstUnit: 5)
        #expect(map.entry(ofSensor: 1) == nil && map.entry(ofSensor: 2)?.unitID == 30)
        let first = Tick(number: 7, timestamp: 9, values: [40_000.25, 0, 1], qualities: [.bad, .good, .good])
        try await serving(map, first) { feed, read in
            try feed.publish(first)
            // 40000.25 in steps of 0.5 is 80000.5, rounded 80001 = 0x0001_3881, the low word first.
            #expect(try await read(.holding, 100, 2, 5) == [0x3881, 0x0001])
            #expect(try await read(.holding, 99, 1, 5) == nil)
            #expect(try await read(.holding, 102, 1, 5) == nil)
            #expect(try await read(.discrete, 7, 1, 5) == [1])
            let head: [UInt16] = [0, 0, 0, 9, 0, 7, 1, 0, 0, 0]
            #expect(try await read(.input, 0, 10, 5) == head, "the tick's registers")
            // 1.0 as float64.
            #expect(try await read(.holding, 0, 4, 30) == [0x3FF0, 0, 0, 0])
            #expect(try await read(.coil, 3, 1, 30) == [1])
            #expect(try await read(.discrete, 3, 1, 30) == [1])
            #expect(try await read(.input, 0, 1, 1) == nil)
            try feed.publish(Tick(number: 8, timestamp: 9, values: [1, 0, 0], qualities: [.good, .good, .good]))
            #expect(try await read(.discrete, 7, 1, 5) == [0])
            #expect(try await read(.coil, 3, 1, 30) == [0])
        }
    }

    @Test func aSensorAmongTheTicksRegistersHasTheirPlace() async throws {
        let first = Tick(number: 7, timestamp: 9, values: [1, 0, 0], qualities: [.good, .good, .good])
        try await serving(try map("path,input_address\na/m_temp,4"), first) { feed, read in
            try feed.publish(first)
            #expect(try await read(.input, 4, 2, 1) == [0x3F80, 0])
            #expect(try await read(.input, 0, 1, 1) == nil)
        }
    }

    @Test(
        arguments: [
            ("int16", 40_000.0, [0x7FFF]), ("int16", -40_000.0, [0x8000]), ("uint16", -1.0, [0]), ("int16", .nan, [0]),
            ("uint16", 65_535.4, [0xFFFF]), ("int32", -2.5, [0xFFFF, 0xFFFD]),
            ("int64", -.infinity, [0x8000, 0, 0, 0]), ("uint64", 1e30, [0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF]),
            ("float32", 0.5, [0x3F00, 0]),
        ] as [(String, Double, [UInt16])])
    func numbersEndAtTheLimitsOfTheirType(type: String, value: Double, words: [UInt16]) throws {
        let entry = try map("path,input_address,input_type\na/m_temp,10,\(type)").entries[0]
        let place = try #require(entry.input)
        var image = [UInt16](repeating: 0, count: 14)
        place.write(value, isCount: false, into: &image)
        #expect(Array(image[place.range]) == words)
    }

    @Test(arguments: [
        ("", "map.csv: the register map has no lines; /api/modbus/map?format=csv shows one"),
        (
            "pfad\n",
            "map.csv:1: there is no column 'pfad'; known: path, unit_id, input_address, input_type, byte_order, "
                + "holding_address, holding_type, scale, bit_address, unit, quality_address"
        ),
        ("unit_id\n1", "map.csv:1: the column path is missing"),
        ("path,path\n", "map.csv:1: the column path is there twice"),
        ("path\na/x", "map.csv:2: there is no sensor 'a/x'"),
        ("path\na/m_on\na/m_on", "map.csv:3: a/m_on has a line already"),
        ("path,unit_id\na/m_on,248", "map.csv:2: unit_id is 1 to 247, not '248'"),
        ("path,input_address\na/m_on,65535", "map.csv:2: input_address is 0 to 65534, not '65535'"),
        (
            "path,holding_address,holding_type\na/m_on,1,bool",
            "map.csv:2: holding_type is one of int16, uint16, int32, "
                + "uint32, int64, uint64, float32, float64, not 'bool'"
        ),
        ("path,scale\na/m_on,0", "map.csv:2: scale is a number above 0, not '0'"),
        ("path,input_address\na/m_on,10\na/m_temp,11", "map.csv:3: input 11 of unit 1 has a sensor already"),
        ("path,bit_address,quality_address\na/m_on,10,10", "map.csv:2: discrete 10 of unit 1 has a sensor already"),
    ])
    func aMistakeNamesItsLine(text: String, message: String) {
        #expect(throws: ExposureError(message: message)) { try map(text) }
    }

    @Test func theStandardMapEndsAtTheLastUnit() throws {
        let sensors = try sensors()
        #expect(try RegisterMap(sensors, firstUnit: 247).entries[0].unitID == 247)
        let many = Array(repeating: sensors[0], count: 30_001)
        #expect(throws: ExposureError.self) { try RegisterMap(many, firstUnit: 247) }
    }
}
