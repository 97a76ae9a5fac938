import OPCUATypes
import TestRandomness
import Testing

/// Structures by their definitions: bytes by hand, every kind of definition, and both directions.
@Suite struct StructureTests {
    /// The data type and encoding of a test.
    static let type = NodeId(namespace: 2, numeric: 1)
    static let encoding = NodeId(namespace: 2, numeric: 2)

    static func field(
        _ name: String, _ type: UInt32, rank: Int32 = -1, optional: Bool = false
    ) -> StructureField {
        StructureField(name: name, dataType: NodeId(type), valueRank: rank, isOptional: optional)
    }

    static func dictionary(
        _ kind: StructureType, _ fields: [StructureField]
    ) throws -> DataTypeDictionary {
        var dictionary = DataTypeDictionary()
        try dictionary.add(
            type, name: "Test",
            StructureDefinition(defaultEncodingId: encoding, structureType: kind, fields: fields))
        return dictionary
    }

    static func dictionary(_ fields: [StructureField]) throws -> DataTypeDictionary {
        try dictionary(.structure, fields)
    }

    static func object(_ bytes: [UInt8]) -> ExtensionObject {
        ExtensionObject(typeId: encoding, body: .binary(ByteString(bytes)))
    }

    static func value(_ fields: KeyValuePairs<String, StructuredValue>) -> StructureValue {
        StructureValue(dataType: type, name: "Test", fields: fields.map { .init($0.key, $0.value) })
    }

