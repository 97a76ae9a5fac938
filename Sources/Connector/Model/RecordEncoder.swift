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
    /// The columns that are written with every reading, in order.
    let readingColumns: [ReadingColumn]
    /// Field number of the map that takes what a reading brings along; nil where the layout has none.
    let metadataNumber: UInt32?
    /// Whether records show what a register held before scale and offset.
    let showsUnscaled: Bool
    /// Metadata that has columns of its own and does not go into the map.
    private let ownColumns: Set<String>
    private let hasTagIDColumn: Bool
    private let hasUnitColumn: Bool

    /// A column that varies from reading to reading.
    struct ReadingColumn: Sendable {
        enum Content: Sendable {
            case eventTime, eventMilliseconds, ingestTime, text, number, bytes, unscaled
        }
        var number: UInt32
        var content: Content
    }

    init(layout: RecordLayout, source: SourceIdentity) {
        self.layout = layout
        self.source = source
        readingColumns = layout.columns.compactMap { column in
            let content: ReadingColumn.Content? =
                switch column.content {
                case .eventTime: .eventTime
                case .eventMilliseconds: .eventMilliseconds
                case .ingestTime: .ingestTime
                case .valueText: .text
                case .valueNumber: .number
                case .valueBytes: .bytes
                case .unscaledValue: .unscaled
                default: nil
                }
            return content.map { ReadingColumn(number: column.number, content: $0) }
        }
        metadataNumber = layout.columns.first { $0.content == .metadata }?.number
        showsUnscaled = layout.columns.contains { $0.content == .unscaledValue }
        ownColumns = Set(
            layout.columns.compactMap { column -> String? in
                if case .property(let key) = column.content { key } else { nil }
            })
        hasTagIDColumn = layout.columns.contains { $0.content == .tagID }
        hasUnitColumn = layout.columns.contains { $0.content == .unit }
    }

    /// The constant part of a tag's record.
    func prefix(of tag: TagDefinition) -> [UInt8] {
        var writer = WireWriter(capacity: 256)
        for column in layout.columns {
            let number = column.number
            switch column.content {
            case .sourceName: writer.field(number, string: source.name)
            case .endpoint: writer.field(number, string: source.endpoint)
            case .protocolType: writer.field(number, string: source.protocolType)
            case .address: writer.field(number, string: tag.address)
            case .name: writer.field(number, string: tag.name)
            case .unit: writer.field(number, string: tag.unit ?? "")
            case .tagID: writer.field(number, string: tag.tagIdentity(in: source))
            case .tagPath: writer.field(number, string: tag.metadata["tag_path"] ?? tag.address)
            case .property(let key): Self.write(tag.metadata[key], as: column.type, number, to: &writer)
            case .scaleDivisor:
                writer.field(number, int64: Int64(Unscaling(tag).divisor))
            case .metadata: writeMetadata(of: tag, number, to: &writer)
            case .eventTime, .eventMilliseconds, .ingestTime, .valueText, .valueNumber, .valueBytes, .unscaledValue,
                .valueType, .dataType, .statusCode, .statusBits, .statusName, .quality, .recordID:
                break
            }
        }
        return writer.takeBytes()
    }

    private static func write(
        _ text: String?, as type: RecordLayout.ColumnType, _ number: UInt32, to writer: inout WireWriter
    ) {
        switch type {
        case .int, .bigint: writer.field(number, int64: text.flatMap { Int64($0) } ?? 0)
        case .boolean: writer.field(number, bool: text == "true")
        default: writer.field(number, string: text ?? "")
        }
    }

    private func writeMetadata(of tag: TagDefinition, _ number: UInt32, to writer: inout WireWriter) {
        var metadata = tag.metadata.filter { !ownColumns.contains($0.key) }
        if !hasTagIDColumn { metadata["tag_id"] = tag.tagIdentity(in: source) }
        if let unit = tag.unit, !unit.isEmpty, !hasUnitColumn { metadata["unit"] = unit }
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            Self.writeMetadata(key, value, number, to: &writer)
        }
    }

    static func writeMetadata(_ key: String, _ value: String, _ number: UInt32, to writer: inout WireWriter) {
        let entry = writer.beginNested(number)
        writer.field(1, string: key)
        writer.field(2, string: value)
        writer.endNested(entry)
    }
}

/// How a register's value is turned back into what the device held.
struct Unscaling: Hashable, Sendable {
    let scale: Double
    let offset: Double

    init(_ tag: TagDefinition) {
        let scale = tag.metadata["scale"].flatMap { Double($0) } ?? 1
        self.scale = scale.isFinite && scale != 0 ? scale : 1
        offset = tag.metadata["offset"].flatMap { Double($0) } ?? 0
    }

    /// 10 for a scale of 0.1.
    var divisor: Int32 { Self.clamped(1 / scale) }

    func unscaled(_ value: Double) -> Int32 { Self.clamped((value - offset) / scale) }

    private static func clamped(_ value: Double) -> Int32 {
        let rounded = value.rounded()
        if rounded >= Double(Int32.max) { return .max }
        return rounded > Double(Int32.min) ? Int32(rounded) : .min
    }
}
