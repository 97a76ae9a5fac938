import OPCUATypes
import Testing

@Suite struct BuiltInTests {
    @Test func numbersAreLittleEndian() throws {
        try expectBytes(UInt32(0x0102_0304), [4, 3, 2, 1])
        try expectBytes(Int16(-2), [0xFE, 0xFF])
        try expectBytes(Int64(-1), [UInt8](repeating: 0xFF, count: 8))
        try expectBytes(-6.5 as Float, [0x00, 0x00, 0xD0, 0xC0])  // Part 6, 5.2.2.3: the standard's own example
        try expectBytes(1.0 as Double, [0, 0, 0, 0, 0, 0, 0xF0, 0x3F])
        try expectBytes(true, [1])
        #expect(try decode(Bool.self, [7]))
    }

    @Test func stringsKnowNullFromEmpty() throws {
        try expectBytes("水Boy" as String?, [6, 0, 0, 0, 0xE6, 0xB0, 0xB4, 0x42, 0x6F, 0x79])
        try expectBytes(nil as String?, [0xFF, 0xFF, 0xFF, 0xFF])
        try expectBytes("" as String?, [0, 0, 0, 0])
        try expectBytes(ByteString([1, 2]) as ByteString?, [2, 0, 0, 0, 1, 2])
        try expectBytes(XmlElement("<a/>") as XmlElement?, [4, 0, 0, 0, 0x3C, 0x61, 0x2F, 0x3E])
        #expect(try decode(String?.self, [2, 0, 0, 0, 0xFF, 0x41]) == "\u{FFFD}A")
    }

    @Test func guidMixesByteOrders() throws {
        let guid = try #require(Guid("72962B91-FA75-4AE6-8D28-B404DC7DAF63"))
        try expectBytes(
            guid,
            [0x91, 0x2B, 0x96, 0x72, 0x75, 0xFA, 0xE6, 0x4A, 0x8D, 0x28, 0xB4, 0x04, 0xDC, 0x7D, 0xAF, 0x63])
        #expect(guid.description == "72962B91-FA75-4AE6-8D28-B404DC7DAF63")
        #expect(Guid("72962B91-FA75-4AE6-8D28") == nil)
        #expect(Guid("+2962B91-FA75-4AE6-8D28-B404DC7DAF63") == nil)
    }

    @Test func nodeIdTakesTheShortestForm() throws {
        try expectBytes(NodeId(0x72), [0x00, 0x72])  // two bytes
        try expectBytes(NodeId(namespace: 5, numeric: 1025), [0x01, 0x05, 0x01, 0x04])  // four bytes
        try expectBytes(NodeId(namespace: 5, numeric: 0x10000), [0x02, 5, 0, 0, 0, 1, 0])  // full number
        try expectBytes(NodeId(namespace: 1, string: "Hot"), [0x03, 1, 0, 3, 0, 0, 0, 0x48, 0x6F, 0x74])
        try expectBytes(
            NodeId(namespace: 2, identifier: .opaque(ByteString([9]))), [0x05, 2, 0, 1, 0, 0, 0, 9])
        try expectBytes(
            NodeId(namespace: 3, identifier: .guid(.zero)), [0x04, 3, 0] + [UInt8](repeating: 0, count: 16))
        #expect(throws: BinaryDecodingError.invalid(.nodeId)) { try decode(NodeId.self, [0x06, 0]) }
        #expect(throws: BinaryDecodingError.invalid(.nodeId)) { try decode(NodeId.self, [0x40, 0]) }
    }

    @Test func expandedNodeIdCarriesItsFlags() throws {
        try expectBytes(
            ExpandedNodeId(NodeId(7), namespaceURI: "u", serverIndex: 2),
            [0xC0, 7, 1, 0, 0, 0, 0x75, 2, 0, 0, 0])
        let remote = ExpandedNodeId(NodeId(namespace: 0, string: "x"), namespaceURI: "b")
        #expect(remote.local(in: ["a", "b"]) == NodeId(namespace: 1, string: "x"))
        #expect(remote.local(in: ["a"]) == nil)
    }

