import NIOCore
import Testing

@testable import ModbusCore

@Suite struct RegisterDecoderTests {
    /// facts: the same four bytes in every order are 3.14.
    @Test(
        arguments: [
            (ByteOrder.abcd, [0x4048, 0xF5C3]), (.cdab, [0xF5C3, 0x4048]), (.badc, [0x4840, 0xC3F5]),
            (.dcba, [0xC3F5, 0x4840]),
        ] as [(ByteOrder, [UInt16])])
    func float32InEveryOrder(_ order: ByteOrder, _ words: [UInt16]) throws {
        let decoder = try RegisterDecoder(.float32, byteOrder: order)
        #expect(decoder.decode(block(words), at: 0) == .float32(3.14))
    }

    /// 0x0102_0304_0506_0708 as the registers show it.
    @Test(
        arguments: [
            (ByteOrder.abcd, [0x0102, 0x0304, 0x0506, 0x0708]), (.cdab, [0x0708, 0x0506, 0x0304, 0x0102]),
            (.badc, [0x0201, 0x0403, 0x0605, 0x0807]), (.dcba, [0x0807, 0x0605, 0x0403, 0x0201]),
        ] as [(ByteOrder, [UInt16])])
    func uint64InEveryOrder(_ order: ByteOrder, _ words: [UInt16]) throws {
        let decoder = try RegisterDecoder(.uint64, byteOrder: order)
        #expect(decoder.decode(block(words), at: 0) == .uint(0x0102_0304_0506_0708))
    }

    @Test(arguments: ByteOrder.allCases)
    func everyTypeKeepsItsExtremes(_ order: ByteOrder) throws {
        func check(_ type: RegisterDataType, _ bits: UInt64, _ expected: RegisterValue) throws {
            let words: [UInt16]
            switch type.width {
            case 1: words = [order.arrange(UInt16(truncatingIfNeeded: bits))]
            case 2:
                let arranged = order.arrange(UInt32(truncatingIfNeeded: bits))
                words = [UInt16(truncatingIfNeeded: arranged >> 16), UInt16(truncatingIfNeeded: arranged)]
            default:
                let arranged = order.arrange(bits)
                words = (0..<4).map { UInt16(truncatingIfNeeded: arranged >> UInt64(48 - 16 * $0)) }
            }
            let decoder = try RegisterDecoder(type, byteOrder: order)
            // Registers before and after must not matter.
            #expect(decoder.decode(block([0xDEAD] + words + [0xBEEF]), at: 1) == expected, "\(type) \(order)")
            #expect(decoder.decode(block(words), at: 1) == nil)
            #expect(decoder.decode(block(words), at: -1) == nil)
        }
        try check(.int16, 0x8000, .int(-32_768))
        try check(.int16, 40_000, .int(-25_536))
        try check(.uint16, 0xFFFF, .uint(65_535))
        try check(.int32, 0x8000_0000, .int(-2_147_483_648))
        try check(.uint32, 0xFFFF_FFFE, .uint(4_294_967_294))
        try check(.int64, 1 << 63, .int(.min))
        try check(.uint64, .max, .uint(.max))
        try check(.float32, UInt64(Float.leastNonzeroMagnitude.bitPattern), .float32(.leastNonzeroMagnitude))
        try check(.float32, UInt64((-Float.infinity).bitPattern), .float32(-.infinity))
        try check(.float64, (0.1).bitPattern, .float64(0.1))
        try check(.bool, order.swapsBytes ? 0x0001 : 0x0100, .bool(true))
        try check(.bool, 0, .bool(false))
    }

    @Test func nanStaysNaN() throws {
        let decoder = try RegisterDecoder(.float32)
        guard case .float32(let value) = decoder.decode(block([0x7FC0, 0]), at: 0) else {
            Issue.record("no float32")
            return
        }
        #expect(value.isNaN)
    }

    @Test func stringsEndAtNULAndHaveNoWordOrder() throws {
        let words: [UInt16] = [0x5075, 0x6D70, 0x2031, 0x0041]  // "Pump 1", NUL, rubbish
        for order in [ByteOrder.abcd, .cdab] {
            let decoder = try RegisterDecoder(.string, byteOrder: order, stringRegisters: 4)
            #expect(decoder.width == 4)
            #expect(decoder.decode(block(words), at: 0) == .string("Pump 1"))
            #expect(decoder.decode(block(words), at: 1) == nil)
        }
        for order in [ByteOrder.badc, .dcba] {
            let decoder = try RegisterDecoder(.string, byteOrder: order, stringRegisters: 4)
            #expect(decoder.decode(block(words.map(\.byteSwapped)), at: 0) == .string("Pump 1"))
        }
        let euro = try RegisterDecoder(.string, stringRegisters: 2)
        #expect(euro.decode(block([0xE282, 0xAC00]), at: 0) == .string("€"))
        // Not UTF-8: each byte is its Latin-1 character.
        #expect(euro.decode(block([0xB043, 0]), at: 0) == .string("°C"))
    }

