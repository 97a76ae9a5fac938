import OPCUATypes

/// One value of each built-in type that is not its default, for the samples of `EveryStructure`.
enum Sample {
    static let byteString = ByteString([1, 2, 3])
    static let dateTime = DateTime(ticks: 133_000_000_000_000_000)
    static let nodeId = NodeId(namespace: 2, string: "Plant/Line1/Speed")
    static let expandedNodeId = ExpandedNodeId(
        NodeId(namespace: 300, numeric: 70_000), namespaceURI: "urn:x", serverIndex: 1)
    static let statusCode = StatusCode.badTimeout
    static let qualifiedName = QualifiedName("Speed", namespace: 2)
    static let localizedText = LocalizedText("Drehzahl", locale: "de")
    static let extensionObject = ExtensionObject(ValueRange(low: 0, high: 100))
    static let variant = Variant.array(VariantArray(.int16([1, 2, 3, 4, 5, 6]), dimensions: [2, 3]))
    static let dataValue = DataValue(
        .double(21.5), status: .uncertain, sourceTimestamp: dateTime, serverTimestamp: dateTime, sourcePicoseconds: 5,
        serverPicoseconds: 6)
    static let diagnosticInfo = DiagnosticInfo(
        symbolicId: 1, namespaceURI: 0, locale: -1, localizedText: 2, additionalInfo: "why",
        innerStatusCode: .badNoCommunication, inner: .some(DiagnosticInfo(symbolicId: 3)))

    /// A scalar of every built-in type.
    static let scalars: [Variant] = [
        .null, .boolean(true), .sByte(-1), .byte(1), .int16(-1), .uint16(1), .int32(-1), .uint32(1), .int64(-1),
        .uint64(1), .float(1.5), .double(1.5), .string("a"), .string(nil), .dateTime(dateTime),
        .guid(Guid(data1: 1, data2: 2, data3: 3, data4: 4)), .byteString(byteString), .xmlElement(XmlElement("<x/>")),
        .nodeId(nodeId), .nodeId(NodeId(namespace: 1, identifier: .guid(.zero))),
        .nodeId(NodeId(namespace: 1, identifier: .opaque(byteString))), .expandedNodeId(expandedNodeId),
        .statusCode(statusCode), .qualifiedName(qualifiedName), .localizedText(localizedText),
        .extensionObject(extensionObject), .dataValue(dataValue), .variant(.variant(.byte(1))),
        .diagnosticInfo(diagnosticInfo),
    ]

    /// An array or matrix of every built-in type.
    static let arrays: [Variant] = [
        array(.boolean([true, false])), array(.sByte([-1])), array(.byte([1, 2])), array(.int16([-1])),
        array(.uint16([1])), array(.int32([1, -1])), array(.uint32([1])), array(.int64([1])), array(.uint64([1])),
        array(.float([1])), array(.double([1, 2])), array(.string(["a", nil, ""])), array(.dateTime([dateTime])),
        array(.guid([.zero])), array(.byteString([nil, byteString])), array(.xmlElement([nil])),
        array(.nodeId([nodeId])), array(.expandedNodeId([expandedNodeId])), array(.statusCode([statusCode])),
        array(.qualifiedName([qualifiedName])), array(.localizedText([localizedText])),
        array(.extensionObject([extensionObject, .null])), array(.dataValue([dataValue])),
        array(.variant([.null, .double(1), array(.byte([1]))])), array(.diagnosticInfo([diagnosticInfo])), variant,
    ]

    private static func array(_ elements: VariantArray.Elements) -> Variant { .array(VariantArray(elements)) }
}
