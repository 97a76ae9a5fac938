import ModbusAdapter
import Testing
import YAMLSupport

@testable import ConnectorConfiguration

/// The names that files in use have for keys of Modbus sources, against the canonical ones.
@Suite struct ModbusOtherNamesTests {
    private func source(_ text: String) throws -> (ModbusSourceConfiguration, warnings: [String]) {
        let settings = try ConfigurationReader(file: "penstock.yaml", environment: [:]).read("sources:\n" + text)
        let warnings = settings.warnings.map { $0.keyPath.replacing("sources[0].", with: "") }
        guard case .modbus(let modbus)? = settings.sources.first?.adapter else {
            throw NoModbusSource()
        }
        return (modbus, warnings)
    }

    private struct NoModbusSource: Error {}

    @Test(arguments: [
        ("slave_id: 9", "unit_id: 9", ["slave_id"]),
        ("modbus: {slave_id: 9}", "unit_id: 9", ["modbus.slave_id"]),
        ("polling_interval_ms: 250", "poll_interval_ms: 250", ["polling_interval_ms"]),
        ("poll_interval: 0.25", "poll_interval_ms: 250", ["poll_interval"]),
        ("poll_interval: 250ms", "poll_interval_ms: 250", ["poll_interval"]),
        (
            "modbus: {poll_interval_seconds: 2, slave_id: 3}", "poll_interval_ms: 2000, unit_id: 3",
            ["modbus.slave_id", "modbus.poll_interval_seconds"]
        ),
        ("modbus: {poll_interval_ms: 250}", "poll_interval_ms: 250", ["modbus.poll_interval_ms"]),
        (
            "registers: [{address: 3, register_type: input}]", "registers: [{address: 3, type: input}]",
            ["registers[0].register_type"]
        ),
        (
            "registers: [{address: 3, scale_factor: 0.1}]", "registers: [{address: 3, scale: 0.1}]",
            ["registers[0].scale_factor"]
        ),
        (
            "registers: [{address: 3, slave_id: 4}]", "registers: [{address: 3, unit_id: 4}]",
            ["registers[0].slave_id"]
        ),
        (
            "registers: [{address: 3, poll_interval: 2}]", "registers: [{address: 3, poll_interval_ms: 2000}]",
            ["registers[0].poll_interval"]
        ),
        (
            "registers: [{address: 3, data_type: FLOAT}]", "registers: [{address: 3, data_type: float32}]",
            ["registers[0].data_type"]
        ),
        (
            "registers: [{address: 3, data_type: double}]", "registers: [{address: 3, data_type: float64}]",
            ["registers[0].data_type"]
        ),
        (
            "registers: [{address: 3, data_type: int}]", "registers: [{address: 3, data_type: int16}]",
            ["registers[0].data_type"]
        ),
    ])
    func aDeviceOnANetwork(other: String, canonical: String, warned: [String]) throws {
        let (read, warnings) = try source("  - {name: a, endpoint: \"plc:502\", \(other)}\n")
        let (expected, none) = try source("  - {name: a, endpoint: \"plc:502\", \(canonical)}\n")
        #expect(read == expected)
        #expect(warnings == warned && none.isEmpty)
    }

    @Test func aSerialLine() throws {
        let line = "  - {name: a, endpoint: /dev/ttyS0, serial: "
        let (read, warnings) = try source(line + "{baudrate: 19200, stopbits: 2, bytesize: 8, parity: E}}\n")
        let (expected, none) = try source(line + "{baud: 19200, stop_bits: 2, data_bits: 8, parity: even}}\n")
        #expect(read == expected && none.isEmpty)
        #expect(warnings == ["serial.baudrate", "serial.stopbits", "serial.bytesize", "serial.parity"])
    }

    @Test func twoDifferentSpellingsAreRefused() {
        let error = #expect(throws: (any Error).self) {
            try source("  - {name: a, endpoint: \"plc:502\", unit_id: 1, slave_id: 2}\n")
        }
        #expect(error.map { "\($0)".contains("sources[0].slave_id: says otherwise than 'unit_id'") } == true)
    }
}
