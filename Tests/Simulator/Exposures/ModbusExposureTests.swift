import ModbusClient
import ModbusCore
import SimulatorPlant
import Testing

@testable import SimulatorExposures

@Suite struct ModbusExposureTests {
    @Test func registersShowTheTickAndItsTime() async throws {
        let plant = try ManualPlant(.crushingLine())
        let exposure = ModbusExposure(
            host: "127.0.0.1", port: 0, map: try RegisterMap(plant.sensors), feed: plant.feed, logger: plant.logger)
        try await plant.withSwitchboard([exposure]) { board in
            let endpoint = try ModbusEndpoint(parsing: try await board.start(.modbus))
            try await ModbusLink.withConnection(to: endpoint, logger: plant.logger) { client in
                for _ in 0..<3 {
                    let tick = try plant.tick()
                    let inputs = try await client.read(
                        ReadRequest(type: .input, address: 0, count: 10 + 2 * 17), unit: 1)
                    let holdings = try await client.read(ReadRequest(type: .holding, address: 0, count: 17), unit: 1)
                    let time = try RegisterDecoder(.uint64).decode(inputs, at: 0)
                    #expect(time == .uint(UInt64(tick.timestamp)))
                    for (index, entry) in try RegisterMap(plant.sensors).entries.enumerated() {
                        let float = try RegisterDecoder(.float32).decode(
                            inputs, at: Int(try #require(entry.input).address))
                        #expect(float == .float32(Float(tick.values[index])))
                        guard case .int(let raw) = try RegisterDecoder(.int16).decode(holdings, at: index) else {
                            Issue.record("no int16 at \(index)")
                            continue
                        }
                        #expect(abs(Double(raw) * entry.scale - tick.values[index]) <= entry.scale * 0.5001)
                    }
                }
            }
        }
    }

    @Test func statesAreBitsAndCountsAreWhole() async throws {
        let plant = try ManualPlant(
            Catalogue(
                parsing: """
                    industry a
                    machine m cycle 9
                      sum counter t 100000 1e6 5 0 total
                      on status - 0 1 1 0 running
                    """))
        let exposure = ModbusExposure(
            host: "127.0.0.1", port: 0, map: try RegisterMap(plant.sensors), feed: plant.feed, logger: plant.logger)
        try await plant.withSwitchboard([exposure]) { board in
            let endpoint = try ModbusEndpoint(parsing: try await board.start(.modbus))
            try await ModbusLink.withConnection(to: endpoint, logger: plant.logger) { client in
                let tick = try plant.tick()
                let inputs = try await client.read(ReadRequest(type: .input, address: 10, count: 2), unit: 1)
                let count = try RegisterDecoder(.uint32).decode(inputs, at: 0)
                #expect(count == .uint(UInt64(tick.values[0])))
                for type in [RegisterType.coil, .discrete] {
                    let bits = try await client.read(ReadRequest(type: type, address: 1, count: 1), unit: 1)
                    #expect(bits.bit(at: 0) == (tick.values[1] == 1))
                }
            }
        }
    }
}
