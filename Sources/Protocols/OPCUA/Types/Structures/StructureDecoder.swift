extension DataTypeDictionary {
    /// Takes an ExtensionObject apart.
    /// - Returns: nil when the type is not known or the body is not binary; it then stays what it is.
    /// - Throws: `.invalid(.dataType)` when a field of the type is of a type that is ``missing``; any other error when
    ///   the body does not fit the definition or exceeds the limits.
    public func decode(
        _ object: ExtensionObject, limits: DecodingLimits = DecodingLimits()
    ) throws(BinaryDecodingError) -> StructureValue? {
        var decoder = StructureDecoder(self, limits: limits)
        return try decoder.structure(of: object, depth: 0)
    }

    /// Takes every structure in a value apart, those inside Variants and arrays too; what cannot be, stays
    /// `.builtIn`.
    /// - Parameter dataType: the data type of the value where it is known: numbers of an enumeration get their names.
    public func resolve(
        _ value: Variant, dataType: NodeId? = nil, limits: DecodingLimits = DecodingLimits()
    ) -> StructuredValue {
        if let dataType, let place = place(known: dataType), case .enumeration(let layout)? = self.layout(at: place) {
            return layout.resolve(value)
        }
        var decoder = StructureDecoder(self, limits: limits)
        return decoder.resolve(value, depth: 0)
    }
}

extension EnumerationLayout {
    fileprivate func resolve(_ value: Variant) -> StructuredValue {
        if let number = value.wholeNumber { return .enumeration(self.value(number)) }
        guard case .array(let array) = value, array.elements.count <= DecodingLimits().maxStructureFields,
            let numbers = array.elements.wholeNumbers
        else { return .builtIn(value) }
        return .array(numbers.map { .enumeration(self.value($0)) }, dimensions: array.dimensions)
    }
}

/// One pass over a value; counts what it has taken apart.
private struct StructureDecoder {
    let dictionary: DataTypeDictionary
    let limits: DecodingLimits
    /// Fields and elements that may still be read.
    var allowance: Int

    init(_ dictionary: DataTypeDictionary, limits: DecodingLimits) {
        self.dictionary = dictionary
        self.limits = limits
        allowance = limits.maxStructureFields
    }

    private mutating func spend() throws(BinaryDecodingError) {
        guard allowance > 0 else { throw .limitExceeded(.structure) }
        allowance &-= 1
    }

    // MARK: Self-describing values

