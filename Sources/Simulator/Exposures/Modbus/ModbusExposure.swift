package import Logging
import ModbusCore
import ModbusServer
package import SimulatorPlant
import Synchronization

/// Shows the plant over Modbus TCP as `RegisterMap` lays it out. Nothing can be written.
package struct ModbusExposure: Exposure {
    private let host: String
    private let port: Int
    private let map: RegisterMap
    private let feed: TickFeed
    private let logger: Logger

    /// An exposure at an address; port 0 takes a free one.
    package init(host: String, port: Int, sensors: [Sensor], feed: TickFeed, logger: Logger) {
        self.host = host
        self.port = port
        map = RegisterMap(sensors)
        self.feed = feed
        self.logger = logger
    }

    package var kind: ExposureKind { .modbus }

    package func serve(opened: @escaping @Sendable (_ url: String) async -> Void) async throws {
        let registers = ModbusRegisters(map)
        try feed.join(registers)
        defer { feed.leave(registers) }
        let server = ModbusTCPServer(
            configuration: ModbusTCPServer.Configuration(
                host: host, port: port, maxConnections: 256, acceptsWrites: false, defaultUnit: 1,
                identity: DeviceIdentity(
                    vendorName: "Penstock", productCode: "OT-SIMULATOR", revision: "1",
                    productName: "OT Data Simulator")),
            bank: registers.bank, logger: logger)
        do {
            try await server.withServer { port in
                await opened("modbus://\(Endpoint.authority(host, port))")
                try await untilCancelled()
            }
        } catch let error as ModbusServerError {
            throw ExposureError(message: error.description)
        }
    }
}

/// Writes each tick into the registers: in one step, so that a request never sees two ticks.
final class ModbusRegisters: TickReceiver {
    let bank: RegisterBank
    private let units: [Unit]
    /// Of each unit, the sensors that were not good at the last tick.
    private let faulty = Mutex<[[Int]]>([])

    /// The sensors of one unit id, and where they begin in the plant.
    private struct Unit {
        let id: UnitID
        let first: Int
        let entries: ArraySlice<RegisterMap.Entry>
    }

    /// One unit's registers at a tick.
    private struct Image {
        var inputs: [UInt16]
        var holdings: [UInt16] = []
        var bits: [(address: Int, on: Bool)] = []
        /// The numbers of the sensors whose quality is not good.
        var faulty: [Int] = []
    }

    init(_ map: RegisterMap) {
        units = stride(from: 0, to: map.entries.count, by: RegisterMap.sensorsPerUnit).map { first in
            let end = min(first + RegisterMap.sensorsPerUnit, map.entries.count)
            return Unit(
                id: UnitID(rawValue: map.entries[first].unitID), first: first, entries: map.entries[first..<end])
        }
        var registers: [UnitID: UnitRegisters] = [:]
        for unit in units {
            let bits = unit.entries.compactMap { entry in entry.bit.map { Int($0)..<Int($0) + 1 } }
            registers[unit.id] = UnitRegisters(
                coils: bits,
                discretes: bits + [RegisterMap.qualityStart..<RegisterMap.qualityStart + unit.entries.count],
                inputs: [0..<RegisterMap.inputStart + 2 * unit.entries.count],
                holdings: [0..<unit.entries.count])
        }
        bank = RegisterBank(registers)
    }

    func received(_ tick: Tick) {
        // The images are made before the bank is held, because requests wait meanwhile.
        let images = units.map { image(of: $0, at: tick) }
        let before = faulty.withLock { faulty in
            defer { faulty = images.map(\.faulty) }
            return faulty
        }
        bank.update { registers in
            for (unit, places) in zip(units, before) {
                for place in places {
                    registers[unit.id]?.set(false, in: .discrete, at: RegisterMap.qualityStart + place)
                }
            }
            for (unit, image) in zip(units, images) {
                for place in image.faulty {
                    registers[unit.id]?.set(true, in: .discrete, at: RegisterMap.qualityStart + place)
                }
                registers[unit.id]?.set(image.inputs, in: .input, at: 0)
                registers[unit.id]?.set(image.holdings, in: .holding, at: 0)
                for bit in image.bits {
                    registers[unit.id]?.set(bit.on, in: .coil, at: bit.address)
                    registers[unit.id]?.set(bit.on, in: .discrete, at: bit.address)
                }
            }
        }
    }

    private func image(of unit: Unit, at tick: Tick) -> Image {
        var image = Image(inputs: [])
        for (place, quality) in tick.qualities[unit.first..<unit.first + unit.entries.count].enumerated()
        where quality != .good { image.faulty.append(place) }
        image.inputs = RegisterMap.head(tick, faulty: image.faulty.count)
        image.inputs.reserveCapacity(RegisterMap.inputStart + 2 * unit.entries.count)
        image.holdings.reserveCapacity(unit.entries.count)
        for (index, entry) in zip(unit.first..., unit.entries) {
            let value = tick.values[index]
            let (high, low) = entry.inputRegisters(value)
            image.inputs.append(high)
            image.inputs.append(low)
            image.holdings.append(entry.holdingRegister(value))
            if let bit = entry.bit { image.bits.append((Int(bit), value != 0)) }
        }
        return image
    }
}
