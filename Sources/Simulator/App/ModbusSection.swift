import SimulatorExposures
import SimulatorPlant
import YAMLSupport

/// The block `modbus` of the simulator's configuration.
struct ModbusSection: Equatable {
    var port: Int?
    /// The line of Modbus RTU.
    var line: SerialLine?
    /// The unit id of the first sensor, and of lines of a map that name none.
    var unitID = 1
    /// A CSV file with a register map, seen from the configuration's folder; nil is the standard map.
    var map: String?

    /// What `map` says for the standard map.
    static let standardMap = "standard"

    /// Reads every key of the block. The keys of `serial` are those of the connector's Modbus sources.
    static func read(_ modbus: consuming Section) -> ModbusSection {
        var read = ModbusSection(port: modbus.optionalInteger("port", in: 0...65_535))
        read.unitID = modbus.integer("unit_id", default: 1, in: RegisterMap.possibleUnits)
        if let map = modbus.string("map"), map.lowercased() != standardMap { read.map = map }
        if modbus.has("serial") { read.line = line(modbus.section("serial")) }
        modbus.finish()
        return read
    }

    private static func line(_ serial: consuming Section) -> SerialLine? {
        serial.accept("baudrate", "baud_rate", for: "baud")
        serial.accept("stopbits", for: "stop_bits")
        serial.accept("bytesize", for: "data_bits")
        serial.accept(words: ["n": "none", "e": "even", "o": "odd"], in: "parity")
        let device = serial.requiredString("device")
        let baud = serial.integer("baud", default: 9600, in: 1...10_000_000)
        let parity = serial.choice("parity", default: "none", SerialLine.parities.map { ($0, $0) })
        let stopBits = serial.integer("stop_bits", default: 1, in: 1...2)
        // RTU has characters of 8 bits; the key is taken because configurations of lines have it.
        _ = serial.integer("data_bits", default: 8, in: 8...8)
        let rs485 = serial.boolean("rs485", default: false)
        let line = SerialLine(device: device, baud: baud, parity: parity, stopBits: stopBits, rs485: rs485)
        if line == nil {
            let possible = SerialLine.bauds.map(String.init).joined(separator: ", ")
            serial.report("\(baud) is not possible; one of: \(possible)", at: "baud")
        }
        serial.finish()
        return line
    }

    /// The registers of a plant. Throws when the file of the map cannot be read or has a mistake.
    func registers(_ sensors: [Sensor]) throws -> RegisterMap {
        guard let map else { return try RegisterMap(sensors, firstUnit: unitID) }
        let text = try CatalogueFiles.text(of: map, "the register map")
        return try RegisterMap(csv: Array(text.utf8), file: map, sensors: sensors, firstUnit: unitID)
    }
}
