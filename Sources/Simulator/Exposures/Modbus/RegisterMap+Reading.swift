import ModbusCore
package import SimulatorPlant

extension RegisterMap {
    /// Reads a map of the user's own: the CSV that `csv` writes, with any of its lines and columns in any order.
    ///
    /// Only `path` is needed. Without an address a sensor has no such register; the types are float32 (counts: uint32)
    /// and int16, the order is ABCD, the scale that of the standard map for int16 and else 1, when nothing is said.
    /// `unit` is passed over. Throws with the line of the first mistake: unknown columns and sensors, a sensor or an
    /// address that is used twice, numbers out of range.
    ///
    /// - Parameters:
    ///   - text: the file as UTF-8.
    ///   - file: its name for errors.
    ///   - firstUnit: the unit id of lines that name none.
    package init(
        csv text: [UInt8], file: String, sensors: [Sensor], firstUnit: Int = 1
    ) throws(ExposureError) {
        var lines = CSVLines(text)
        var reader: LineReader?
        var entries: [Entry] = []
        var taken = TakenAddresses()
        do {
            while let fields = try lines.next() {
                if fields.count == 1, fields[0].isEmpty { continue }
                guard let entry = try reader?.entry(fields) else {
                    reader = try LineReader(fields, sensors, firstUnit: firstUnit)
                    continue
                }
                try taken.take(entry)
                entries.append(entry)
            }
        } catch let error as MapMistake {
            throw ExposureError(message: "\(file):\(lines.number): \(error.text)")
        } catch {
            throw ExposureError(message: "\(file): \(error)")
        }
        guard !entries.isEmpty else {
            throw ExposureError(message: "\(file): the register map has no lines; /api/modbus/map?format=csv shows one")
        }
        self.init(own: entries)
    }
}

/// What is wrong with a line.
private struct MapMistake: Error {
    let text: String
}

/// Makes entries of lines.
private struct LineReader {
    private let columns: [String: Int]
    private let sensors: [Sensor]
    private let firstUnit: Int
    /// The sensors that have no line yet, by path.
    private var unused: [String: Int]

    init(_ head: [String], _ sensors: [Sensor], firstUnit: Int) throws(MapMistake) {
        var columns: [String: Int] = [:]
        for (place, name) in head.enumerated() {
            let name = name.lowercased()
            guard RegisterMap.columns.contains(name) else {
                throw MapMistake(
                    text: "there is no column '\(name)'; known: \(RegisterMap.columns.joined(separator: ", "))")
            }
            guard columns.updateValue(place, forKey: name) == nil else {
                throw MapMistake(text: "the column \(name) is there twice")
            }
        }
        guard columns["path"] != nil else { throw MapMistake(text: "the column path is missing") }
        self.columns = columns
        self.sensors = sensors
        self.firstUnit = firstUnit
        unused = Dictionary(sensors.enumerated().map { ($1.path, $0) }) { first, _ in first }
    }

    mutating func entry(_ fields: [String]) throws(MapMistake) -> RegisterMap.Entry {
        func field(_ name: String) -> String? {
            guard let place = columns[name], place < fields.count, !fields[place].isEmpty else { return nil }
            return fields[place]
        }
        let path = field("path") ?? ""
        guard let number = unused.removeValue(forKey: path) else {
            let isTwice = sensors.contains { $0.path == path }
            throw MapMistake(text: isTwice ? "\(path) has a line already" : "there is no sensor '\(path)'")
        }
        let definition = sensors[number].definition
        let isCount = definition.kind == .count
        func whole(_ name: String, _ range: ClosedRange<Int>) throws(MapMistake) -> Int? {
            guard let text = field(name) else { return nil }
            guard let value = Int(text), range.contains(value) else {
                throw MapMistake(text: "\(name) is \(range.lowerBound) to \(range.upperBound), not '\(text)'")
            }
            return value
        }
        let order = try choice(field("byte_order")?.uppercased(), "byte_order", ByteOrder.allCases) ?? .abcd
        func place(_ table: String, standard: RegisterDataType) throws(MapMistake) -> RegisterMap.Place? {
            let types = RegisterDataType.allCases.filter(RegisterMap.Place.canHold)
            let type = try choice(field("\(table)_type")?.lowercased(), "\(table)_type", types) ?? standard
            guard let address = try whole("\(table)_address", 0...65_536 - type.width) else { return nil }
            return RegisterMap.Place(address: UInt16(address), type: type, order: order)
        }
        let input = try place("input", standard: isCount ? .uint32 : .float32)
        let holding = try place("holding", standard: .int16)
        let unit = try whole("unit_id", RegisterMap.possibleUnits) ?? firstUnit
        return RegisterMap.Entry(
            path: path, sensor: number, unitID: UInt8(unit), input: input, holding: holding,
            bit: try whole("bit_address", 0...65_535).map { UInt16($0) },
            quality: try whole("quality_address", 0...65_535).map { UInt16($0) }, unit: definition.unit,
            scaling: try scaling(field("scale"), definition, holding), isCount: isCount)
    }

    private func choice<Word: RawRepresentable<String>>(
        _ text: String?, _ name: String, _ words: [Word]
    ) throws(MapMistake) -> Word? {
        guard let text else { return nil }
        guard let word = words.first(where: { $0.rawValue == text }) else {
            throw MapMistake(text: "\(name) is one of \(words.map(\.rawValue).joined(separator: ", ")), not '\(text)'")
        }
        return word
    }

    private func scaling(
        _ text: String?, _ definition: SensorDefinition, _ holding: RegisterMap.Place?
    ) throws(MapMistake) -> RegisterScaling {
        guard let text else {
            return holding.map(\.type) ?? .int16 == .int16
                ? RegisterScaling(definition) : RegisterScaling(scale: 1, text: "1")
        }
        guard let scale = Double(text), scale.isFinite, scale > 0, (1 / scale).isFinite else {
            throw MapMistake(text: "scale is a number above 0, not '\(text)'")
        }
        return RegisterScaling(scale: scale, text: Int(exactly: scale).map(String.init) ?? "\(scale)")
    }
}

/// The addresses that have a sensor already.
private struct TakenAddresses {
    private struct Address: Hashable {
        let unit: UInt8
        let table: RegisterType
        let address: Int
    }

    private var taken: Set<Address> = []

    mutating func take(_ entry: RegisterMap.Entry) throws(MapMistake) {
        if let input = entry.input { try take(entry.unitID, .input, input.range) }
        if let holding = entry.holding { try take(entry.unitID, .holding, holding.range) }
        if let bit = entry.bit {
            try take(entry.unitID, .coil, Int(bit)..<Int(bit) + 1)
            try take(entry.unitID, .discrete, Int(bit)..<Int(bit) + 1)
        }
        if let quality = entry.quality { try take(entry.unitID, .discrete, Int(quality)..<Int(quality) + 1) }
    }

    private mutating func take(_ unit: UInt8, _ table: RegisterType, _ range: Range<Int>) throws(MapMistake) {
        for address in range where !taken.insert(Address(unit: unit, table: table, address: address)).inserted {
            throw MapMistake(text: "\(table.rawValue) \(address) of unit \(unit) has a sensor already")
        }
    }
}
