import ConnectorModel
import ModbusAdapter
import YAMLSupport

/// The keys of a Modbus source.
extension SourceSection {
    static func modbus(
        _ name: String, _ endpoint: String, _ section: inout Section
    ) -> SourceSettings.Adapter? {
        section.accept("slave_id", "modbus.slave_id", for: "unit_id")
        acceptPollInterval(&section)
        section.accept("modbus.poll_interval_ms", for: "poll_interval_ms")
        section.accept("modbus.poll_interval_seconds", for: "poll_interval_ms", as: .secondsAsMilliseconds)
        let unitID = section.integer("unit_id", default: ModbusSourceConfiguration.defaultUnitID, in: 0...255)
        let interval = section.integer("poll_interval_ms", default: 1000, in: 1...86_400_000)
        let base = section.integer("address_base", default: 0, in: 0...1)
        let options = modbusOptions(&section)
        let serial = section.has("serial") ? serialKeys(section.section("serial")) : nil
        let tls = section.has("tls") ? TLSKeys(section.section("tls")) : nil
        let registers = section.sections("registers").compactMap { register($0, base: base) }
        do {
            return .modbus(
                try ModbusSourceConfiguration(
                    name: name, endpoint: endpoint, unitID: unitID, pollInterval: .milliseconds(interval),
                    options: options, serial: serial, tls: tls, registers: registers))
        } catch {
            section.report(error.problem, at: error.key)
            return nil
        }
    }

    private static func acceptPollInterval(_ section: inout Section) {
        section.accept("polling_interval_ms", for: "poll_interval_ms")
        section.accept("poll_interval", for: "poll_interval_ms", as: .secondsAsMilliseconds)
    }

    private static func modbusOptions(_ section: inout Section) -> ModbusSourceOptions {
        var options = ModbusSourceOptions()
        options.timeout = section.duration("timeout", default: options.timeout)
        options.retries = section.integer("retries", default: options.retries, in: 0...10)
        options.maxInFlight = section.integer("max_in_flight", default: options.maxInFlight, in: 1...256)
        options.gap = section.integer("gap", default: options.gap, in: 0...125)
        options.maxRegisters = section.integer("max_registers", default: options.maxRegisters, in: 1...125)
        options.frameGap = section.optionalInteger("frame_gap_ms", in: 0...1000).map { .milliseconds($0) }
        return options
    }

    private static func serialKeys(_ section: consuming Section) -> ModbusSerialKeys {
        section.accept("baudrate", for: "baud")
        section.accept("stopbits", for: "stop_bits")
        section.accept("bytesize", for: "data_bits")
        section.accept(words: ["n": "none", "e": "even", "o": "odd"], in: "parity")
        let keys = ModbusSerialKeys(
            baud: section.optionalInteger("baud", in: 1...10_000_000), parity: section.string("parity"),
            stopBits: section.optionalInteger("stop_bits", in: 1...2),
            dataBits: section.optionalInteger("data_bits", in: 7...8),
            rs485: section.has("rs485") ? section.boolean("rs485", default: false) : nil)
        section.finish()
        return keys
    }

    private static func register(_ section: consuming Section, base: Int) -> ModbusRegister? {
        section.accept("register_type", for: "type")
        section.accept("scale_factor", for: "scale")
        section.accept("slave_id", for: "unit_id")
        acceptPollInterval(&section)
        section.accept(words: ModbusRegister.otherDataTypes, in: "data_type")
        let address = section.requiredString("address")
        let keys = ModbusRegisterKeys(
            type: section.string("type"), dataType: section.string("data_type"),
            count: section.optionalInteger("count", in: 1...65_536), name: section.string("name"),
            unit: section.string("unit"), byteOrder: section.string("byte_order"),
            scale: section.has("scale") ? section.number("scale", default: 1) : nil,
            offset: section.has("offset") ? section.number("offset", default: 0) : nil,
            bits: section.string("bits"), unitID: section.optionalInteger("unit_id", in: 0...255),
            pollIntervalMilliseconds: section.optionalInteger("poll_interval_ms", in: 1...86_400_000))
        defer { section.finish() }
        guard !address.isEmpty else { return nil }
        do {
            return try ModbusRegister(address: address, keys, isCountedFromOne: base == 1)
        } catch {
            section.report(error.problem, at: error.key)
            return nil
        }
    }
}
