import ProtobufWire

/// Writes records of one layout for one source as protobuf bytes.
///
/// A record is a prefix (what never changes for a tag), a suffix (what varies) and, when it is sent, its
/// `record_id`. Protobuf takes fields in any order, so the three are simply joined.
struct RecordEncoder: Sendable {
    /// More than any suffix of a number takes, so that a frame closes before it would outgrow its limit.
    static let usualSuffixBytesMax = 256

    let layout: RecordLayout
    let source: SourceIdentity

    /// The constant part of a tag's record.
    func prefix(of tag: TagDefinition) -> [UInt8] {
        var writer = WireWriter(capacity: 256)
        writer.field(3, string: source.name)
        writer.field(4, string: source.endpoint)
        writer.field(5, string: source.protocolType)
        writer.field(6, string: tag.address)
        var metadata = tag.metadata
        metadata["tag_id"] = tag.tagIdentity(in: source)
        if let unit = tag.unit, !unit.isEmpty { metadata["unit"] = unit }
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            Self.writeMetadata(key, value, to: &writer)
        }
        return writer.takeBytes()
    }

    static func writeMetadata(_ key: String, _ value: String, to writer: inout WireWriter) {
        let entry = writer.beginNested(10)
        writer.field(1, string: key)
        writer.field(2, string: value)
        writer.endNested(entry)
    }

    /// The encoded forms of value types and statuses, each paid for once.
    struct Fragments: ~Copyable {
        private let source: SourceIdentity
        private var types: [[UInt8]]
        private var goodStatus: [UInt8]
        private var statuses: [Int32: [UInt8]] = [:]
        private var suffix = WireWriter(capacity: 512)
        /// A peer chooses its status codes; beyond this many the cache starts anew.
        private static let statusesMax = 1024

        init(encoder: RecordEncoder) {
            source = encoder.source
            types = ValueType.allCases.map { type in
                var writer = WireWriter(capacity: 32)
                writer.field(8, string: type.name)
                return writer.takeBytes()
            }
            goodStatus = Self.encode(.good, name: encoder.source.statusName(0))
        }

        private static func encode(_ status: Status, name: String) -> [UInt8] {
            var writer = WireWriter(capacity: 48)
            writer.field(11, int64: Int64(status.code))
            writer.field(12, string: name)
            return writer.takeBytes()
        }

        private mutating func fragment(for status: Status) -> [UInt8] {
            if status.code == 0 { return goodStatus }
            if let known = statuses[status.code] { return known }
            let name = status == .noCommunication ? "BadNoCommunication" : source.statusName(status.code)
            let encoded = Self.encode(status, name: name)
            if statuses.count >= Self.statusesMax { statuses.removeAll(keepingCapacity: true) }
            statuses[status.code] = encoded
            return encoded
        }

        /// Appends one entry: prefix reference, suffix length, suffix.
        mutating func append(
            _ reading: Reading, receivedAt: Timestamp, metadata: [(key: String, value: String)], prefix: UInt32,
            to entries: inout WireWriter
        ) {
            suffix.clear()
            let eventTime = reading.sourceTime ?? receivedAt
            suffix.field(1, int64: eventTime.microseconds)
            suffix.field(2, int64: receivedAt.microseconds)
            writeValue(reading.value)
            suffix.raw(types[Int(reading.type.rawValue)])
            if let number = reading.value.number { suffix.field(9, double: number) }
            suffix.raw(fragment(for: reading.status))
            for (key, value) in metadata { RecordEncoder.writeMetadata(key, value, to: &suffix) }
            entries.varint(UInt64(prefix))
            entries.varint(UInt64(suffix.count))
            suffix.withBytes { entries.raw($0) }
        }

        private mutating func writeValue(_ value: ReadingValue) {
            var buffer: NumberText.Buffer = (0, 0, 0)
            switch value {
            case .none: break
            case .bool(let value): suffix.field(7, string: value ? "true" : "false")
            case .int(let value): suffix.field(7, string: String(value))
            case .uint(let value): suffix.field(7, string: String(value))
            case .float(let value): NumberText.withText(of: value, in: &buffer) { suffix.field(7, bytes: $0) }
            case .double(let value): NumberText.withText(of: value, in: &buffer) { suffix.field(7, bytes: $0) }
            case .string(let text), .json(let text), .named(let text, _): suffix.field(7, string: text)
            case .bytes(let bytes): suffix.field(7, string: Base64.encode(bytes))
            }
        }
    }
}
