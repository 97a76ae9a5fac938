import OPCUATypes
import TestRandomness
import Testing

@Suite struct VariantTests {
    /// One value of every built-in type with the byte of its type.
    static let scalars: [(Variant, UInt8)] = [
        (.boolean(true), 1), (.sByte(-1), 2), (.byte(1), 3), (.int16(-1), 4), (.uint16(1), 5), (.int32(-1), 6),
        (.uint32(1), 7), (.int64(-1), 8), (.uint64(1), 9), (.float(1.5), 10), (.double(1.5), 11), (.string("a"), 12),
        (.dateTime(DateTime(ticks: 1)), 13), (.guid(.zero), 14), (.byteString(ByteString([1])), 15),
        (.xmlElement(XmlElement("x")), 16), (.nodeId(NodeId(1)), 17), (.expandedNodeId(ExpandedNodeId(NodeId(1))), 18),
        (.statusCode(.badTimeout), 19), (.qualifiedName(QualifiedName("q")), 20),
        (.localizedText(LocalizedText("l")), 21),
        (.extensionObject(ExtensionObject(ValueRange(low: 1, high: 2))), 22), (.dataValue(DataValue(.byte(1))), 23),
        (.variant(.byte(1)), 24), (.diagnosticInfo(DiagnosticInfo(symbolicId: 1)), 25),
    ]

    static let arrays: [VariantArray.Elements] = [
        .boolean([true, false]), .sByte([-1]), .byte([1, 2]), .int16([-1]), .uint16([1]), .int32([1, -1]), .uint32([1]),
        .int64([1]), .uint64([1]), .float([1]), .double([1, 2]), .string(["a", nil, ""]), .dateTime([.null]),
        .guid([.zero]), .byteString([nil, ByteString([1])]), .xmlElement([nil]), .nodeId([.null]),
        .expandedNodeId([.null]), .statusCode([.good]), .qualifiedName([.null]), .localizedText([.null]),
        .extensionObject([.null]), .dataValue([DataValue()]), .variant([.null, .double(1), .variant(.byte(1))]),
        .diagnosticInfo([DiagnosticInfo()]),
    ]

    @Test func everyScalarRoundTrips() throws {
        #expect(Self.scalars.count == 25)
        for (value, type) in Self.scalars {
            let encoded = bytes(value)
            #expect(encoded.first == type)
            #expect(value.type?.rawValue == type)
            #expect(try decode(Variant.self, encoded) == value)
            for length in 0..<encoded.count {
                #expect(throws: BinaryDecodingError.self) { try decode(Variant.self, Array(encoded.prefix(length))) }
            }
        }
        try expectBytes(Variant.null, [0])
    }

    @Test func everyArrayRoundTrips() throws {
        #expect(Self.arrays.count == 25)
        for elements in Self.arrays {
            let value = Variant.array(VariantArray(elements))
            let encoded = bytes(value)
            #expect(encoded.first == elements.type.rawValue | 0x80)
            #expect(try decode(Variant.self, encoded) == value)
        }
    }

    @Test func matrixKeepsItsDimensions() throws {
        let matrix = Variant.array(VariantArray(.byte([1, 2, 3, 4, 5, 6]), dimensions: [2, 3]))
        try expectBytes(
            matrix,
            [0xC3]  // Byte, array, dimensions
                + [6, 0, 0, 0, 1, 2, 3, 4, 5, 6]  // elements
                + [2, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0])  // 2 × 3
        #expect(throws: BinaryDecodingError.invalid(.arrayDimensions)) {
            try decode(Variant.self, [0xC3, 1, 0, 0, 0, 9, 1, 0, 0, 0, 2, 0, 0, 0])
        }
        #expect(throws: BinaryDecodingError.invalid(.arrayDimensions)) {
            try decode(
                Variant.self, [0xC3, 1, 0, 0, 0, 9, 2, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0x7F])
        }
    }

    @Test func reservedTypesReadAsBytesAndLargerAreRefused() throws {
        #expect(try decode(Variant.self, [26, 1, 0, 0, 0, 7]) == .byteString(ByteString([7])))
        #expect(throws: BinaryDecodingError.invalid(.variant)) { try decode(Variant.self, [32, 0]) }
    }

    @Test func limitsHoldAtTheLimit() throws {
        let limits = DecodingLimits(maxStringBytes: 3, maxArrayLength: 2, maxDepth: 4)
        #expect(try decode(String?.self, [3, 0, 0, 0, 65, 65, 65], limits: limits) == "AAA")
        #expect(throws: BinaryDecodingError.limitExceeded(.string)) {
            try decode(String?.self, [4, 0, 0, 0, 65, 65, 65, 65], limits: limits)
        }
        #expect(try decode([UInt8].self, [2, 0, 0, 0, 1, 2], limits: limits) == [1, 2])
        #expect(throws: BinaryDecodingError.limitExceeded(.array)) {
            try decode([UInt8].self, [3, 0, 0, 0, 1, 2, 3], limits: limits)
        }
        // Variant in Variant: four levels with a scalar inside are the limit.
        #expect(
            try decode(Variant.self, [24, 24, 24, 24, 0], limits: limits)
                == .variant(.variant(.variant(.variant(.null)))))
        #expect(throws: BinaryDecodingError.limitExceeded(.depth)) {
            try decode(Variant.self, [24, 24, 24, 24, 24, 0], limits: limits)
        }
        #expect(throws: BinaryDecodingError.limitExceeded(.depth)) {
            try decode(DiagnosticInfo.self, [0x40, 0x40, 0x40, 0x40, 0x40, 0])
                == (try decode(DiagnosticInfo.self, [0x40, 0x40, 0x40, 0x40, 0x40, 0], limits: limits))
        }
    }

    @Test func claimedLengthTakesNoMemory() {
        #expect(throws: BinaryDecodingError.truncated) { try decode([Variant].self, [0xFF, 0xFF, 0x0F, 0, 1]) }
        #expect(throws: BinaryDecodingError.limitExceeded(.array)) {
            try decode([Variant].self, [0xFF, 0xFF, 0xFF, 0x7F, 1])
        }
    }

    @Test func garbageNeverTraps() {
        var generator = SeededRandom(seed: 1)
        for _ in 0..<20_000 {
            let length = Int.random(in: 0...64, using: &generator)
            let noise = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) & 0x9F }
            _ = try? decode(Variant.self, noise)
            _ = try? decode(DataValue.self, noise)
            _ = try? decode(ExpandedNodeId.self, noise)
            _ = try? decode(PublishResponse.self, noise)
            _ = try? decode(CreateSessionResponse.self, noise)
        }
    }

    @Test func identityIsByBits() {
        #expect(Variant.double(.nan).isIdentical(to: .double(.nan)))
        #expect(!Variant.double(0).isIdentical(to: .double(-0.0)))
        #expect(Variant.string("a").isIdentical(to: .string("a")))
    }
}
