/// A value in which every structure whose type is known is taken apart into named fields (Part 6, 5.2.6).
public enum StructuredValue: Hashable, Sendable {
    /// A scalar, array or matrix without a structure of a known type; an ExtensionObject in it is one whose type is
    /// not known or whose bytes do not fit its type.
    case builtIn(Variant)
    case enumeration(EnumerationValue)
    case structure(StructureValue)
    /// Values of which at least one is a structure or an enumeration, in row order; `dimensions` is empty for a
    /// one-dimensional array, else the length of each dimension, first the slowest.
    case array([StructuredValue], dimensions: [Int32])
}

/// A structure with its fields in the order of its definition.
public struct StructureValue: Hashable, Sendable {
    /// NodeId of the data type, not of an encoding.
    public var dataType: NodeId
    /// The name of the data type.
    public var name: String
    /// The fields that the value has: an optional field that is absent is missing here, and a union has one or none.
    public var fields: [Field]

    /// One field of a structure.
    public struct Field: Hashable, Sendable {
        public var name: String
        public var value: StructuredValue

        public init(_ name: String, _ value: StructuredValue) {
            self.name = name
            self.value = value
        }
    }

    public init(dataType: NodeId, name: String = "", fields: [Field] = []) {
        self.dataType = dataType
        self.name = name
        self.fields = fields
    }

    /// The value of a field, nil when the structure has none of that name.
    public subscript(_ name: String) -> StructuredValue? { fields.first { $0.name == name }?.value }
}

/// A value of an enumeration or of an option set (Part 3, 8.40 and 8.52).
public struct EnumerationValue: Hashable, Sendable {
    /// The number on the wire; the bits of an option set, of which one of 64 bits may read as negative.
    public var number: Int64
    /// The name of the number; of an option set the names of the bits that are set with `|` between them. Nil when
    /// the definition names none of it.
    public var name: String?

    public init(_ number: Int64, name: String? = nil) {
        self.number = number
        self.name = name
    }
}