    mutating func structure(of object: ExtensionObject, depth: Int) throws(BinaryDecodingError) -> StructureValue? {
        guard case .binary(let body) = object.body, let place = dictionary.place(encoding: object.typeId),
            case .structure(let layout)? = dictionary.layout(at: place)
        else { return nil }
        let result = body.bytes.withUnsafeBytes { bytes -> Result<StructureValue, BinaryDecodingError> in
            var reader = BinaryReader(bytes, limits: limits, depth: depth)
            do throws(BinaryDecodingError) {
                let value = try structure(layout, at: place, from: &reader)
                // More bytes than the definition explains: it is not the definition of this value.
                guard reader.remaining == 0 else { throw .invalid(.structure) }
                return .success(value)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    mutating func resolve(_ value: Variant, depth: Int) -> StructuredValue {
        switch value {
        case .extensionObject(let object):
            // Whatever is wrong with it, the bytes themselves are the answer then.
            if let structure = try? structure(of: object, depth: depth) { return .structure(structure) }
        case .variant(let inner):
            let resolved = resolve(inner, depth: depth)
            if case .builtIn = resolved { return .builtIn(value) }
            return resolved
        case .array(let array):
            let values: [StructuredValue]
            switch array.elements {
            case .extensionObject(let objects): values = objects.map { resolve(.extensionObject($0), depth: depth) }
            case .variant(let variants): values = variants.map { resolve($0, depth: depth) }
            default: return .builtIn(value)
            }
            if values.contains(where: { if case .builtIn = $0 { false } else { true } }) {
                return .array(values, dimensions: array.dimensions)
            }
        default: break
        }
        return .builtIn(value)
    }

    // MARK: Values by definition

    private mutating func structure(
        _ layout: StructureLayout, at place: Int, from reader: inout BinaryReader
    ) throws(BinaryDecodingError) -> StructureValue {
        try reader.enter()
        var value = StructureValue(dataType: dictionary.dataType(at: place), name: dictionary.name(at: place))
        switch layout.form {
        case .plain:
            value.fields.reserveCapacity(layout.fields.count)
            for field in layout.fields { value.fields.append(.init(field.name, try read(field, from: &reader))) }
        case .optionalFields(let count):
            var mask = try reader.readUInt32()
            guard count == 32 || mask >> UInt32(count) == 0 else { throw .invalid(.structure) }
            for field in layout.fields {
                if field.isOptional {
                    defer { mask >>= 1 }
                    guard mask & 1 == 1 else { continue }
                }
                value.fields.append(.init(field.name, try read(field, from: &reader)))
            }
        case .union:
            let number = try reader.readUInt32()
            guard number <= layout.fields.count else { throw .invalid(.structure) }
            if number > 0 {
                let field = layout.fields[Int(number) - 1]
                value.fields.append(.init(field.name, try read(field, from: &reader)))
            }
        }
        reader.leave()
        return value
    }

    private mutating func read(
        _ field: FieldLayout, from reader: inout BinaryReader
    ) throws(BinaryDecodingError) -> StructuredValue {
        try spend()
        guard let layout = dictionary.layout(of: field) else { throw .invalid(.dataType) }
        switch field.rank {
        case 0: return try scalar(layout, at: field.type, from: &reader)
        case 1:
            let count = try reader.readArrayLength() ?? 0
            return try elements(layout, at: field.type, count: count, dimensions: [], from: &reader)
        default:
            let dimensions = try reader.readArray(Int32.self)
            guard dimensions.count == field.rank || dimensions.isEmpty else { throw .invalid(.arrayDimensions) }
            let count = try elementCount(dimensions, limits, remaining: reader.remaining)
            return try elements(
                layout, at: field.type, count: count, dimensions: dimensions.map { max($0, 0) }, from: &reader)
        }
    }

    private mutating func scalar(
        _ layout: DataTypeLayout, at place: Int, from reader: inout BinaryReader
    ) throws(BinaryDecodingError) -> StructuredValue {
        switch layout {
        case .builtIn(.variant): return resolve(try Variant(from: &reader), depth: reader.depth)
        case .builtIn(let type):
            return resolve(try Variant.scalar(type, from: &reader), depth: reader.depth)
        case .enumeration(let layout):
            return .enumeration(layout.value(try Variant.scalar(layout.encoding, from: &reader).wholeNumber ?? 0))
        case .structure(let layout): return .structure(try structure(layout, at: place, from: &reader))
        }
    }

    private mutating func elements(
        _ layout: DataTypeLayout, at place: Int, count: Int, dimensions: [Int32], from reader: inout BinaryReader
    ) throws(BinaryDecodingError) -> StructuredValue {
        if case .builtIn(let type) = layout {
            let elements = try VariantArray.Elements(type, count: count, from: &reader)
            return resolve(.array(VariantArray(elements, dimensions: dimensions)), depth: reader.depth)
        }
        var values: [StructuredValue] = []
        for _ in 0..<count {
            try spend()
            let start = reader.offset
            values.append(try scalar(layout, at: place, from: &reader))
            // An element of no bytes could come in any number.
            guard reader.offset > start else { throw .invalid(.structure) }
        }
        return .array(values, dimensions: dimensions)
    }
}

/// Number of elements of a multi-dimensional array in a structure (Part 6, 5.2.5), none when a dimension is not
/// positive; never more than the bytes left can hold.
private func elementCount(
    _ dimensions: [Int32], _ limits: DecodingLimits, remaining: Int
) throws(BinaryDecodingError) -> Int {
    guard !dimensions.isEmpty, dimensions.allSatisfy({ $0 > 0 }) else { return 0 }
    var product = 1
    for dimension in dimensions {
        let (next, overflow) = product.multipliedReportingOverflow(by: Int(dimension))
        guard !overflow, next <= limits.maxArrayLength else { throw .limitExceeded(.array) }
        product = next
    }
    guard product <= remaining else { throw .truncated }
    return product
}

extension DataTypeDictionary {
    /// How a field's value travels; nil when its type is missing.
    func layout(of field: FieldLayout) -> DataTypeLayout? {
        let layout = layout(at: field.type)
        guard field.allowsSubtypes, let layout else { return layout }
        // Part 6, 5.2.6: the value says its type itself.
        switch layout {
        case .structure, .builtIn(.extensionObject): return .builtIn(.extensionObject)
        default: return .builtIn(.variant)
        }
    }
}
