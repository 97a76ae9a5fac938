import ModbusCore
import ModbusServer
import SimulatorPlant
import Synchronization

/// Writes each tick into the registers: in one step, so that a request never sees two ticks.
final class ModbusRegisters: TickReceiver {
    let bank: RegisterBank
    private let units: [Unit]
    /// Of each unit, the discrete inputs that tell of qualities and are on since the last tick.
    private let faulty = Mutex<[[Int]]>([])

    /// What one unit id shows.
    private struct Unit {
        let id: UnitID
        let entries: ArraySlice<RegisterMap.Entry>
        /// Whether the tick's registers stand before the sensors.
        let hasHead: Bool
        let inputs: [Range<Int>]
        let holdings: [Range<Int>]
        let coils: [Range<Int>]
        let discretes: [Range<Int>]

        init(_ id: UInt8, _ entries: ArraySlice<RegisterMap.Entry>) {
            self.id = UnitID(rawValue: id)
            self.entries = entries
            let own = Self.joined(entries.compactMap { $0.input?.range })
            hasHead = own.first.map { $0.lowerBound >= RegisterMap.inputStart } ?? true
            inputs = Self.joined((hasHead ? [0..<RegisterMap.inputStart] : []) + own)
            holdings = Self.joined(entries.compactMap { $0.holding?.range })
            coils = Self.joined(entries.compactMap { $0.bit.map { Int($0)..<Int($0) + 1 } })
            discretes = Self.joined(coils + entries.compactMap { $0.quality.map { Int($0)..<Int($0) + 1 } })
        }

        var registers: UnitRegisters {
            UnitRegisters(coils: coils, discretes: discretes, inputs: inputs, holdings: holdings)
        }

        /// The same addresses in as few ranges as possible.
        private static func joined(_ ranges: [Range<Int>]) -> [Range<Int>] {
            var joined: [Range<Int>] = []
            for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
                if let last = joined.last, range.lowerBound <= last.upperBound {
                    joined[joined.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
                } else {
                    joined.append(range)
                }
            }
            return joined
        }
    }

    /// One unit's registers at a tick, from address 0 to the last that it has.
    private struct Image {
        var inputs: [UInt16]
        var holdings: [UInt16]
        var bits: [(address: Int, on: Bool)] = []
        /// The discrete inputs of the sensors whose quality is not good.
        var faulty: [Int] = []
    }

    init(_ map: RegisterMap) {
        // In the standard map each unit is a slice, so that a plant of a million sensors has its entries once.
        let isOrdered = zip(map.entries, map.entries.dropFirst()).allSatisfy { $0.unitID <= $1.unitID }
        let entries = isOrdered ? map.entries : map.entries.sorted { $0.unitID < $1.unitID }
        var units: [Unit] = []
        var start = 0
        while start < entries.count {
            let id = entries[start].unitID
            let end = entries[start...].firstIndex { $0.unitID != id } ?? entries.count
            units.append(Unit(id, entries[start..<end]))
            start = end
        }
        self.units = units
        bank = RegisterBank(Dictionary(units.map { ($0.id, $0.registers) }) { first, _ in first })
    }

    func received(_ tick: Tick) {
        // The images are made before the bank is held, because requests wait meanwhile.
        let images = units.map { image(of: $0, at: tick) }
        let before = faulty.withLock { faulty in
            defer { faulty = images.map(\.faulty) }
            return faulty
        }
        bank.update { registers in
            for (unit, addresses) in zip(units, before) {
                for address in addresses { registers[unit.id]?.set(false, in: .discrete, at: address) }
            }
            for (unit, image) in zip(units, images) {
                for address in image.faulty { registers[unit.id]?.set(true, in: .discrete, at: address) }
                for range in unit.inputs {
                    registers[unit.id]?.set(image.inputs[range], in: .input, at: range.lowerBound)
                }
                for range in unit.holdings {
                    registers[unit.id]?.set(image.holdings[range], in: .holding, at: range.lowerBound)
                }
                for bit in image.bits {
                    registers[unit.id]?.set(bit.on, in: .coil, at: bit.address)
                    registers[unit.id]?.set(bit.on, in: .discrete, at: bit.address)
                }
            }
        }
    }

    private func image(of unit: Unit, at tick: Tick) -> Image {
        var image = Image(
            inputs: [UInt16](repeating: 0, count: unit.inputs.last?.upperBound ?? 0),
            holdings: [UInt16](repeating: 0, count: unit.holdings.last?.upperBound ?? 0))
        var faulty = 0
        for entry in unit.entries {
            let value = tick.values[entry.sensor]
            entry.input?.write(value, isCount: entry.isCount, into: &image.inputs)
            entry.holding?.write(entry.scaling.steps(value), isCount: false, into: &image.holdings)
            if let bit = entry.bit { image.bits.append((Int(bit), value != 0)) }
            guard tick.qualities[entry.sensor] != .good else { continue }
            faulty += 1
            if let quality = entry.quality { image.faulty.append(Int(quality)) }
        }
        if unit.hasHead {
            image.inputs.replaceSubrange(0..<RegisterMap.inputStart, with: RegisterMap.head(tick, faulty: faulty))
        }
        return image
    }
}
