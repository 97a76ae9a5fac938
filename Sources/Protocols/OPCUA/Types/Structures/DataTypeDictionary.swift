/// What is known of the data types of a server: takes ExtensionObjects apart and puts them together.
///
/// It starts with the built-in types, their simple subtypes and some structures of the standard. Definitions that a
/// server gives (attribute DataTypeDefinition, Part 3, 8.47) are added in any order; ``missing`` names what is still to
/// be asked for. Bounded by ``maxTypes``.
public struct DataTypeDictionary: Sendable {
    /// Most types and references to types that a dictionary holds.
    public static let maxTypes = 16_384

    /// One type; without a layout it was only mentioned.
    private struct Entry: Sendable {
        var dataType: NodeId
        var name = ""
        var encoding: NodeId?
        var layout: DataTypeLayout?
    }

    private var entries: [Entry] = []
    private var places: [NodeId: Int] = [:]
    private var placesOfEncodings: [NodeId: Int] = [:]

    private static let standard = Result { () throws(DataTypeDefinitionError) in
        var dictionary = DataTypeDictionary(entries: [])
        try dictionary.addStandardTypes()
        return dictionary
    }

    /// A dictionary of the standard's own types.
    public init() {
        guard case .success(let standard) = Self.standard else { preconditionFailure("our own table is wrong") }
        self = standard
    }

    private init(entries: [Entry]) { self.entries = entries }

    // MARK: Adding

    /// Adds a type by the value of its attribute DataTypeDefinition, in place of what was known of it.
    /// - Parameters:
    ///   - supertype: the type of which it is a subtype. An EnumDefinition below an unsigned integer or Byte is an
    ///     option set of that width; one below the structure OptionSet has that structure's fields.
    public mutating func add(
        _ dataType: NodeId, name: String, definition: ExtensionObject, supertype: NodeId? = nil
    ) throws(DataTypeDefinitionError) {
        let structure: StructureDefinition?
        let enumeration: EnumDefinition?
        do throws(BinaryDecodingError) {
            structure = try definition.decode(as: StructureDefinition.self)
            enumeration = try definition.decode(as: EnumDefinition.self)
        } catch {
            throw .malformed(error)
        }
        if let structure { return try add(dataType, name: name, structure) }
        guard let enumeration else { throw .notADefinition }
        switch supertype.flatMap({ layout(of: $0) }) {
        case .builtIn(let type) where type.isUnsigned:
            try put(.enumeration(EnumerationLayout(enumeration, optionSet: type)), dataType, name)
        case .structure(let layout): try put(.structure(layout), dataType, name)
        default: try put(.enumeration(EnumerationLayout(enumeration)), dataType, name)
        }
    }

    /// Adds a structure.
    public mutating func add(
        _ dataType: NodeId, name: String, _ definition: StructureDefinition
    ) throws(DataTypeDefinitionError) {
        let layout = try layout(definition)
        try put(.structure(layout), dataType, name)
        if !definition.defaultEncodingId.isNull { try add(encoding: definition.defaultEncodingId, of: dataType) }
    }

    /// Adds an enumeration, or an option set whose number has the type `encoding`.
    public mutating func add(
        _ dataType: NodeId, name: String, _ definition: EnumDefinition, optionSet encoding: BuiltInType? = nil
    ) throws(DataTypeDefinitionError) {
        try put(.enumeration(EnumerationLayout(definition, optionSet: encoding)), dataType, name)
    }

    /// Adds a type without a definition of its own: it travels as its supertype does. Nothing happens when that is
    /// not known.
    /// - Returns: whether it was known.
    @discardableResult
    public mutating func add(
        _ dataType: NodeId, name: String, like supertype: NodeId
    ) throws(DataTypeDefinitionError) -> Bool {
        guard let layout = layout(of: supertype) else { return false }
        try put(layout, dataType, name)
        return true
    }

    /// Adds the NodeId by which ExtensionObjects name a structure's binary encoding (reference HasEncoding).
    public mutating func add(encoding: NodeId, of dataType: NodeId) throws(DataTypeDefinitionError) {
        let place = try place(of: dataType)
        placesOfEncodings[encoding] = place
        entries[place].encoding = encoding
    }

