import ModbusCore
import Testing

@Suite struct RegisterAddressTests {
    @Test(
        arguments: [
            ("0", nil, .zero, .holding, 0, nil),
            ("100", nil, .zero, .holding, 100, nil),
            ("100", .input, .zero, .input, 100, nil),
            ("100", .input, .one, .input, 99, nil),
            ("0x1F", .coil, .zero, .coil, 31, nil),
            ("40001", nil, .zero, .holding, 0, nil),
            ("49999", nil, .zero, .holding, 9998, nil),
            ("30010", nil, .one, .input, 9, nil),
            ("10001", nil, .zero, .discrete, 0, nil),
            ("400001", nil, .zero, .holding, 0, nil),
            ("465536", .holding, .zero, .holding, 65_535, nil),
            ("365536", nil, .zero, .input, 65_535, nil),
            ("4x0017", .holding, .zero, .holding, 16, nil),
            ("3X1", nil, .zero, .input, 0, nil),
            // With a table named, a number up to 65535 is taken at its word.
            ("40001", .holding, .zero, .holding, 40_001, nil),
            ("40000", nil, .zero, .holding, 40_000, nil),
            ("65535", .input, .zero, .input, 65_535, nil),
            ("65536", .input, .one, .input, 65_535, nil),
            ("100.5", .holding, .zero, .holding, 100, 5),
            ("40001.15", nil, .zero, .holding, 0, 15),
        ] as [(String, RegisterType?, RegisterAddress.Base, RegisterType, UInt16, Int?)])
    func notations(
        _ text: String, _ given: RegisterType?, _ base: RegisterAddress.Base, _ type: RegisterType, _ offset: UInt16,
        _ bit: Int?
    ) throws {
        #expect(
            try RegisterAddress(parsing: text, type: given, base: base)
                == RegisterAddress(type: type, offset: offset, bit: bit))
    }

    @Test(
        arguments: [
            ("", nil, .zero), ("-1", nil, .zero), ("abc", nil, .zero), ("1e3", nil, .zero), ("65536", .holding, .zero),
            ("0", .holding, .one), ("0xFFFFF", nil, .zero), ("0x", nil, .zero), ("400001", .input, .zero),
            ("4x0", nil, .zero), ("4x65537", nil, .zero), ("5x1", nil, .zero), ("100.16", .holding, .zero),
            ("100.", .holding, .zero), ("100.1.1", nil, .zero), ("7.1", .coil, .zero),
            ("99999999999999999999", nil, .zero), ("٣", nil, .zero),
        ] as [(String, RegisterType?, RegisterAddress.Base)])
    func refused(_ text: String, _ given: RegisterType?, _ base: RegisterAddress.Base) {
        #expect(throws: AddressError.self) { try RegisterAddress(parsing: text, type: given, base: base) }
    }
}
