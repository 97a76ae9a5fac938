import NIOCore

/// Why a structure cannot be written as its definition wants.
public enum StructureEncodingError: Error, Hashable, Sendable {
    /// The type of the structure or of a field is not known, or is not a structure.
    case unknownType(NodeId)
    /// A field that is not optional has no value.
    case missingField(String)
    /// The value of a field is not of the field's type or rank, or the definition has no such field.
    case wrongField(String)
    /// A union with more than one field.
    case severalFields
    /// Structures lie deeper in each other than ``DecodingLimits/maxDepth``.
    case tooDeep
}

extension DataTypeDictionary {
    /// Puts a structure together into an ExtensionObject.
    public func encode(_ value: StructureValue) throws(StructureEncodingError) -> ExtensionObject {
        try StructureEncoder(dictionary: self).object(value, depth: 0)
    }
}

/// Writes values by their definitions; the counterpart of `StructureDecoder`.
private struct StructureEncoder {
    let dictionary: DataTypeDictionary

    func object(_ value: StructureValue, depth: Int) throws(StructureEncodingError) -> ExtensionObject {
        guard let place = dictionary.place(known: value.dataType) else { throw .unknownType(value.dataType) }
        var writer = BinaryWriter()
        try write(value, at: place, to: &writer, depth: depth)
        return ExtensionObject(
            typeId: dictionary.encoding(at: place), body: .binary(ByteString(writer.buffer.readableBytesView)))
    }

    private func write(
        _ value: StructureValue, at place: Int, to writer: inout BinaryWriter, depth: Int
    ) throws(StructureEncodingError) {
        guard depth < DecodingLimits().maxDepth else { throw .tooDeep }
        guard case .structure(let layout)? = dictionary.layout(at: place) else {
            throw .unknownType(dictionary.dataType(at: place))
        }
        for field in value.fields where !layout.fields.contains(where: { $0.name == field.name }) {
            throw .wrongField(field.name)
        }
        switch layout.form {
        case .plain: break
        case .optionalFields:
            var mask: UInt32 = 0
            for (bit, field) in layout.fields.lazy.filter(\.isOptional).enumerated() where value[field.name] != nil {
                mask |= 1 << UInt32(bit)
            }
            writer.write(mask)
        case .union:
            guard value.fields.count <= 1 else { throw .severalFields }
            let index = layout.fields.firstIndex { $0.name == value.fields.first?.name }
            writer.write(UInt32(index.map { $0 + 1 } ?? 0))
        }
        for field in layout.fields {
            guard let fieldValue = value[field.name] else {
                if field.isOptional || layout.form == .union { continue }
                throw .missingField(field.name)
            }
            try write(fieldValue, of: field, to: &writer, depth: depth + 1)
        }
    }

    private func write(
        _ value: StructuredValue, of field: FieldLayout, to writer: inout BinaryWriter, depth: Int
    ) throws(StructureEncodingError) {
        guard let layout = dictionary.layout(of: field) else { throw .unknownType(dictionary.dataType(at: field.type)) }
        guard field.rank > 0 else { return try writeScalar(value, layout, field, to: &writer, depth: depth) }
        var items: [StructuredValue] = []
        var dimensions: [Int32]
        let count: Int
        var content = BinaryWriter()
        switch (value, layout) {
        case (.builtIn(.array(let array)), .builtIn(let type)) where array.elements.type == type:
            array.elements.encode(to: &content)
            // The number of elements, which a matrix does not have.
            content.buffer.moveReaderIndex(forwardBy: 4)
            count = array.elements.count
            dimensions = array.dimensions.isEmpty ? [Int32(clamping: count)] : array.dimensions
        case (.array(let values, let given), _):
            items = values
            count = values.count
            dimensions = given.isEmpty ? [Int32(clamping: count)] : given
        default: throw .wrongField(field.name)
        }
        for item in items { try writeScalar(item, layout, field, to: &content, depth: depth) }
        if content.buffer.readableBytes == 0, dimensions.count != field.rank { dimensions = [] }
        guard dimensions.isEmpty || (dimensions.count == field.rank && Variant.hold(dimensions, count: count)) else {
            throw .wrongField(field.name)
        }
        if field.rank == 1 { writer.write(dimensions.first ?? 0) } else { writer.write(array: dimensions) }
        writer.buffer.writeBuffer(&content.buffer)
    }

    private func writeScalar(
        _ value: StructuredValue, _ layout: DataTypeLayout, _ field: FieldLayout, to writer: inout BinaryWriter,
        depth: Int
    ) throws(StructureEncodingError) {
        switch (layout, value) {
        case (.builtIn(.variant), _):
            try variant(value, field, depth: depth).encode(to: &writer)
        case (.builtIn(.extensionObject), .structure(let structure)):
            try object(structure, depth: depth).encode(to: &writer)
        case (.builtIn(let type), .builtIn(let variant)):
            guard variant.type == type else { throw .wrongField(field.name) }
            if case .array = variant { throw .wrongField(field.name) }
            variant.encodeScalar(to: &writer)
        case (.enumeration(let layout), .enumeration(let value)):
            Variant(layout.encoding, wholeNumber: value.number)?.encodeScalar(to: &writer)
        case (.enumeration(let layout), .builtIn(let variant)):
            guard let number = variant.wholeNumber else { throw .wrongField(field.name) }
            Variant(layout.encoding, wholeNumber: number)?.encodeScalar(to: &writer)
        case (.structure, .structure(let structure)):
            guard dictionary.dataType(at: field.type) == structure.dataType else { throw .wrongField(field.name) }
            try write(structure, at: field.type, to: &writer, depth: depth)
        default: throw .wrongField(field.name)
        }
    }

    private func variant(
        _ value: StructuredValue, _ field: FieldLayout, depth: Int
    ) throws(StructureEncodingError) -> Variant {
        switch value {
        case .builtIn(let variant): return variant
        case .enumeration(let value): return .int32(Int32(truncatingIfNeeded: value.number))
        case .structure(let structure): return .extensionObject(try object(structure, depth: depth))
        case .array(let values, let dimensions):
            var variants: [Variant] = []
            for value in values { variants.append(try self.variant(value, field, depth: depth)) }
            let objects = variants.compactMap { if case .extensionObject(let object) = $0 { object } else { nil } }
            let elements: VariantArray.Elements =
                objects.count == variants.count ? .extensionObject(objects) : .variant(variants)
            return .array(VariantArray(elements, dimensions: dimensions))
        }
    }
}
