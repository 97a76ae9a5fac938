/// One kind of row: the single definition behind descriptor, CREATE TABLE text, SQLite table and encoder.
package struct RecordLayout: Hashable, Sendable {
    /// A column's type, named as Delta names it.
    package enum ColumnType: Hashable, Sendable {
        case timestamp, string, double, int, bigint, boolean, binary, map
    }

    /// What a column holds, and so what it costs: what belongs to source and tag is paid once per tag, what belongs to
    /// value type and status once per type and status, the rest with every reading.
    package enum Content: Hashable, Sendable {
        // Of the source.
        case sourceName, endpoint, protocolType
        // Of the tag. `property` is an entry of its metadata: text, a whole number or `true`, by the column's type;
        // what it lacks is empty, 0 or false.
        case address, name, unit, tagID, tagPath, property(String)
        /// The factor by which a register is multiplied, turned round and rounded: 10 for 0.1.
        case scaleDivisor
        // Of the reading.
        case eventTime, eventMilliseconds, ingestTime, valueText, valueNumber, valueBytes
        /// The value as it was before scale and offset, rounded.
        case unscaledValue
        // Of the value's type.
        case valueType, dataType
        // Of the status; `statusBits` is its code without a sign.
        case statusCode, statusBits, statusName, quality
        /// Everything else that is known of tag and reading.
        case metadata
        /// The record's own name, which no other record ever has. In layouts without this column it is an entry of
        /// the metadata.
        case recordID
    }

    package struct Column: Hashable, Sendable {
        /// The protobuf field number; existing tables and readers use it, so it never changes.
        package var number: UInt32
        package var name: String
        package var type: ColumnType
        package var content: Content
        package var comment: String
    }

    /// The name used in the configuration (`layout:`) and by `penstock tables`.
    package var name: String
    package var columns: [Column]

    /// The layouts that a target may name.
    package static let all: [RecordLayout] = [
        .rawEvents, .normalizedTags, .opcuaBronze, .mqttBronze, .modbusBronze,
    ]

    /// The layout of a lane's records: a lane is named after every layout but the usual one.
    package static func ofLane(named name: String) -> RecordLayout {
        all.first { name.hasSuffix("." + $0.name) } ?? .rawEvents
    }

    /// Where a record's own name goes.
    package enum RecordIDPlace: Hashable, Sendable {
        /// An entry `record_id` of the map with this field number.
        case metadata(UInt32)
        /// The string column with this field number.
        case column(UInt32)
    }

    /// Where a record's own name goes. Every layout has either place.
    package var recordIDPlace: RecordIDPlace {
        if let column = columns.first(where: { $0.content == .recordID }) { return .column(column.number) }
        return .metadata(columns.first { $0.content == .metadata }?.number ?? 0)
    }

    /// The columns that name a tag, by number: the same for all its records, whatever else changes.
    package var identity: Set<UInt32> {
        Set(columns.filter(\.content.namesTag).map(\.number))
    }

    /// Columns in the order of their field numbers, 1 and up.
    init(name: String, _ columns: [(name: String, type: ColumnType, content: Content, comment: String)]) {
        self.name = name
        self.columns = columns.enumerated().map { index, column in
            Column(
                number: UInt32(index + 1), name: column.name, type: column.type, content: column.content,
                comment: column.comment)
        }
    }
}

extension RecordLayout.Content {
    fileprivate var namesTag: Bool {
        switch self {
        case .sourceName, .address, .tagID: true
        // What stands for the address in a layout of registers.
        case .property(let key): ["unit_id", "register_type", "register_address"].contains(key)
        default: false
        }
    }
}
