import ConnectorModel
import ConnectorNormalization
import ModbusAdapter
import YAMLSupport

/// The keys of a Modbus source.
extension SourceSection {
    static func modbus(
        _ name: String, _ endpoint: String, _ section: inout Section, _ tags: inout SourceTagSettings
    ) -> SourceSettings.Adapter? {
        section.accept("slave_id", for: "unit_id")
        OtherNames.accept(intervals: &section)
        section.accept("use_tls", for: "tls.enabled")
        let unitID = section.integer(
            "unit_id", default: ModbusSourceConfiguration.defaultUnitID, in: 0...255, about: "of registers without one")
        let interval = section.integer(
            "poll_interval_ms", default: 1000, in: 1...86_400_000, about: "from the beginning of one poll to the next")
        let base = section.integer("address_base", default: 0, in: 0...1, about: "what plain addresses count from")
        let options = modbusOptions(&section)
        let serial = section.optionalSection("serial", about: "of a serial line").map { serialKeys($0) }
        let tls = section.optionalSection("tls", about: "for modbus+tls://").map { TLSKeys($0) }
        let registers =
            section.sections("registers", about: "what is read").compactMap { register($0, base: base) }
            + listedRegisters(&tags, unitID: unitID, isCountedFromOne: base == 1, section)
        do {
            return .modbus(
                try ModbusSourceConfiguration(
                    name: name, endpoint: endpoint, unitID: unitID, pollInterval: .milliseconds(interval),
                    options: options, serial: serial, tls: tls?.enabled == false ? nil : tls, registers: registers))
        } catch {
            section.report(error.problem, at: error.key)
            return nil
        }
    }

    private static func modbusOptions(_ section: inout Section) -> ModbusSourceOptions {
        var options = ModbusSourceOptions()
        options.timeout = section.duration("timeout", default: options.timeout, about: "for each answer")
        options.retries = section.integer(
            "retries", default: options.retries, in: 0...10, about: "of a request without a good answer")
        options.maxInFlight = section.integer(
            "max_in_flight", default: options.maxInFlight, in: 1...256,
            about: "requests under way to a unit; serial lines have one")
        options.gap = section.integer(
            "gap", default: options.gap, in: 0...125, about: "the most unwanted registers that are read along")
        options.maxRegisters = section.integer(
            "max_registers", default: options.maxRegisters, in: 1...125, about: "the most that the device gives at once"
        )
        options.frameGap = section.optionalInteger(
            "frame_gap_ms", in: 0...1000, about: "pause between frames; without it from the baud rate"
        ).map { .milliseconds($0) }
        return options
    }

    private static func serialKeys(_ section: consuming Section) -> ModbusSerialKeys {
        section.accept("baudrate", "baud_rate", for: "baud")
        section.accept("stopbits", for: "stop_bits")
        section.accept("bytesize", for: "data_bits")
        section.accept(words: ["n": "none", "e": "even", "o": "odd"], in: "parity")
        let keys = ModbusSerialKeys(
            baud: section.integer("baud", default: 9600, in: 1...10_000_000, about: "bits per second"),
            parity: section.word("parity", of: ["none", "even", "odd"], default: "none", about: "of each character"),
            stopBits: section.integer("stop_bits", default: 1, in: 1...2, about: "after each character"),
            dataBits: section.integer("data_bits", default: 8, in: 7...8, about: "7 with ASCII framing only"),
            rs485: section.boolean("rs485", default: false, about: "the driver turns the line around (TIOCSRS485)"))
        section.finish()
        return keys
    }

    private static func register(_ section: consuming Section, base: Int) -> ModbusRegister? {
        section.accept("register_type", for: "type")
        section.accept("scale_factor", for: "scale")
        section.accept("slave_id", for: "unit_id")
        OtherNames.accept(intervals: &section)
        section.accept(words: ModbusRegister.otherDataTypes, in: "data_type")
        let address = section.requiredString("address", about: "12, 40013, 4x0013, 0x0C, or 12.5 for one bit")
        let keys = ModbusRegisterKeys(
            type: section.word("type", of: ModbusRegister.types, about: "else the address tells, else holding"),
            dataType: section.word("data_type", of: ModbusRegister.dataTypes, about: "int16, or bool for bits"),
            count: section.optionalInteger(
                "count", in: 1...65_536, about: "registers, or bits; several values are name_0, name_1 and so on"),
            name: section.string("name", about: "of the tag; without it type_address"),
            unit: section.string("unit", about: "engineering unit"),
            byteOrder: section.word(
                "byte_order", of: ModbusRegister.byteOrders, default: "ABCD", about: "of values of several registers"),
            scale: section.number("scale", default: 1, about: "value = raw × scale + offset"),
            offset: section.number("offset", default: 0, about: "value = raw × scale + offset"),
            bits: section.string("bits", about: "the bits of a register that are the value: 4 or 4-7"),
            unitID: section.optionalInteger("unit_id", in: 0...255, about: "if not the source's"),
            pollIntervalMilliseconds: section.optionalInteger(
                "poll_interval_ms", in: 1...86_400_000, about: "if not the source's"))
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
