/// How values of a data type stand on the wire, with the types of its fields as places in a ``DataTypeDictionary``.
enum DataTypeLayout: Hashable, Sendable {
    case builtIn(BuiltInType)
    case enumeration(EnumerationLayout)
    case structure(StructureLayout)
}

/// An enumeration, or an option set with the names of its bits.
struct EnumerationLayout: Hashable, Sendable {
    /// Int32 for an enumeration (Part 6, 5.2.4), an unsigned integer for an option set.
    var encoding: BuiltInType
    var isOptionSet: Bool
    /// By number, of an option set by bit.
    var names: [Int64: String]

    /// - Parameter encoding: nil for an enumeration, the type of the number for an option set.
    init(_ definition: EnumDefinition, optionSet encoding: BuiltInType? = nil) {
        self.encoding = encoding ?? .int32
        isOptionSet = encoding != nil
        names = [:]
        for field in definition.fields {
            names[field.value] = field.name ?? field.displayName.text ?? ""
        }
    }

    func value(_ number: Int64) -> EnumerationValue {
        guard isOptionSet else { return EnumerationValue(number, name: names[number]) }
        let set = (0..<64).compactMap { number >> Int64($0) & 1 == 1 ? names[Int64($0)] : nil }
        return EnumerationValue(number, name: set.isEmpty ? nil : set.joined(separator: "|"))
    }
}

/// A structure or union (Part 6, 5.2.6 to 5.2.8).
struct StructureLayout: Hashable, Sendable {
    /// What stands before the fields.
    enum Form: Hashable, Sendable {
        case plain
        /// A bit mask of the optional fields, of which there are `count`.
        case optionalFields(count: Int)
        /// The number of the one field that follows, 0 for none.
        case union
    }

    var form: Form
    var fields: [FieldLayout]

    /// Optional fields that a mask has room for (Part 6, 5.2.7).
    static let maxOptionalFields = 32
    /// Fields of one structure that are taken; an OPC UA standard has some dozens at most.
    static let maxFields = 4096
}

/// A field of a structure.
struct FieldLayout: Hashable, Sendable {
    var name: String
    /// Place of the type in the dictionary.
    var type: Int
    /// Number of dimensions, 0 for a scalar.
    var rank: Int
    /// True when the field has a bit in the mask.
    var isOptional: Bool
    /// True when the value says itself which type it has: it travels as ExtensionObject or Variant.
    var allowsSubtypes: Bool
}

/// Why a definition cannot be used.
public enum DataTypeDefinitionError: Error, Hashable, Sendable {
    case malformed(BinaryDecodingError)
    /// The value is neither a StructureDefinition nor an EnumDefinition.
    case notADefinition
    /// A StructureType that the standard does not have.
    case unknownStructureType(Int32)
    /// More than 32 optional fields, or more than 4096 in all.
    case tooManyFields
    /// More types than ``DataTypeDictionary/maxTypes``.
    case tooManyTypes
}
