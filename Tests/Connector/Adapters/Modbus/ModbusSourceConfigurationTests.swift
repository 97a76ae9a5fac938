import ConnectorModel
import ModbusCore
import Testing

@testable import ModbusAdapter

@Suite struct ModbusSourceConfigurationTests {
    private func tags(_ registers: ModbusRegister...) throws -> [ModbusTag] {
        ModbusTag.tags(
            of: try ModbusSourceConfiguration(
                name: "plc", endpoint: "modbus://plc1:502", unitID: 7, registers: registers))
    }

    @Test func defaultsAreThoseOfTheReference() throws {
        let configuration = try ModbusSourceConfiguration(name: "plc", endpoint: "plc1:1502", registers: [])
        #expect(configuration.unitID == 1)
        #expect(configuration.pollInterval == .milliseconds(1000))
        #expect(configuration.options.timeout == .seconds(3))
        #expect(configuration.options.maxInFlight == 1)
        #expect(configuration.address == ModbusEndpoint(host: "plc1", port: 1502))
        let tag = try #require(try tags(ModbusRegister(address: "100")).first)
        #expect(tag.definition.address == "7/holding/100")
        #expect(tag.definition.name == "holding_100")
        #expect(tag.definition.unit == nil)
        #expect(
            tag.definition.metadata == [
                "unit_id": "7", "register_type": "holding", "name": "holding_100", "register_address": "100",
            ])
        #expect(tag.type == .int16)
        #expect(tag.item.count == 1)
    }

    @Test func countMakesSeveralTags() throws {
        let floats = try tags(
            ModbusRegister(address: "10", type: "input", dataType: "float32", count: 6, name: "flow", unit: "m3/h"))
        #expect(floats.map(\.definition.address) == ["7/input/10", "7/input/12", "7/input/14"])
        #expect(floats.map(\.definition.name) == ["flow_0", "flow_1", "flow_2"])
        #expect(floats.allSatisfy { $0.definition.unit == "m3/h" && $0.type == .float32 && $0.item.count == 2 })
        #expect(try tags(ModbusRegister(address: "0", count: 300)).count == 300)
        #expect(try tags(ModbusRegister(address: "0", type: "coil", count: 3)).map(\.type) == [.bool, .bool, .bool])
        // A string's count is its length.
        let text = try tags(ModbusRegister(address: "0", dataType: "string", count: 8, name: "serial"))
        #expect(text.map(\.definition.name) == ["serial"])
        #expect(text.map(\.item.count) == [8])
        // Without a count there is one value, however wide.
        #expect(try tags(ModbusRegister(address: "0", dataType: "uint64")).map(\.item.count) == [4])
    }

    @Test func wordsAreReadInAnyCaseAndByTheirOtherNames() throws {
        let types: [(String, ValueType)] = [
            ("INT16", .int16), ("uint16", .uint16), ("int32", .int32), ("uint32", .uint32), ("int64", .int64),
            ("UInt64", .uint64), ("float32", .float32), ("float64", .float64), ("bool", .bool), ("string", .string),
            ("float", .float32), ("double", .float64), ("int", .int16), ("uint", .uint16), ("boolean", .bool),
        ]
        for (word, type) in types {
            #expect(try tags(ModbusRegister(address: "0", type: "Holding", dataType: word)).first?.type == type)
        }
        for order in ["abcd", "CDAB", "Badc", "dcba"] {
            #expect(throws: Never.self) { try ModbusRegister(address: "0", byteOrder: order) }
        }
    }

    @Test func aScaledValueIsAFloat64() throws {
        #expect(try tags(ModbusRegister(address: "0", scale: 0.1)).first?.type == .float64)
        #expect(try tags(ModbusRegister(address: "0", scale: 1, offset: 0)).first?.type == .int16)
        #expect(try tags(ModbusRegister(address: "0", offset: -40)).first?.type == .float64)
    }

    @Test func notationsNameTheTable() throws {
        #expect(try tags(ModbusRegister(address: "40001")).first?.definition.address == "7/holding/0")
        #expect(try tags(ModbusRegister(address: "30010")).first?.definition.address == "7/input/9")
        #expect(
            try tags(ModbusRegister(address: "40001", type: "holding")).first?.definition.address == "7/holding/40001")
        let bit = try #require(try tags(ModbusRegister(address: "5.3", type: "input")).first)
        #expect(bit.definition.address == "7/input/5.3")
        #expect(bit.definition.name == "input_5.3")
        #expect(bit.type == .bool)
    }

    @Test func whatCannotBeIsRefusedWithItsKey() {
        func key(_ make: () throws -> ModbusRegister) -> String? {
            do {
                _ = try make()
                return nil
            } catch {
                return (error as? SettingError)?.key
            }
        }
        #expect(key { try ModbusRegister(address: "x") } == "address")
        #expect(key { try ModbusRegister(address: "65536", type: "holding") } == "address")
        #expect(key { try ModbusRegister(address: "0", type: "register") } == "type")
        #expect(key { try ModbusRegister(address: "0", dataType: "int8") } == "data_type")
        #expect(key { try ModbusRegister(address: "0", type: "coil", dataType: "int16") } == "data_type")
        #expect(key { try ModbusRegister(address: "0", byteOrder: "ACBD") } == "byte_order")
        #expect(key { try ModbusRegister(address: "0", dataType: "int32", count: 3) } == "count")
        #expect(key { try ModbusRegister(address: "0", count: 0) } == "count")
        #expect(key { try ModbusRegister(address: "0", dataType: "string", count: 126) } == "count")
        #expect(key { try ModbusRegister(address: "65535", dataType: "int32", count: 2) } == "count")
        #expect(key { try ModbusRegister(address: "0", count: .max) } == "count")
        #expect(key { try ModbusRegister(address: "0", scale: 0) } == "scale")
        #expect(key { try ModbusRegister(address: "0", offset: .nan) } == "offset")
        #expect(key { try ModbusRegister(address: "0", type: "coil", scale: 2) } == "scale")
        #expect(key { try ModbusRegister(address: "0") } == nil)
    }

    @Test func theSourceIsCheckedToo() {
        func key(_ make: () throws -> ModbusSourceConfiguration) -> String? {
            do {
                _ = try make()
                return nil
            } catch {
                return (error as? SettingError)?.key
            }
        }
        #expect(key { try .init(name: "a", endpoint: "http://plc", registers: []) } == "endpoint")
        #expect(key { try .init(name: "a", endpoint: "plc:502", unitID: 256, registers: []) } == "unit_id")
        #expect(
            key { try .init(name: "a", endpoint: "plc:502", pollInterval: .zero, registers: []) } == "poll_interval_ms")
        #expect(
            key { try .init(name: "a", endpoint: "plc:502", options: .init(timeout: .zero), registers: []) }
                == "timeout")
        #expect(
            key { try .init(name: "a", endpoint: "plc:502", options: .init(maxInFlight: 0), registers: []) }
                == "max_in_flight")
        #expect(key { try .init(name: "a", endpoint: "modbus+tcp://[::1]:502", unitID: 0, registers: []) } == nil)
    }

    @Test func statusesHaveNames() {
        let names: [(Int32, String)] = [
            (0, "Good"), (2, "IllegalDataAddress"), (11, "GatewayTargetDeviceFailedToRespond"), (-1, "Timeout"),
            (-2, "ChecksumError"), (-3, "ConnectionClosed"), (-4, "InvalidResponse"), (999, "Status999"),
        ]
        for (code, name) in names { #expect(ModbusStatus.name(of: code) == name) }
    }
}