    @Test func bitFieldsAreCutOut() throws {
        func decode(_ type: RegisterDataType, _ lowest: Int, _ width: Int, _ words: [UInt16]) throws -> RegisterValue? {
            try RegisterDecoder(type, bits: BitField(lowest: lowest, width: width)).decode(block(words), at: 0)
        }
        #expect(try decode(.bool, 3, 1, [0b1000]) == .bool(true))
        #expect(try decode(.bool, 2, 1, [0b1000]) == .bool(false))
        #expect(try decode(.bool, 15, 1, [0x8000]) == .bool(true))
        #expect(try decode(.uint16, 4, 4, [0x1A30]) == .uint(3))
        #expect(try decode(.uint16, 0, 16, [0xFFFF]) == .uint(0xFFFF))
        #expect(try decode(.uint64, 0, 64, [1, 2, 3, 4]) == .uint(0x0001_0002_0003_0004))
        #expect(BitField(lowest: 64) == nil)
        #expect(BitField(lowest: 1, width: 64) == nil)
        #expect(throws: DecoderError.bitsBeyond(width: 16)) {
            try RegisterDecoder(.uint16, bits: BitField(lowest: 12, width: 5))
        }
        #expect(throws: DecoderError.noBits(.float32)) { try RegisterDecoder(.float32, bits: BitField(lowest: 0)) }
    }

    @Test func scalingIsExactInDecimal() throws {
        func decode(_ type: RegisterDataType, _ scale: Double, _ offset: Double, _ words: [UInt16]) throws
            -> RegisterValue?
        {
            try RegisterDecoder(type, scaling: Scaling(scale: scale, offset: offset)).decode(block(words), at: 0)
        }
        #expect(try decode(.int16, 0.1, 0, [40_000]) == .float64(-2553.6))
        #expect(try decode(.int16, 0.1, -40, [123]) == .float64(-27.7))
        #expect(try decode(.uint16, 0.001, 0, [65_535]) == .float64(65.535))
        #expect(try decode(.uint32, 0.3, 0.7, [0, 3]) == .float64(1.6))
        #expect(try decode(.uint16, 10, 0, [7]) == .float64(70))
        #expect(try decode(.float32, 10, 0, [0x4048, 0xF5C3]) == .float64(Double(Float(3.14)) * 10))
        #expect(try decode(.uint16, 1, 0, [7]) == .uint(7))
        #expect(try decode(.uint64, 2, 0, [.max, .max, .max, .max]) == .float64(Double(UInt64.max) * 2))
        #expect(try decode(.int64, 0.1, 0, [0x7FFF, .max, .max, .max]) == .float64(Double(Int64.max) * 0.1))
        #expect(Scaling(scale: 0) == nil)
        #expect(Scaling(scale: .nan) == nil)
        #expect(Scaling(offset: .infinity) == nil)
        #expect(throws: DecoderError.notScalable(.string)) {
            try RegisterDecoder(.string, scaling: Scaling(scale: 2), stringRegisters: 2)
        }
        #expect(throws: DecoderError.stringLength(126)) { try RegisterDecoder(.string, stringRegisters: 126) }
    }

    /// Against the text form of the exact decimal result, which is what a person expects to see.
    @Test func everyInt16TimesATenthPrintsAsADecimal() throws {
        let scaling = try #require(Scaling(scale: 0.1))
        for raw in Int64(Int16.min)...Int64(Int16.max) {
            let sign = raw < 0 ? "-" : ""
            let expected = "\(sign)\(raw.magnitude / 10).\(raw.magnitude % 10)"
            #expect("\(scaling.apply(raw))" == expected)
        }
    }

    @Test func bitsOfATableAreBools() throws {
        let bits = RegisterBlock(type: .coil, address: 0, count: 3, bytes: ByteBuffer(bytes: [0b101]))
        let decoder = try RegisterDecoder(.bool)
        #expect((0...3).map { decoder.decode(bits, at: $0) } == [.bool(true), .bool(false), .bool(true), nil])
    }
}