    /// Both directions, and that no shorter or longer body is taken for the type.
    private func expect(
        _ dictionary: DataTypeDictionary, _ value: StructureValue, _ bytes: [UInt8],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        #expect(try dictionary.decode(Self.object(bytes)) == value, sourceLocation: sourceLocation)
        #expect(try dictionary.encode(value) == Self.object(bytes), sourceLocation: sourceLocation)
        for length in 0..<bytes.count {
            #expect(throws: BinaryDecodingError.self, sourceLocation: sourceLocation) {
                try dictionary.decode(Self.object(Array(bytes.prefix(length))))
            }
        }
        #expect(throws: BinaryDecodingError.invalid(.structure), sourceLocation: sourceLocation) {
            try dictionary.decode(Self.object(bytes + [0]))
        }
    }

    @Test func fieldsFollowEachOther() throws {
        let dictionary = try Self.dictionary([
            Self.field("Flag", 1), Self.field("Speed", 290), Self.field("Name", 12), Self.field("Range", 884),
        ])
        try expect(
            dictionary,
            Self.value([
                "Flag": .builtIn(.boolean(true)), "Speed": .builtIn(.double(1)), "Name": .builtIn(.string(nil)),
                "Range": .structure(
                    StructureValue(
                        dataType: NodeId(884), name: "Range",
                        fields: [.init("Low", .builtIn(.double(0))), .init("High", .builtIn(.double(1)))])),
            ]),
            [1]  // Flag
                + [0, 0, 0, 0, 0, 0, 0xF0, 0x3F]  // Speed, a Duration: a Double
                + [0xFF, 0xFF, 0xFF, 0xFF]  // Name, null
                + [0, 0, 0, 0, 0, 0, 0, 0] + [0, 0, 0, 0, 0, 0, 0xF0, 0x3F])  // Range, in place
    }

    @Test func optionalFieldsHaveAMask() throws {
        let dictionary = try Self.dictionary(
            .structureWithOptionalFields,
            [
                Self.field("A", 3, optional: true), Self.field("B", 3), Self.field("C", 5, optional: true),
                Self.field("D", 3, rank: 1, optional: true),
            ])
        try expect(
            dictionary, Self.value(["B": .builtIn(.byte(7)), "C": .builtIn(.uint16(0x0102))]),
            [0b010, 0, 0, 0]  // the second optional field
                + [7] + [2, 1])  // B, C
        try expect(
            dictionary,
            Self.value([
                "A": .builtIn(.byte(1)), "B": .builtIn(.byte(2)),
                "D": .builtIn(.array(VariantArray(.byte([3, 4])))),
            ]),
            [0b101, 0, 0, 0] + [1] + [2] + [2, 0, 0, 0, 3, 4])
        #expect(throws: BinaryDecodingError.invalid(.structure)) {
            try dictionary.decode(Self.object([0b1000, 0, 0, 0, 7]))
        }
        #expect(throws: StructureEncodingError.missingField("B")) { try dictionary.encode(Self.value([:])) }
    }

    @Test func aMaskHas32Bits() throws {
        let fields = (0..<33).map { Self.field("f\($0)", 3, optional: true) }
        let dictionary = try Self.dictionary(.structureWithOptionalFields, Array(fields.prefix(32)))
        try expect(dictionary, Self.value(["f31": .builtIn(.byte(9))]), [0, 0, 0, 0x80, 9])
        #expect(throws: DataTypeDefinitionError.tooManyFields) {
            try Self.dictionary(.structureWithOptionalFields, fields)
        }
    }

    @Test func aUnionHasOneFieldOrNone() throws {
        let dictionary = try Self.dictionary(.union, [Self.field("Number", 6), Self.field("Text", 12)])
        try expect(dictionary, Self.value(["Number": .builtIn(.int32(-1))]), [1, 0, 0, 0] + [0xFF, 0xFF, 0xFF, 0xFF])
        try expect(dictionary, Self.value(["Text": .builtIn(.string("a"))]), [2, 0, 0, 0] + [1, 0, 0, 0, 0x61])
        try expect(dictionary, Self.value([:]), [0, 0, 0, 0])
        #expect(throws: BinaryDecodingError.invalid(.structure)) { try dictionary.decode(Self.object([3, 0, 0, 0])) }
        #expect(throws: StructureEncodingError.severalFields) {
            try dictionary.encode(Self.value(["Number": .builtIn(.int32(1)), "Text": .builtIn(.string("a"))]))
        }
    }

    @Test func subtypedValuesSayTheirType() throws {
        let kinds: [(StructureType, front: [UInt8])] = [
            (.structureWithSubtypedValues, []), (.unionWithSubtypedValues, [1, 0, 0, 0]),
        ]
        for (kind, front) in kinds {
            let fields = [Self.field("Shape", 22, optional: true), Self.field("Number", 26, optional: true)]
            let complex = StructuredValue.structure(
                StructureValue(
                    dataType: NodeId(12171), name: "ComplexNumberType",
                    fields: [.init("Real", .builtIn(.float(0))), .init("Imaginary", .builtIn(.float(1)))]))
            let shape: [UInt8] =
                [1, 0, 0x95, 0x2F]  // NodeId 12181, the encoding of ComplexNumberType
                + [1, 8, 0, 0, 0]  // binary, 8 bytes
                + [0, 0, 0, 0] + [0, 0, 0x80, 0x3F]
            if front.isEmpty {
                try expect(
                    Self.dictionary(kind, fields), Self.value(["Shape": complex, "Number": .builtIn(.byte(5))]),
                    shape + [3, 5])  // Number: a Variant with a Byte
            } else {
                try expect(Self.dictionary(kind, fields), Self.value(["Shape": complex]), front + shape)
            }
        }
        // A field whose type is a structure: what comes may be a subtype and is wrapped (Part 6, 5.2.6).
        let dictionary = try Self.dictionary(
            .structureWithSubtypedValues, [Self.field("Fixed", 884), Self.field("Free", 884, optional: true)])
        let range = StructuredValue.structure(
            StructureValue(
                dataType: NodeId(884), name: "Range",
                fields: [.init("Low", .builtIn(.double(0))), .init("High", .builtIn(.double(0)))]))
        try expect(
            dictionary, Self.value(["Fixed": range, "Free": range]),
            [UInt8](repeating: 0, count: 16) + [1, 0, 0x76, 0x03] + [1, 16, 0, 0, 0] + [UInt8](repeating: 0, count: 16))
    }

    @Test func arraysAndMatrices() throws {
        let dictionary = try Self.dictionary([
            Self.field("Row", 3, rank: 1), Self.field("Grid", 4, rank: 2), Self.field("States", 852, rank: 1),
            Self.field("Numbers", 12171, rank: 2),
        ])
        let number = StructuredValue.structure(
            StructureValue(
                dataType: NodeId(12171), name: "ComplexNumberType",
                fields: [.init("Real", .builtIn(.float(0))), .init("Imaginary", .builtIn(.float(0)))]))
        try expect(
            dictionary,
            Self.value([
                "Row": .builtIn(.array(VariantArray(.byte([1, 2])))),
                "Grid": .builtIn(.array(VariantArray(.int16([1, 2, 3, 4, 5, 6]), dimensions: [2, 3]))),
                "States": .array([.enumeration(EnumerationValue(1, name: "Failed"))], dimensions: []),
                "Numbers": .array([number, number], dimensions: [2, 1]),
            ]),
            [2, 0, 0, 0] + [1, 2]  // Row
                + [2, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0]  // dimensions of Grid: an array of Int32
                + [1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0]  // its elements without their number
                + [1, 0, 0, 0] + [1, 0, 0, 0]  // States
                + [2, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0] + [UInt8](repeating: 0, count: 16))  // Numbers
        // Null arrays, a null matrix, a matrix without elements.
        let empty = try #require(
            try dictionary.decode(
                Self.object(
                    [0xFF, 0xFF, 0xFF, 0xFF] + [0xFF, 0xFF, 0xFF, 0xFF] + [0xFF, 0xFF, 0xFF, 0xFF]
                        + [2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0])))
        #expect(empty["Row"] == .builtIn(.array(VariantArray(.byte([])))))
        #expect(empty["Grid"] == .builtIn(.array(VariantArray(.int16([])))))
        #expect(empty["Numbers"] == .array([], dimensions: [0, 3]))
        #expect(try dictionary.decode(try dictionary.encode(empty)) == empty)
    }

    @Test func matricesAreChecked() throws {
        let dictionary = try Self.dictionary([Self.field("Grid", 3, rank: 2)])
        let most: [UInt8] = [0xFF, 0xFF, 0xFF, 0x7F]
        #expect(throws: BinaryDecodingError.limitExceeded(.array)) {
            try dictionary.decode(Self.object([2, 0, 0, 0] + most + most + [1]))
        }
        #expect(throws: BinaryDecodingError.truncated) {
            try dictionary.decode(Self.object([2, 0, 0, 0] + [2, 0, 0, 0] + [2, 0, 0, 0] + [1, 2, 3]))
        }
        #expect(throws: BinaryDecodingError.invalid(.arrayDimensions)) {
            try dictionary.decode(Self.object([1, 0, 0, 0] + [2, 0, 0, 0] + [1, 2]))
        }
        for dimensions: [Int32] in [[2], [3, 1], [1, 1, 2]] {
            #expect(throws: StructureEncodingError.wrongField("Grid")) {
                try dictionary.encode(
                    Self.value(["Grid": .builtIn(.array(VariantArray(.byte([1, 2]), dimensions: dimensions)))]))
            }
        }
    }

    @Test func everyBuiltInTypeIsAField() throws {
        for (value, type) in VariantTests.scalars {
            // An ExtensionObject of a known type is taken apart, a Variant is what it holds.
            if type == 22 || type == 24 { continue }
            let dictionary = try Self.dictionary([Self.field("f", UInt32(type))])
            try expect(dictionary, Self.value(["f": .builtIn(value)]), Array(bytes(value).dropFirst()))
        }
        for elements in VariantTests.arrays {
            let dictionary = try Self.dictionary([Self.field("f", UInt32(elements.type.rawValue), rank: 1)])
            let value = Variant.array(VariantArray(elements))
            if elements.type == .variant { continue }
            try expect(dictionary, Self.value(["f": .builtIn(value)]), Array(bytes(value).dropFirst()))
        }
    }

    @Test func enumerationsAndOptionSetsHaveNames() throws {
        var dictionary = try Self.dictionary([
            StructureField(name: "Mode", dataType: NodeId(namespace: 2, numeric: 10), valueRank: -1),
            StructureField(name: "Bits", dataType: NodeId(namespace: 2, numeric: 11), valueRank: -1),
        ])
        #expect(dictionary.missing == [NodeId(namespace: 2, numeric: 10), NodeId(namespace: 2, numeric: 11)])
        #expect(throws: BinaryDecodingError.invalid(.dataType)) {
            try dictionary.decode(Self.object([1, 0, 0, 0, 3, 0]))
        }
        let names = EnumDefinition(fields: [
            EnumField(value: 0, name: "Off"), EnumField(value: 1, displayName: LocalizedText("On")),
            EnumField(value: -5, name: "Gone"),
        ])
        try dictionary.add(
            NodeId(namespace: 2, numeric: 10), name: "Mode", definition: ExtensionObject(names),
            supertype: NodeId(29))
        try dictionary.add(
            NodeId(namespace: 2, numeric: 11), name: "Bits", definition: ExtensionObject(names), supertype: NodeId(5))
        #expect(dictionary.missing.isEmpty)
        try expect(
            dictionary,
            Self.value([
                "Mode": .enumeration(EnumerationValue(-5, name: "Gone")),
                "Bits": .enumeration(EnumerationValue(3, name: "Off|On")),
            ]),
            [0xFB, 0xFF, 0xFF, 0xFF] + [3, 0])
        let mode = NodeId(namespace: 2, numeric: 10)
        #expect(dictionary.enumeration(1, of: mode) == EnumerationValue(1, name: "On"))
        #expect(dictionary.enumeration(7, of: mode) == EnumerationValue(7))
        #expect(dictionary.enumeration(7, of: NodeId(884)) == nil)
        #expect(dictionary.resolve(.int32(1), dataType: mode) == .enumeration(EnumerationValue(1, name: "On")))
        #expect(
            dictionary.resolve(.array(VariantArray(.int32([0, 9]))), dataType: mode)
                == .array(
                    [.enumeration(EnumerationValue(0, name: "Off")), .enumeration(EnumerationValue(9))], dimensions: [])
        )
        #expect(dictionary.resolve(.string("On"), dataType: mode) == .builtIn(.string("On")))
    }

    @Test func structuresInVariantsAndArraysAreTakenApart() throws {
        let dictionary = try Self.dictionary([Self.field("Any", 24), Self.field("Objects", 22, rank: 1)])
        let range = ExtensionObject(ValueRange(low: 1, high: 2))
        let unknown = ExtensionObject(typeId: NodeId(namespace: 9, numeric: 9), body: .binary(ByteString([1])))
        let open = StructuredValue.structure(
            StructureValue(
                dataType: NodeId(884), name: "Range",
                fields: [.init("Low", .builtIn(.double(1))), .init("High", .builtIn(.double(2)))]))
        try expect(
            dictionary,
            Self.value([
                "Any": open, "Objects": .array([open, .builtIn(.extensionObject(unknown))], dimensions: []),
            ]),
            bytes(Variant.extensionObject(range)) + bytes([range, unknown]))
        #expect(dictionary.resolve(.extensionObject(range)) == open)
        #expect(dictionary.resolve(.variant(.extensionObject(range))) == open)
        #expect(dictionary.resolve(.extensionObject(unknown)) == .builtIn(.extensionObject(unknown)))
        #expect(
            dictionary.resolve(.array(VariantArray(.variant([.null, .extensionObject(range)]), dimensions: [1, 2])))
                == .array([.builtIn(.null), open], dimensions: [1, 2]))
        let short = ExtensionObject(typeId: range.typeId, body: .binary(ByteString([1])))
        #expect(dictionary.resolve(.extensionObject(short)) == .builtIn(.extensionObject(short)))
        // A server that names the data type where its encoding belongs.
        let misnamed = ExtensionObject(typeId: NodeId(884), body: range.body)
        #expect(dictionary.resolve(.extensionObject(misnamed)) == open)
        #expect(dictionary.dataType(of: range) == NodeId(884))
        #expect(dictionary.dataType(of: unknown) == nil)
    }

    @Test func standardStructuresAgreeWithTheGenerated() throws {
        let dictionary = DataTypeDictionary()
        let status = ServerStatusDataType(
            startTime: DateTime(ticks: 1), currentTime: DateTime(ticks: 2), state: .running,
            buildInfo: BuildInfo(productUri: "u", buildDate: DateTime(ticks: 3)), secondsTillShutdown: 4,
            shutdownReason: LocalizedText("r"))
        let objects = [
            ExtensionObject(status), ExtensionObject(EUInformation(namespaceUri: "n", unitId: 1)),
            ExtensionObject(Argument(name: "a", arrayDimensions: [1])), ExtensionObject(EnumValueType(value: 5)),
        ]
        for object in objects {
            let value = try #require(try dictionary.decode(object))
            #expect(try dictionary.encode(value) == object)
        }
        let value = try #require(try dictionary.decode(objects[0]))
        #expect(value["State"] == .enumeration(EnumerationValue(0, name: "Running")))
        #expect(dictionary.name(of: NodeId(862)) == "ServerStatusDataType")
        #expect(dictionary.missing.isEmpty)
    }

    @Test func limitsHoldAtTheLimit() throws {
        // A list: each element holds the rest.
        var dictionary = DataTypeDictionary()
        let list = StructureDefinition(
            defaultEncodingId: Self.encoding,
            fields: [StructureField(name: "Rest", dataType: Self.type, valueRank: 1)])
        try dictionary.add(Self.type, name: "List", list)
        func nested(_ depth: Int) -> ExtensionObject {
            Self.object([UInt8](repeatElement([1, 0, 0, 0], count: depth - 1).joined()) + [0, 0, 0, 0])
        }
        #expect(try dictionary.decode(nested(32)) != nil)
        #expect(throws: BinaryDecodingError.limitExceeded(.depth)) { try dictionary.decode(nested(33)) }
        let limits = DecodingLimits(maxDepth: 3)
        #expect(try dictionary.decode(nested(3), limits: limits) != nil)
        #expect(throws: BinaryDecodingError.limitExceeded(.depth)) {
            try dictionary.decode(nested(4), limits: limits)
        }
        // Five lists in a list: 1 field, 5 elements with 1 field each.
        let wide = Self.object([5, 0, 0, 0] + [UInt8](repeating: 0, count: 20))
        #expect(try dictionary.decode(wide, limits: DecodingLimits(maxStructureFields: 11)) != nil)
        #expect(throws: BinaryDecodingError.limitExceeded(.structure)) {
            try dictionary.decode(wide, limits: DecodingLimits(maxStructureFields: 10))
        }
        #expect(throws: BinaryDecodingError.limitExceeded(.array)) {
            try dictionary.decode(wide, limits: DecodingLimits(maxArrayLength: 4))
        }
    }

    /// Structures inside ExtensionObjects inside each other count as nested too.
    @Test func wrappedStructuresAreBoundedInDepth() throws {
        let dictionary = try Self.dictionary([Self.field("Any", 22)])
        var object = ExtensionObject.null
        for _ in 0..<40 { object = Self.object(bytes(object)) }
        var depth = 0
        var level = dictionary.resolve(.extensionObject(object))
        while case .structure(let structure) = level, let inner = structure["Any"] {
            depth += 1
            level = inner
        }
        #expect(depth == 32)
        #expect(level != .builtIn(.extensionObject(.null)))
    }

    /// Definitions of a peer cannot make few bytes into many values.
    @Test func emptyStructuresDoNotMultiply() throws {
        var dictionary = DataTypeDictionary()
        let types = (0..<8).map { NodeId(namespace: 3, numeric: UInt32($0)) }
        try dictionary.add(types[0], name: "Empty", StructureDefinition())
        for (inner, outer) in zip(types, types.dropFirst()) {
            let fields = (0..<100).map { StructureField(name: "\($0)", dataType: inner, valueRank: -1) }
            try dictionary.add(outer, name: "\(outer)", StructureDefinition(fields: fields))
        }
        let bomb = ExtensionObject(typeId: types[7], body: .binary(ByteString([])))
        #expect(throws: BinaryDecodingError.limitExceeded(.structure)) { try dictionary.decode(bomb) }
        let array = StructureDefinition(
            defaultEncodingId: Self.encoding, fields: [StructureField(name: "a", dataType: types[0], valueRank: 1)])
        try dictionary.add(Self.type, name: "Array", array)
        #expect(throws: BinaryDecodingError.invalid(.structure)) {
            try dictionary.decode(Self.object([4, 0, 0, 0, 0, 0, 0, 0]))
        }
    }

    @Test func definitionsOfAPeerAreChecked() throws {
        var dictionary = DataTypeDictionary()
        #expect(throws: DataTypeDefinitionError.notADefinition) {
            try dictionary.add(Self.type, name: "x", definition: ExtensionObject(ValueRange()))
        }
        #expect(throws: DataTypeDefinitionError.malformed(.truncated)) {
            try dictionary.add(
                Self.type, name: "x", definition: ExtensionObject(typeId: NodeId(122), body: .binary(ByteString([0]))))
        }
        #expect(throws: DataTypeDefinitionError.unknownStructureType(9)) {
            try dictionary.add(Self.type, name: "x", StructureDefinition(structureType: StructureType(rawValue: 9)))
        }
        let fields = (0...4096).map { Self.field("\($0)", 3) }
        #expect(throws: DataTypeDefinitionError.tooManyFields) {
            try dictionary.add(Self.type, name: "x", StructureDefinition(fields: fields))
        }
        try dictionary.add(Self.type, name: "x", StructureDefinition(fields: Array(fields.dropLast())))
        #expect(try dictionary.add(Self.encoding, name: "y", like: NodeId(namespace: 7, numeric: 7)) == false)
        #expect(throws: DataTypeDefinitionError.tooManyTypes) {
            for index in 0...UInt32(DataTypeDictionary.maxTypes) {
                try dictionary.add(NodeId(namespace: 4, numeric: index), name: "z", like: NodeId(11))
            }
        }
        #expect(dictionary.isKnown(NodeId(namespace: 4, numeric: 0)))
    }

    @Test func wrongValuesAreNotWritten() throws {
        let dictionary = try Self.dictionary([
            Self.field("n", 6), Self.field("s", 852), Self.field("r", 884), Self.field("a", 6, rank: 1),
        ])
        let zero = StructuredValue.builtIn(.int32(0))
        let range = StructuredValue.structure(
            StructureValue(
                dataType: NodeId(884),
                fields: [.init("Low", .builtIn(.double(0))), .init("High", .builtIn(.double(0)))]))
        let array = StructuredValue.builtIn(.array(VariantArray(.int32([]))))
        #expect(
            try dictionary.encode(Self.value(["n": zero, "s": zero, "r": range, "a": array])).typeId == Self.encoding)
        let wrong: [(StructureValue, StructureEncodingError)] = [
            (Self.value(["n": .builtIn(.double(0)), "s": zero, "r": range, "a": array]), .wrongField("n")),
            (Self.value(["n": array, "s": zero, "r": range, "a": array]), .wrongField("n")),
            (Self.value(["n": zero, "s": .builtIn(.string("x")), "r": range, "a": array]), .wrongField("s")),
            (Self.value(["n": zero, "s": zero, "r": zero, "a": array]), .wrongField("r")),
            (Self.value(["n": zero, "s": zero, "r": .structure(Self.value([:])), "a": array]), .wrongField("r")),
            (Self.value(["n": zero, "s": zero, "r": range, "a": zero]), .wrongField("a")),
            (Self.value(["n": zero, "s": zero, "r": range]), .missingField("a")),
            (Self.value(["n": zero, "s": zero, "r": range, "a": array, "q": zero]), .wrongField("q")),
            (
                StructureValue(dataType: NodeId(namespace: 8, numeric: 8)),
                .unknownType(NodeId(namespace: 8, numeric: 8))
            ),
            (StructureValue(dataType: NodeId(11)), .unknownType(NodeId(11))),
        ]
        for (value, error) in wrong { #expect(throws: error) { try dictionary.encode(value) } }
    }

    @Test func garbageNeverTraps() throws {
        var dictionary = try Self.dictionary(
            .structureWithOptionalFields,
            [
                Self.field("a", 24, optional: true), Self.field("b", 22, rank: 1, optional: true),
                Self.field("c", 884, rank: 2, optional: true), Self.field("d", 12, rank: 3),
                StructureField(name: "e", dataType: Self.type, valueRank: 1),
            ])
        try dictionary.add(NodeId(namespace: 2, numeric: 3), name: "U", StructureDefinition(structureType: .union))
        var generator = SeededRandom(seed: 3)
        for _ in 0..<20_000 {
            let length = Int.random(in: 0...64, using: &generator)
            let noise = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) & 0x83 }
            _ = try? dictionary.decode(Self.object(noise))
        }
    }
}
