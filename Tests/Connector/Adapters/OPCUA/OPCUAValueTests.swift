import ConnectorModel
import JSONSupport
import OPCUATypes
import Testing

@testable import OPCUAAdapter

/// What OPC UA values become in a row.
@Suite struct OPCUAValueTests {
    private func json(_ variant: Variant) -> String { JSONForm.text(of: variant) }

    @Test func scalarsKeepTheirRange() {
        let table: [(Variant, ReadingValue, ValueType)] = [
            (.int64(.min), .int(.min), .opcuaInt64),
            (.int64(.max), .int(.max), .opcuaInt64),
            (.uint64(.max), .uint(.max), .opcuaUInt64),
            (.sByte(-128), .int(-128), .opcuaSByte),
            (.byte(255), .uint(255), .opcuaByte),
            (.boolean(true), .bool(true), .opcuaBoolean),
            (.string(nil), .none, .opcuaString),
            (.string(""), .string(""), .opcuaString),
            (.byteString(nil), .none, .opcuaByteString),
            (.byteString(ByteString([1, 255])), .bytes([1, 255]), .opcuaByteString),
            (.xmlElement(nil), .none, .opcuaXmlElement),
            (.localizedText(LocalizedText("Störung")), .string("Störung"), .opcuaLocalizedText),
            (.statusCode(.badNodeIdUnknown), .string("BadNodeIdUnknown (0x80340000)"), .opcuaStatusCode),
            (.null, .none, .opcuaNull),
        ]
        for (variant, value, type) in table {
            let reading = VariantReading.reading(of: variant)
            #expect(reading.0 == value && reading.1 == type, "\(variant)")
        }
        #expect(VariantReading.reading(of: .uint64(.max)).0.text == "18446744073709551615")
        #expect(VariantReading.reading(of: .int64(.min)).0.text == "-9223372036854775808")
    }

    /// A row has no number for what is none; the text says what came.
    @Test func notANumberIsTextOnly() {
        for variant in [Variant.double(.nan), .float(.nan), .double(.infinity), .float(-.infinity)] {
            let value = VariantReading.reading(of: variant).0
            #expect(value.number == nil && value.text?.isEmpty == false)
        }
    }

    @Test func timesAreTextAtBothEndsOfTheScale() {
        func text(_ ticks: Int64) -> String? {
            VariantReading.reading(of: .dateTime(DateTime(ticks: ticks))).0.text
        }
        #expect(text(0) == "1601-01-01T00:00:00.000000Z")
        // 9999-12-31T23:59:59 (Part 6, 5.2.2.5): the latest time that peers write.
        #expect(text(2_650_467_743_990_000_000) == "9999-12-31T23:59:59.000000Z")
        for ticks in [Int64.min, .max, -1] { #expect(text(ticks)?.hasSuffix("Z") == true) }
    }

    @Test func arraysBecomeJSON() {
        #expect(json(.array(VariantArray(.double([1.5, .nan, -.infinity])))) == #"[1.5,"NaN","-Infinity"]"#)
        #expect(json(.array(VariantArray(.float([.nan, 0.1])))) == #"["NaN",0.1]"#)
        #expect(json(.array(VariantArray(.int64([.min, .max])))) == "[-9223372036854775808,9223372036854775807]")
        #expect(json(.array(VariantArray(.uint64([.max])))) == "[18446744073709551615]")
        #expect(json(.array(VariantArray(.string(["a\"b", nil, "\u{1}"])))) == #"["a\"b",null,"\u0001"]"#)
        #expect(json(.array(VariantArray(.byteString([ByteString([0]), nil])))) == #"["AA==",null]"#)
        #expect(json(.array(VariantArray(.boolean([])))) == "[]")
        let reading = VariantReading.reading(of: .array(VariantArray(.int16([1, -2]))))
        #expect(reading.0 == .json("[1,-2]") && reading.1 == .opcuaInt16)
    }

    @Test func matricesNestWithTheFirstDimensionOutermost() {
        let six = VariantArray.Elements.int32([1, 2, 3, 4, 5, 6])
        #expect(json(.array(VariantArray(six, dimensions: [2, 3]))) == "[[1,2,3],[4,5,6]]")
        #expect(json(.array(VariantArray(six, dimensions: [3, 1, 2]))) == "[[[1,2]],[[3,4]],[[5,6]]]")
    }

    /// Dimensions are a peer's numbers.
    @Test(arguments: [
        [4, 2], [-1, -6], [0, 6], [6], [Int32.max, .max, .max, .max], [2, 0, 3],
    ])
    func dimensionsThatDoNotFitAreLeftOut(dimensions: [Int32]) {
        let six = VariantArray.Elements.int32([1, 2, 3, 4, 5, 6])
        #expect(json(.array(VariantArray(six, dimensions: dimensions))) == "[1,2,3,4,5,6]")
    }

    /// A message may name a million dimensions of length 1; nesting them would copy the text a million times.
    @Test func dimensionsAreLimited() {
        let one = VariantArray.Elements.byte([7])
        let sixteen = json(.array(VariantArray(one, dimensions: .init(repeating: 1, count: 16))))
        #expect(sixteen == String(repeating: "[", count: 16) + "7" + String(repeating: "]", count: 16))
        #expect(json(.array(VariantArray(one, dimensions: .init(repeating: 1, count: 17)))) == "[7]")
        #expect(json(.array(VariantArray(one, dimensions: .init(repeating: 1, count: 1 << 20)))) == "[7]")
    }

    @Test func structuresCarryTypeAndBody() {
        let object = ExtensionObject(typeId: NodeId(namespace: 3, numeric: 9), body: .binary(ByteString([1, 2, 3])))
        let text = #"{"type_id":"ns=3;i=9","body":"AQID"}"#
        let reading = VariantReading.reading(of: .extensionObject(object))
        #expect(reading.0 == .json(text) && reading.1 == .opcuaExtensionObject)
        #expect(json(.array(VariantArray(.extensionObject([object, .null])))).hasPrefix("[" + text + ",{"))
    }

    /// As deep as the decoder lets a peer go.
    @Test func nestedVariantsEnd() {
        var inner = Variant.uint64(.max)
        for depth in 0..<DecodingLimits().maxDepth {
            inner = depth % 2 == 0 ? .array(VariantArray(.variant([inner]))) : .variant(inner)
        }
        let (value, _) = VariantReading.reading(of: inner)
        #expect(value.text?.contains("18446744073709551615") == true)
        let mixed = Variant.array(
            VariantArray(.variant([.null, .string("x"), .array(VariantArray(.byte([1, 2]))), .double(.nan)])))
        #expect(json(mixed) == #"[null,"x",[1,2],"NaN"]"#)
    }

    @Test func theSeverityBitsAreTheQuality() {
        let table: [(UInt32, Quality, Int32)] = [
            (0x0000_0000, .good, 0), (0x0000_0480, .good, 0x480), (0x4090_0000, .uncertain, 0x4090_0000),
            (0x8034_0000, .bad, Int32(bitPattern: 0x8034_0000)), (0xC000_0000, .bad, Int32(bitPattern: 0xC000_0000)),
        ]
        for (code, quality, column) in table {
            #expect(Status(StatusCode(code)) == Status(code: column, quality: quality))
        }
    }
}
