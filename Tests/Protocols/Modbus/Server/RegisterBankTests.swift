import ModbusCore
import Testing

@testable import ModbusServer

@Suite struct RegisterBankTests {
    @Test func areasThatTouchAreOne() {
        let table = AddressTable<UInt16>(areas: [10..<20, 0..<5, 20..<30, 5..<5], initial: 0)
        #expect(table.areas == [0..<5, 10..<30])
        #expect(table.has(0..<5) && table.has(15..<25) && table.has(29..<30))
        #expect(!table.has(4..<6) && !table.has(5..<6) && !table.has(9..<11) && !table.has(29..<31))
        #expect(table[30..<31] == nil)
        #expect(AddressTable<Bool>(areas: [], initial: false).has(0..<1) == false)
    }

    @Test func theWholeAddressSpaceCanBeUsed() {
        var table = AddressTable<UInt16>(areas: [0..<65_536], initial: 0)
        table.set(one: 7, at: 65_535)
        #expect(table[65_535..<65_536]?.first == 7)
    }

    @Test func valuesAreLaidOutInTheirOrder() {
        var unit = UnitRegisters(inputs: [0..<20])
        unit.setFloat32(3.14, in: .input, at: 0)
        unit.setFloat32(3.14, in: .input, at: 2, order: .cdab)
        unit.setFloat32(3.14, in: .input, at: 4, order: .badc)
        unit.setFloat32(3.14, in: .input, at: 6, order: .dcba)
        #expect(unit.inputs[0..<8] == [0x4048, 0xF5C3, 0xF5C3, 0x4048, 0x4840, 0xC3F5, 0xC3F5, 0x4840])
        unit.setInteger(UInt64(0x0102_0304_0506_0708), in: .input, at: 8)
        unit.setInteger(Int16(-2), in: .input, at: 12, order: .dcba)
        unit.setString("Pump", registers: 3, in: .input, at: 13)
        unit.setString("longer than that", registers: 1, in: .input, at: 16, order: .badc)
        #expect(
            unit.inputs[8..<17]
                == [0x0102, 0x0304, 0x0506, 0x0708, 0xFEFF, 0x5075, 0x6D70, 0, 0x6F6C])
        unit.setFloat64(1, in: .input, at: 16)
        #expect(unit.inputs[16..<20] == [0x3FF0, 0, 0, 0])
    }

    @Test func updatesReachTheUnitAndNoOther() {
        let bank = RegisterBank([1: UnitRegisters(holdings: [0..<1]), 2: UnitRegisters(holdings: [0..<1])])
        #expect(bank.update(unit: 2) { $0.set(9, in: .holding, at: 0) })
        #expect(!bank.update(unit: 3) { _ in Issue.record("unit 3 does not exist") })
        bank.update { units in
            #expect(units[1]?.holdings[0..<1] == [0])
            #expect(units[2]?.holdings[0..<1] == [9])
            units[1]?.set(5, in: .holding, at: 0)
            #expect(units[1]?.holdings[0..<1] == [5])
        }
    }
}
