import ProtobufWire

/// Writes what varies from reading to reading. The encoded forms of value types and statuses are kept: each is paid
/// for once.
struct ReadingEncoder: ~Copyable {
    private let source: SourceIdentity
    private let layout: RecordLayout
    private let columns: [RecordEncoder.ReadingColumn]
    private let metadataNumber: UInt32?
    private var types: [[UInt8]]
    private var goodStatus: [UInt8]
    private var statuses: [Status: [UInt8]] = [:]
    private var suffix = WireWriter(capacity: 512)
    private var plain: PlainSuffix?
    /// A peer chooses its status codes; beyond this many the cache starts anew.
    private static let statusesMax = 1024

    init(_ encoder: RecordEncoder) {
        source = encoder.source
        layout = encoder.layout
        columns = encoder.readingColumns
        metadataNumber = encoder.metadataNumber
        types = ValueType.allCases.map { Self.encode($0, encoder.layout) }
        goodStatus = Self.encode(.good, name: encoder.source.statusName(0), encoder.layout)
        plain = PlainSuffix(columns, types: types, goodStatus: goodStatus)
    }

    private static func encode(_ type: ValueType, _ layout: RecordLayout) -> [UInt8] {
        var writer = WireWriter(capacity: 32)
        for column in layout.columns {
            switch column.content {
            case .valueType: writer.field(column.number, string: type.name)
            case .dataType: writer.field(column.number, string: type.kind)
            default: break
            }
        }
        return writer.takeBytes()
    }

    private static func encode(_ status: Status, name: String, _ layout: RecordLayout) -> [UInt8] {
        var writer = WireWriter(capacity: 48)
        for column in layout.columns {
            switch column.content {
            case .statusCode: writer.field(column.number, int64: Int64(status.code))
            case .statusBits: writer.field(column.number, int64: Int64(UInt32(bitPattern: status.code)))
            case .statusName: writer.field(column.number, string: name)
            case .quality: writer.field(column.number, string: status.quality.name)
            default: break
            }
        }
        return writer.takeBytes()
    }

    private mutating func fragment(for status: Status) -> [UInt8] {
        if status == .good { return goodStatus }
        if let known = statuses[status] { return known }
        let name = status == .noCommunication ? "BadNoCommunication" : source.statusName(status.code)
        let encoded = Self.encode(status, name: name, layout)
        if statuses.count >= Self.statusesMax { statuses.removeAll(keepingCapacity: true) }
        statuses[status] = encoded
        return encoded
    }

    /// Appends one entry: prefix reference, suffix length, suffix.
    @inline(__always)
    mutating func append(
        _ reading: Reading, receivedAt: Timestamp, metadata: [(key: String, value: String)], prefix: UInt32,
        unscaling: Unscaling?, to entries: inout WireWriter
    ) {
        let isWritten =
            metadata.isEmpty
            && plain?.append(reading, receivedAt: receivedAt, prefix: prefix, unscaling: unscaling, to: &entries)
                ?? false
        guard !isWritten else { return }
        appendAny(
            reading, receivedAt: receivedAt, metadata: metadata, prefix: prefix, unscaling: unscaling, to: &entries)
    }

    /// Appends an entry of any reading.
    mutating func appendAny(
        _ reading: Reading, receivedAt: Timestamp, metadata: [(key: String, value: String)], prefix: UInt32,
        unscaling: Unscaling?, to entries: inout WireWriter
    ) {
        suffix.clear()
        let eventTime = reading.sourceTime ?? receivedAt
        for index in columns.indices {
            let number = columns[index].number
            switch columns[index].content {
            case .eventTime: suffix.field(number, int64: eventTime.microseconds)
            case .eventMilliseconds: suffix.field(number, int64: eventTime.milliseconds)
            case .ingestTime: suffix.field(number, int64: receivedAt.microseconds)
            case .text: writeText(reading.value, number)
            case .number: if let value = reading.value.number { suffix.field(number, double: value) }
            case .bytes:
                if case .bytes(let bytes) = reading.value {
                    bytes.withUnsafeBytes { suffix.field(number, bytes: $0) }
                }
            case .unscaled:
                if let value = reading.value.number, let unscaling {
                    suffix.field(number, int64: Int64(unscaling.unscaled(value)))
                }
            }
        }
        suffix.raw(types[Int(reading.type.rawValue)])
        suffix.raw(fragment(for: reading.status))
        if let metadataNumber {
            for (key, value) in metadata {
                RecordEncoder.writeMetadata(key, value, metadataNumber, to: &suffix)
            }
        }
        entries.varint(UInt64(prefix))
        entries.varint(UInt64(suffix.count))
        suffix.withBytes { entries.raw($0) }
    }

    private mutating func writeText(_ value: ReadingValue, _ number: UInt32) {
        var buffer: NumberText.Buffer = (0, 0, 0, 0)
        switch value {
        case .none: break
        case .bool(let value): suffix.field(number, string: value ? "true" : "false")
        case .int(let value): suffix.field(number, string: String(value))
        case .uint(let value): suffix.field(number, string: String(value))
        case .float(let value): NumberText.withText(of: value, in: &buffer) { suffix.field(number, bytes: $0) }
        case .double(let value): NumberText.withText(of: value, in: &buffer) { suffix.field(number, bytes: $0) }
        case .string(let text), .json(let text): suffix.field(number, string: text)
        case .bytes(let bytes): suffix.field(number, string: Base64.encode(bytes))
        case .named(let name, _): suffix.field(number, string: name)
        }
    }
}
