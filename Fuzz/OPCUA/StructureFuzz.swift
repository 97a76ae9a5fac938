import FuzzKit
import NIOCore
import OPCUATypes

/// A dictionary in which every form of definition occurs; the type of the ExtensionObjects is 2:100.
private let dictionary: DataTypeDictionary = {
    do {
        return try makeDictionary()
    } catch {
        unexpected("\(error)")
    }
}()

private func id(_ number: UInt32) -> NodeId { NodeId(namespace: 2, numeric: number) }

private func field(_ name: String, _ type: NodeId, rank: Int32 = -1, optional: Bool = false) -> StructureField {
    StructureField(name: name, dataType: type, valueRank: rank, isOptional: optional)
}

private func makeDictionary() throws -> DataTypeDictionary {
    var dictionary = DataTypeDictionary()
    let names = EnumDefinition(fields: [EnumField(value: 0, name: "Off"), EnumField(value: 1, name: "On")])
    try dictionary.add(id(1), name: "Mode", names)
    try dictionary.add(id(2), name: "Bits", names, optionSet: .uint16)
    let builtIn = (1...25).flatMap { [field("s\($0)", NodeId($0)), field("a\($0)", NodeId($0), rank: 1)] }
    try dictionary.add(id(3), name: "Everything", StructureDefinition(fields: builtIn))
    try dictionary.add(
        id(4), name: "Choice",
        StructureDefinition(
            structureType: .union, fields: [field("Number", NodeId(6)), field("List", id(5)), field("All", id(3))]))
    try dictionary.add(
        id(5), name: "List",
        StructureDefinition(fields: [field("Value", NodeId(11)), field("Rest", id(5), rank: 1)]))
    try dictionary.add(
        id(6), name: "Sub",
        StructureDefinition(
            structureType: .structureWithSubtypedValues,
            fields: [field("Any", NodeId(26), optional: true), field("Object", NodeId(884), optional: true)]))
    try dictionary.add(
        id(100), name: "Root",
        StructureDefinition(
            structureType: .structureWithOptionalFields,
            fields: [
                field("Mode", id(1), optional: true), field("Bits", id(2), rank: 1, optional: true),
                field("All", id(3), optional: true), field("Choice", id(4), rank: 1, optional: true),
                field("List", id(5), optional: true), field("Sub", id(6), optional: true),
                field("Grid", NodeId(5), rank: 2, optional: true),
                field("Ranges", NodeId(884), rank: 3, optional: true),
                field("Objects", NodeId(22), rank: 1, optional: true), field("Anything", NodeId(24), optional: true),
                field("Modes", id(1), rank: 2, optional: true),
            ]))
    return dictionary
}

/// Structures that are taken apart and put together again are the same the second time.
func checkResolved(_ value: Variant) {
    guard case .structure(let structure) = dictionary.resolve(value) else { return }
    guard let written = try? dictionary.encode(structure) else {
        unexpected("what was taken apart cannot be put together")
    }
    guard let again = try? dictionary.decode(written) else {
        unexpected("what was put together cannot be taken apart")
    }
    demand((try? dictionary.encode(again)) == written, "reads differently the second time")
}

/// Definitions of a hostile server, then a value of the first of its types.
func fuzzDefinition(_ input: ByteBuffer) {
    guard let definitions = try? Definitions(decoding: input) else { return }
    var dictionary = DataTypeDictionary()
    for (index, definition) in definitions.all.prefix(8).enumerated() {
        try? dictionary.add(
            id(UInt32(index)), name: "T\(index)", definition: definition, supertype: NodeId(UInt32(index)))
    }
    _ = dictionary.missing
    let object = ExtensionObject(typeId: id(0), body: .binary(definitions.value))
    guard case .structure(let structure) = dictionary.resolve(.extensionObject(object)) else { return }
    _ = try? dictionary.encode(structure)
}

private struct Definitions: BinaryCodable {
    var all: [ExtensionObject]
    var value: ByteString

    init(_ all: [ExtensionObject], _ value: [UInt8]) {
        self.all = all
        self.value = ByteString(value)
    }

