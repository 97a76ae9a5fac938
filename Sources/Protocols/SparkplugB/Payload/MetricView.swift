/// One metric in place, with nothing copied (`Payload.Metric` of the protobuf schema).
///
/// Valid only while the payload's bytes are.
public struct MetricView {
    public internal(set) var name: UnsafeRawBufferPointer?
    public internal(set) var alias: UInt64?
    /// Milliseconds of UTC since 1970.
    public internal(set) var timestamp: UInt64?
    /// The code of a `DataType`; births must give it, others may.
    public internal(set) var typeCode: UInt32?
    public internal(set) var isHistorical = false
    public internal(set) var isTransient = false
    public internal(set) var isNull = false
    /// The encoded `MetaData`.
    public internal(set) var metadata: UnsafeRawBufferPointer?
    /// The encoded `PropertySet`.
    public internal(set) var properties: UnsafeRawBufferPointer?
    public internal(set) var value = RawValue.none

    /// Reads the fields of a metric; the last of repeated fields counts.
    ///
    /// - Throws: `PayloadError.malformed`.
    public init(_ bytes: UnsafeRawBufferPointer) throws(PayloadError) {
        var fields = FieldReader(bytes)
        while let field = try fields.next() {
            switch field {
            case 1: name = try fields.bytes()
            case 2: alias = try fields.varint()
            case 3: timestamp = try fields.varint()
            case 4: typeCode = try fields.uint32()
            case 5: isHistorical = try fields.bool()
            case 6: isTransient = try fields.bool()
            case 7: isNull = try fields.bool()
            case 8: metadata = try fields.bytes()
            case 9: properties = try fields.bytes()
            case 10: value = .int(try fields.uint32())
            case 11: value = .long(try fields.varint())
            case 12: value = .float(try fields.float())
            case 13: value = .double(try fields.double())
            case 14: value = .boolean(try fields.bool())
            case 15: value = .string(try fields.bytes())
            case 16: value = .bytes(try fields.bytes())
            case 17: value = .dataSet(try fields.bytes())
            case 18: value = .template(try fields.bytes())
            case 19: value = .vendor(try fields.bytes())
            default: try fields.skip()
            }
        }
    }

    /// The type that the metric itself names.
    public var type: DataType? { typeCode.flatMap(DataType.init(rawValue:)) }

    /// The name as text.
    public var nameText: String? { name.map { String(decoding: $0, as: UTF8.self) } }
}
