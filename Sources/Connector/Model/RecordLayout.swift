/// One kind of row: the single definition behind descriptor, CREATE TABLE text, SQLite table and encoder.
package struct RecordLayout: Hashable, Sendable {
    /// A column's type, named as Delta names it.
    package enum ColumnType: Hashable, Sendable {
        case timestamp, string, double, int, map
    }

    package struct Column: Hashable, Sendable {
        /// The protobuf field number; existing tables and readers use it, so it never changes.
        package var number: Int
        package var name: String
        package var type: ColumnType
        package var comment: String
    }

    /// The name used in the configuration (`layout:`) and by `penstock tables`.
    package var name: String
    package var columns: [Column]

    /// The layouts that a target may name.
    package static let all: [RecordLayout] = [.rawEvents]
}

extension RecordLayout {
    /// One table for every protocol; the default.
    package static let rawEvents = RecordLayout(
        name: "raw_events",
        columns: [
            Column(number: 1, name: "event_time", type: .timestamp, comment: "time at the source, else of receipt"),
            Column(number: 2, name: "ingest_time", type: .timestamp, comment: "time of receipt by the connector"),
            Column(number: 3, name: "source_name", type: .string, comment: "configured name of the source"),
            Column(number: 4, name: "endpoint", type: .string, comment: "configured endpoint, without credentials"),
            Column(number: 5, name: "protocol_type", type: .string, comment: "opcua, mqtt, modbus, rest or sql"),
            Column(number: 6, name: "topic_or_path", type: .string, comment: "the protocol's address of the tag"),
            Column(number: 7, name: "value", type: .string, comment: "text form; absent when there is no value"),
            Column(number: 8, name: "value_type", type: .string, comment: "type of the value at the source"),
            Column(number: 9, name: "value_num", type: .double, comment: "numbers, and booleans as 1 or 0"),
            Column(number: 10, name: "metadata", type: .map, comment: "unit, node_id, record_id and the like"),
            Column(number: 11, name: "status_code", type: .int, comment: "the protocol's status; 0 is good"),
            Column(number: 12, name: "status", type: .string, comment: "the status in words"),
        ])
}
