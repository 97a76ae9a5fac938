import ProtobufWire

/// What is said about a metric beside its value (Sparkplug 3.0, 6.4.23 to 6.4.25).
public struct PropertySet: Hashable, Sendable {
    public struct Property: Hashable, Sendable {
        public var key: String
        public var type: DataType?
        public var value: MetricValue

        public init(_ key: String, _ type: DataType?, _ value: MetricValue) {
            self.key = key
            self.type = type
            self.value = value
        }
    }

    /// In the order of the message.
    public var properties: [Property]

    public init(_ properties: [Property]) { self.properties = properties }

    /// The first property of a name, written in any case of its ASCII letters: writers differ in it.
    public subscript(key: String) -> Property? {
        let wanted = key.lowercased()
        return properties.first { $0.key.lowercased() == wanted }
    }

    /// Reads an encoded property set on its own.
    ///
    /// - Throws: `PayloadError`.
    public init(_ bytes: UnsafeRawBufferPointer, limits: PayloadLimits = PayloadLimits()) throws(PayloadError) {
        var budget = DecodingBudget(limits)
        try self.init(bytes, &budget)
    }

    init(_ bytes: UnsafeRawBufferPointer, _ budget: inout DecodingBudget) throws(PayloadError) {
        try budget.enter()
        var fields = FieldReader(bytes)
        var keys: [String] = []
        var values: [(DataType?, MetricValue)] = []
        while let field = try fields.next() {
            switch field {
            case 1:
                try budget.take()
                keys.append(try fields.string())
            case 2: values.append(try Self.value(try fields.bytes(), &budget))
            default: try fields.skip()
            }
        }
        guard keys.count == values.count else { throw .inconsistent }
        budget.leave()
        self.init(zip(keys, values).map { Property($0, $1.0, $1.1) })
    }

    /// `PropertySetList` of the schema.
    static func list(
        _ bytes: UnsafeRawBufferPointer, _ budget: inout DecodingBudget
    ) throws(PayloadError) -> [PropertySet] {
        try budget.enter()
        var fields = FieldReader(bytes)
        var sets: [PropertySet] = []
        while let field = try fields.next() {
            guard field == 1 else {
                try fields.skip()
                continue
            }
            try budget.take()
            sets.append(try PropertySet(try fields.bytes(), &budget))
        }
        budget.leave()
        return sets
    }

    /// `PropertyValue` of the schema.
    private static func value(
        _ bytes: UnsafeRawBufferPointer, _ budget: inout DecodingBudget
    ) throws(PayloadError) -> (DataType?, MetricValue) {
        try budget.take()
        var fields = FieldReader(bytes)
        var type: DataType?
        var isNull = false
        var value = RawValue.none
        while let field = try fields.next() {
            switch field {
            case 1: type = DataType(rawValue: try fields.uint32())
            case 2: isNull = try fields.bool()
            case 3: value = .int(try fields.uint32())
            case 4: value = .long(try fields.varint())
            case 5: value = .float(try fields.float())
            case 6: value = .double(try fields.double())
            case 7: value = .boolean(try fields.bool())
            case 8: value = .string(try fields.bytes())
            case 9: value = .propertySet(try fields.bytes())
            case 10: value = .propertySets(try fields.bytes())
            case 11: value = .vendor(try fields.bytes())
            default: try fields.skip()
            }
        }
        let known =
            try MetricValue.decodeAny(value, type, isNull: isNull, &budget)
        return (type, known)
    }

    func write(to writer: inout WireWriter) {
        for property in properties { writer.field(1, string: property.key) }
        for property in properties {
            let open = writer.beginNested(2)
            if let type = property.type { writer.field(1, unsigned: UInt64(type.rawValue)) }
            writer.field(2, bool: property.value == .null)
            writer.value(property.value, property.type, .property)
            writer.endNested(open)
        }
    }
}
