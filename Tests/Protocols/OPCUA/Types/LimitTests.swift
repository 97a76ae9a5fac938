import OPCUATypes
import Testing

/// Every limit of decoding, at the limit and one beyond.
@Suite struct LimitTests {
    private func prefixed(_ count: Int) -> [UInt8] {
        bytes(Int32(count)) + [UInt8](repeating: 0x41, count: count)
    }

    @Test func stringsAndBytes() throws {
        let limits = DecodingLimits(maxStringBytes: 5)
        #expect(try decode(String?.self, prefixed(5), limits: limits) == "AAAAA")
        #expect(try decode(ByteString?.self, prefixed(5), limits: limits)?.bytes.count == 5)
        #expect(try decode(XmlElement?.self, prefixed(5), limits: limits)?.text == "AAAAA")
        let beyond = prefixed(6)
        #expect(throws: BinaryDecodingError.limitExceeded(.string)) { try decode(String?.self, beyond, limits: limits) }
        #expect(throws: BinaryDecodingError.limitExceeded(.string)) {
            try decode(ByteString?.self, beyond, limits: limits)
        }
        #expect(throws: BinaryDecodingError.limitExceeded(.string)) {
            try decode(XmlElement?.self, beyond, limits: limits)
        }
        // In the places where they occur: names, identifiers, bodies.
        #expect(throws: BinaryDecodingError.limitExceeded(.string)) {
            try decode(NodeId.self, [3, 0, 0] + beyond, limits: limits)
        }
        #expect(throws: BinaryDecodingError.limitExceeded(.string)) {
            try decode(ExtensionObject.self, [0, 1, 1] + beyond, limits: limits)
        }
        #expect(try decode(ExtensionObject.self, [0, 1, 1] + prefixed(5), limits: limits).typeId == NodeId(1))
        // Without a limit in its way a length must still be there.
        #expect(throws: BinaryDecodingError.truncated) { try decode(String?.self, [0xFF, 0xFF, 0x0F, 0, 1]) }
        #expect(throws: BinaryDecodingError.limitExceeded(.string)) {
            try decode(String?.self, [0xFF, 0xFF, 0xFF, 0x7F])
        }
        #expect(try decode(String?.self, [0, 0, 0, 0x80]) == nil)  // any negative length is null
    }

    @Test func arrays() throws {
        let limits = DecodingLimits(maxArrayLength: 3)
        for type in BuiltInType.allCases {
            // Nothing is as short as one byte but these, so more elements than the limit are claimed only.
            #expect(throws: BinaryDecodingError.limitExceeded(.array)) {
                try decode(Variant.self, [type.rawValue | 0x80] + prefixed(4), limits: limits)
            }
        }
        let three = Variant.array(VariantArray(.byte([0x41, 0x41, 0x41])))
        #expect(try decode(Variant.self, [0x83] + prefixed(3), limits: limits) == three)
        // Dimensions are an array too.
        #expect(throws: BinaryDecodingError.limitExceeded(.array)) {
            try decode(Variant.self, [0xC3] + prefixed(1) + bytes([1, 1, 1, 1] as [Int32]), limits: limits)
        }
        #expect(try decode(Variant.self, [0xC3] + prefixed(1) + bytes([1, 1, 1] as [Int32]), limits: limits) != .null)
    }

    /// Elements that are one byte on the wire take many here: they are counted before they are made.
    @Test func memoryOfArrays() throws {
        func limits(_ bytes: Int) -> DecodingLimits { DecodingLimits(maxMemoryBytes: bytes) }
        let none = [UInt8](repeating: 0, count: 100)
        let elements = bytes(Int32(100)) + none
        let size = 100 * MemoryLayout<DataValue>.stride
        #expect(try decode([DataValue].self, elements, limits: limits(size)).count == 100)
        #expect(throws: BinaryDecodingError.limitExceeded(.memory)) {
            try decode([DataValue].self, elements, limits: limits(size - 1))
        }
        // One limit for all arrays of a message, and for the boxes in which nested values lie.
        let whole = [23 | 0x80] + elements
        #expect(try decode(Variant.self, whole, limits: limits(size + 64)).isNull == false)
        #expect(throws: BinaryDecodingError.limitExceeded(.memory)) {
            try decode(Variant.self, whole, limits: limits(size + 63))
        }
        let two = bytes(Int32(2)) + whole + whole
        let all = 2 * (size + 64) + 2 * MemoryLayout<Variant>.stride
        #expect(try decode([Variant].self, two, limits: limits(all)).count == 2)
        #expect(throws: BinaryDecodingError.limitExceeded(.memory)) {
            try decode([Variant].self, two, limits: limits(all - 1))
        }
        // A message of a megabyte that would take forty times as much.
        let row = [24 | 0x80] + bytes(Int32(1)) + [24, 24, 24, 24, 24, 24, 24, 0]
        let rows = bytes(Int32(80_000)) + [UInt8](repeatElement(row, count: 80_000).joined())
        #expect(throws: BinaryDecodingError.limitExceeded(.memory)) {
            try decode([Variant].self, rows, limits: limits(16 << 20))
        }
    }

    @Test func matrixDimensions() throws {
        func matrix(_ dimensions: [Int32]) throws -> Variant {
            try decode(Variant.self, [0xC3] + prefixed(6) + bytes(dimensions))
        }
        for dimensions: [Int32] in [[2, 3], [6, 1], [1, 6], [1, 2, 3]] {
            guard case .array(let array) = try matrix(dimensions) else {
                Issue.record("no array")
                continue
            }
            #expect(array.dimensions == dimensions)
        }
        for dimensions: [Int32] in [[2, 2], [7, 1], [0, 6], [-2, -3], [.max, .max, .max], [.min, .min]] {
            #expect(throws: BinaryDecodingError.invalid(.arrayDimensions)) { try matrix(dimensions) }
        }
        // 65536 × 65536 × 65536 × 65536 overflows to 0, which is not the number of no elements either.
        #expect(throws: BinaryDecodingError.invalid(.arrayDimensions)) {
            try decode(
                Variant.self, [0xC3, 0, 0, 0, 0] + bytes([Int32](repeating: 65536, count: 4)))
        }
    }

    /// Types that can hold themselves: as deep as the limit says, by default 32.
    @Test(arguments: [1, 2, 7, 32]) func depth(_ most: Int) throws {
        let limits = DecodingLimits(maxDepth: most)
        func expect<T: BinaryDecodable & Equatable>(
            _ type: T.Type, _ layer: [UInt8], innermost: [UInt8], after: [UInt8] = [], levels: Int
        ) {
            func nest(_ count: Int) -> [UInt8] {
                [UInt8](repeatElement(layer, count: count).joined()) + innermost
                    + [UInt8](repeatElement(after, count: count).joined())
            }
            #expect(throws: Never.self) { try decode(type, nest(levels), limits: limits) }
            #expect(throws: BinaryDecodingError.limitExceeded(.depth)) {
                try decode(type, nest(levels + 1), limits: limits)
            }
        }
        // A Variant in a Variant, and in an array of one.
        expect(Variant.self, [24], innermost: [0], levels: most)
        expect(Variant.self, [24 | 0x80, 1, 0, 0, 0], innermost: [0], levels: most)
        // Diagnostics of the layer below; the innermost has no more.
        expect(DiagnosticInfo.self, [0x40], innermost: [0], levels: most - 1)
        // A DataValue with a Variant with a DataValue: two levels each.
        if most.isMultiple(of: 2) {
            expect(DataValue.self, [1, 23], innermost: [1, 3, 9], levels: most / 2 - 1)
        }
    }

    /// ExtensionObjects are not opened while a message is read, so that they nest costs nothing there.
    @Test func extensionObjectsNestWithoutBeingOpened() throws {
        var object = ExtensionObject.null
        for _ in 0..<1000 { object = ExtensionObject(typeId: NodeId(1), body: .binary(ByteString(bytes(object)))) }
        #expect(try decode(ExtensionObject.self, bytes(object)) == object)
    }

    @Test func dateTimeAtItsEnds() throws {
        try expectBytes(DateTime(ticks: .min), [0, 0, 0, 0, 0, 0, 0, 0x80])
        try expectBytes(DateTime(ticks: .max), [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F])
        try expectBytes(DateTime.null, [0, 0, 0, 0, 0, 0, 0, 0])
        #expect(DateTime(ticks: 1) > .null && DateTime(ticks: -1) < .null)
        #expect(DateTime(ticks: .max).utcMicroseconds > 0)
    }

    @Test func errorsHaveTheStatusOfTheStandard() {
        #expect(BinaryDecodingError.limitExceeded(.depth).statusCode == .badEncodingLimitsExceeded)
        #expect(BinaryDecodingError.truncated.statusCode == .badDecodingError)
        #expect(BinaryDecodingError.invalid(.structure).statusCode == .badDecodingError)
    }
}