    init(from reader: inout BinaryReader) throws(BinaryDecodingError) {
        all = try [ExtensionObject](from: &reader)
        value = try ByteString.read(from: &reader) ?? ByteString([])
    }

    func encode(to writer: inout BinaryWriter) {
        all.encode(to: &writer)
        ByteString.write(value, to: &writer)
    }
}

func definitionSeeds() -> [[UInt8]] {
    let types: [StructureType] = [
        .structure, .structureWithOptionalFields, .union, .structureWithSubtypedValues, .unionWithSubtypedValues,
    ]
    return types.map { type in
        let structure = StructureDefinition(
            defaultEncodingId: id(50), structureType: type,
            fields: [
                field("a", NodeId(6), optional: true), field("b", id(1)), field("c", id(2), rank: 1),
                field("d", NodeId(12), rank: 2),
            ])
        let inner = StructureDefinition(fields: [field("x", NodeId(3))])
        let names = EnumDefinition(fields: [EnumField(value: 1, name: "One")])
        let definitions = [ExtensionObject(structure), ExtensionObject(inner), ExtensionObject(names)]
        return Array(
            Definitions(definitions, [1, 0, 0, 0] + [UInt8](repeating: 0, count: 24)).encoded().readableBytesView)
    }
}

/// Bodies of the type 2:100.
func structureSeeds() -> [[UInt8]] {
    func value(_ fields: (String, StructuredValue)...) -> StructureValue {
        StructureValue(dataType: id(100), fields: fields.map { .init($0.0, $0.1) })
    }
    func nested(_ type: UInt32, _ fields: (String, StructuredValue)...) -> StructuredValue {
        .structure(StructureValue(dataType: id(type), fields: fields.map { .init($0.0, $0.1) }))
    }
    let range = StructuredValue.structure(
        StructureValue(
            dataType: NodeId(884),
            fields: [.init("Low", .builtIn(.double(0))), .init("High", .builtIn(.double(1)))]))
    let scalars = Dictionary(Sample.scalars.compactMap { value in value.type.map { ($0, value) } }) { first, _ in first
    }
    let arrays = Dictionary(Sample.arrays.compactMap { value in value.type.map { ($0, value) } }) { first, _ in first }
    let everything = StructuredValue.structure(
        StructureValue(
            dataType: id(3),
            fields: BuiltInType.allCases.flatMap { type in
                [
                    StructureValue.Field("s\(type.rawValue)", .builtIn(scalars[type] ?? .null)),
                    StructureValue.Field("a\(type.rawValue)", .builtIn(arrays[type] ?? .null)),
                ]
            }))
    let list = nested(
        5, ("Value", .builtIn(.double(1))),
        (
            "Rest",
            .array([nested(5, ("Value", .builtIn(.double(2))), ("Rest", .array([], dimensions: [])))], dimensions: [])
        ))
    let mode = StructuredValue.enumeration(EnumerationValue(1))
    let values = [
        value(), value(("Mode", mode)), value(("Bits", .array([mode, mode], dimensions: []))),
        value(("All", everything)),
        value(
            (
                "Choice",
                .array(
                    [nested(4), nested(4, ("Number", .builtIn(.int32(1)))), nested(4, ("List", list))], dimensions: [])
            )),
        value(("List", list)), value(("Sub", nested(6, ("Any", .builtIn(.byte(1))), ("Object", range)))),
        value(("Grid", .builtIn(.array(VariantArray(.uint16([1, 2]), dimensions: [2, 1]))))),
        value(("Ranges", .array([range, range], dimensions: [1, 2, 1]))),
        value(("Objects", .array([range], dimensions: []))),
        value(("Anything", .array([range, .builtIn(.byte(1))], dimensions: []))), value(("Anything", range)),
        value(("Modes", .array([mode], dimensions: [1, 1]))),
    ]
    return values.map { value in
        guard case .binary(let bytes)? = try? dictionary.encode(value).body else {
            unexpected("the seed \(value) is wrong")
        }
        return bytes.bytes
    }
}