    @Test func namesAndTexts() throws {
        try expectBytes(QualifiedName("A", namespace: 2), [2, 0, 1, 0, 0, 0, 0x41])
        try expectBytes(LocalizedText("A"), [0x02, 1, 0, 0, 0, 0x41])
        try expectBytes(LocalizedText("A", locale: "en"), [0x03, 2, 0, 0, 0, 0x65, 0x6E, 1, 0, 0, 0, 0x41])
        try expectBytes(LocalizedText.null, [0])
    }

    @Test func extensionObjects() throws {
        try expectBytes(ExtensionObject.null, [0, 0, 0])
        let range = ExtensionObject(ValueRange(low: 0, high: 1))
        try expectBytes(
            range,
            [1, 0, 0x76, 0x03]  // NodeId 886
                + [1, 16, 0, 0, 0]  // binary, 16 bytes
                + [0, 0, 0, 0, 0, 0, 0, 0] + [0, 0, 0, 0, 0, 0, 0xF0, 0x3F])
        #expect(try range.decode(as: ValueRange.self) == ValueRange(low: 0, high: 1))
        #expect(try range.decode(as: EUInformation.self) == nil)
        #expect(throws: BinaryDecodingError.invalid(.extensionObject)) { try decode(ExtensionObject.self, [0, 0, 3]) }
    }

    @Test func diagnosticInfoNests() throws {
        let info = DiagnosticInfo(
            symbolicId: 1, namespaceURI: 2, locale: 3, localizedText: 4, additionalInfo: "x",
            innerStatusCode: .badTimeout, inner: .some(DiagnosticInfo(symbolicId: 9)))
        try expectBytes(
            info,
            [0x7F]  // everything
                + [1, 0, 0, 0] + [2, 0, 0, 0] + [3, 0, 0, 0] + [4, 0, 0, 0]  // numbers
                + [1, 0, 0, 0, 0x78] + [0, 0, 0x0A, 0x80]  // text, status
                + [0x01, 9, 0, 0, 0])  // the inner one
    }

    @Test func dataValueWritesWhatItHas() throws {
        try expectBytes(DataValue(), [0])
        let full = DataValue(
            .byte(5), status: .badTimeout, sourceTimestamp: DateTime(ticks: 1), serverTimestamp: DateTime(ticks: 2),
            sourcePicoseconds: 3, serverPicoseconds: 4)
        try expectBytes(
            full,
            [0x3F, 3, 5, 0, 0, 0x0A, 0x80]  // mask, Variant Byte 5, status
                + [1, 0, 0, 0, 0, 0, 0, 0] + [3, 0]  // source time and picoseconds
                + [2, 0, 0, 0, 0, 0, 0, 0] + [4, 0])  // server time and picoseconds
    }

    @Test func statusCodesHaveNames() {
        #expect(StatusCode.badNodeIdUnknown.rawValue == 0x8034_0000)
        #expect(StatusCode(0x8034_0480).name == "BadNodeIdUnknown")
        #expect(StatusCode(name: "badnodeidunknown") == .badNodeIdUnknown)
        #expect(StatusCode(0x8034_0000).description == "BadNodeIdUnknown (0x80340000)")
        #expect(StatusCode(0x7FFF_0000).name == nil)
        #expect(StatusCode.good.isGood && StatusCode.uncertain.isUncertain && StatusCode.bad.isBad)
        #expect(StatusCode.good.name == "Good")
    }

    @Test func dateTimeIsExact() {
        #expect(DateTime(utcMicroseconds: 0).ticks == 116_444_736_000_000_000)
        for microseconds: Int64 in [0, 1, -1, 1_700_000_000_123_456, -11_644_473_600_000_000] {
            #expect(DateTime(utcMicroseconds: microseconds).utcMicroseconds == microseconds)
        }
        #expect(DateTime(ticks: 116_444_736_000_000_019).utcMicroseconds == 1)
        #expect(DateTime(ticks: -1).utcMicroseconds == -11_644_473_600_000_001)
        #expect(DateTime(utcMicroseconds: .max).ticks == .max)
        #expect(DateTime(utcMicroseconds: .min).ticks == .min)
        #expect(DateTime(ticks: .min).utcMicroseconds < 0)
    }
}