    // MARK: Asking

    /// True when values of the type can be read, apart from types that its own fields miss.
    public func isKnown(_ dataType: NodeId) -> Bool { layout(of: dataType) != nil }

    /// Types that were mentioned by others and are not known, in the order in which they were mentioned.
    public var missing: [NodeId] { entries.lazy.filter { $0.layout == nil }.map(\.dataType) }

    /// The data type that an ExtensionObject holds, nil when its encoding is not known.
    public func dataType(of object: ExtensionObject) -> NodeId? {
        place(encoding: object.typeId).map { entries[$0].dataType }
    }

    /// The name of a type, nil when it is not known.
    public func name(of dataType: NodeId) -> String? {
        places[dataType].flatMap { entries[$0].layout == nil ? nil : entries[$0].name }
    }

    /// A number of an enumeration with its name; nil when the type is not an enumeration.
    public func enumeration(_ number: Int64, of dataType: NodeId) -> EnumerationValue? {
        guard case .enumeration(let layout)? = layout(of: dataType) else { return nil }
        return layout.value(number)
    }

    // MARK: Places

    func layout(at place: Int) -> DataTypeLayout? { entries[place].layout }
    func dataType(at place: Int) -> NodeId { entries[place].dataType }
    func name(at place: Int) -> String { entries[place].name }
    func encoding(at place: Int) -> NodeId { entries[place].encoding ?? entries[place].dataType }

    /// Some servers write the data type where its encoding belongs.
    func place(encoding: NodeId) -> Int? { placesOfEncodings[encoding] ?? places[encoding] }

    func place(known dataType: NodeId) -> Int? { places[dataType] }

    private func layout(of dataType: NodeId) -> DataTypeLayout? { places[dataType].flatMap { entries[$0].layout } }

    private mutating func place(of dataType: NodeId) throws(DataTypeDefinitionError) -> Int {
        if let place = places[dataType] { return place }
        guard entries.count < Self.maxTypes else { throw .tooManyTypes }
        entries.append(Entry(dataType: dataType))
        places[dataType] = entries.count - 1
        return entries.count - 1
    }

    mutating func put(
        _ layout: DataTypeLayout, _ dataType: NodeId, _ name: String
    ) throws(DataTypeDefinitionError) {
        let place = try place(of: dataType)
        entries[place].layout = layout
        entries[place].name = name
    }

    private mutating func layout(
        _ definition: StructureDefinition
    ) throws(DataTypeDefinitionError) -> StructureLayout {
        let kind = definition.structureType
        guard definition.fields.count <= StructureLayout.maxFields else { throw .tooManyFields }
        let isUnion = kind == .union || kind == .unionWithSubtypedValues
        let allowsSubtypes = kind == .structureWithSubtypedValues || kind == .unionWithSubtypedValues
        let isMasked = kind == .structureWithOptionalFields
        guard isUnion || allowsSubtypes || isMasked || kind == .structure else {
            throw .unknownStructureType(kind.rawValue)
        }
        let optional = isMasked ? definition.fields.count(where: \.isOptional) : 0
        guard optional <= StructureLayout.maxOptionalFields else { throw .tooManyFields }
        var fields: [FieldLayout] = []
        for field in definition.fields {
            fields.append(
                FieldLayout(
                    name: field.name ?? "", type: try place(of: field.dataType), rank: field.rank,
                    isOptional: isMasked && field.isOptional, allowsSubtypes: allowsSubtypes && field.isOptional))
        }
        return StructureLayout(
            form: isUnion ? .union : isMasked ? .optionalFields(count: optional) : .plain, fields: fields)
    }
}

extension StructureField {
    /// Number of dimensions, 0 for a scalar. A field is a scalar or has a fixed number of dimensions (Part 3, 8.51);
    /// some servers leave the rank of a scalar at 0 and give dimensions only to arrays.
    fileprivate var rank: Int {
        if valueRank > 0 { return Int(valueRank) }
        return valueRank == 0 ? arrayDimensions.count : 0
    }
}

extension BuiltInType {
    var isUnsigned: Bool {
        switch self {
        case .byte, .uint16, .uint32, .uint64: true
        default: false
        }
    }
}
