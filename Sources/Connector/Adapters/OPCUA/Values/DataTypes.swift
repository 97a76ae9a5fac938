import JSONSupport
import OPCUATypes

/// What is known of a server's own data types: the names of its enumerations and how its structures are read.
struct DataTypes: Sendable {
    private(set) var dictionary = DataTypeDictionary()

    /// A dictionary of the standard's types, shared until a server's are learnt.
    static let standard = DataTypes()

    private init() {}

    init(_ dictionary: DataTypeDictionary) { self.dictionary = dictionary }

    /// A structure as a JSON object of its fields; nil when its type is not known or its bytes do not fit.
    func json(of object: ExtensionObject) -> String? {
        // Bytes that do not fit their definition stay what they are, as those of an unknown type do.
        guard let structure = try? dictionary.decode(object) else { return nil }
        return json(of: structure)
    }

    private func json(of structure: StructureValue) -> String {
        var text = "{"
        for (index, field) in structure.fields.enumerated() {
            if index > 0 { text += "," }
            JSONText.appendQuoted(field.name, to: &text)
            text += ":" + json(of: field.value)
        }
        return text + "}"
    }

    func json(of value: StructuredValue) -> String {
        switch value {
        case .builtIn(let variant): JSONForm.text(of: variant, self)
        case .enumeration(let value): value.name.map(JSONText.quoted) ?? String(value.number)
        case .structure(let structure): json(of: structure)
        case .array(let elements, let dimensions):
            JSONForm.nested(elements.map(json), VariantArray.shape(of: elements.count, dimensions))
        }
    }

    /// Encodings of structures in a value that nothing is known of.
    func unknownEncodings(in value: Variant) -> [NodeId] {
        switch value {
        case .extensionObject(let object):
            if case .binary = object.body, !object.typeId.isNull, dictionary.dataType(of: object) == nil {
                return [object.typeId]
            }
            return []
        case .variant(let inner): return unknownEncodings(in: inner)
        case .dataValue(let inner): return unknownEncodings(in: inner.value)
        case .array(let array):
            switch array.elements {
            case .extensionObject, .variant, .dataValue:
                // The elements of an array are of few types; a look at the first ones finds them.
                return (0..<min(array.elements.count, 100)).flatMap { unknownEncodings(in: array.elements[$0]) }
            default: return []
            }
        default: return []
        }
    }
}
