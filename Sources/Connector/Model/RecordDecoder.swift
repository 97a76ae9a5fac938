package import ProtobufWire

/// Reads records of a layout back into columns: for the local table, for pages and for tests.
package struct RecordDecoder: Sendable {
    /// A column's value; nil stands for NULL.
    package enum ColumnValue: Hashable, Sendable {
        case integer(Int64)
        case double(Double)
        case text(String)
        case boolean(Bool)
        case bytes([UInt8])
        case map([String: String])
    }

    private let layout: RecordLayout
    /// Index of the column with each field number.
    private let indexes: [UInt32: Int]

    package init(layout: RecordLayout) {
        self.layout = layout
        self.indexes = Dictionary(
            uniqueKeysWithValues: layout.columns.enumerated().map { ($1.number, $0) })
    }

    /// The columns of one record in the layout's order.
    /// - Throws: `WireError` when the bytes are not a record; fields that the layout lacks are skipped.
    package func columns(of record: UnsafeRawBufferPointer) throws(WireError) -> [ColumnValue?] {
        var values = [ColumnValue?](repeating: nil, count: layout.columns.count)
        var reader = WireReader(record)
        while let tag = try reader.tag() {
            guard let index = indexes[tag.field] else {
                try reader.skip(tag.type)
                continue
            }
            switch (layout.columns[index].type, tag.type) {
            case (.timestamp, .varint), (.int, .varint), (.bigint, .varint):
                values[index] = .integer(Int64(bitPattern: try reader.varint()))
            case (.double, .fixed64):
                values[index] = .double(Double(bitPattern: try reader.fixed64()))
            case (.boolean, .varint):
                values[index] = .boolean(try reader.varint() != 0)
            case (.binary, .lengthDelimited):
                values[index] = .bytes(Array(try reader.lengthDelimited()))
            case (.string, .lengthDelimited):
                values[index] = .text(String(decoding: try reader.lengthDelimited(), as: UTF8.self))
            case (.map, .lengthDelimited):
                let (key, value) = try Self.entry(try reader.lengthDelimited())
                var map: [String: String] = [:]
                if case .map(let known) = values[index] { map = known }
                map[key] = value
                values[index] = .map(map)
            default:
                try reader.skip(tag.type)
            }
        }
        return values
    }

    private static func entry(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> (String, String) {
        var reader = WireReader(bytes)
        var key = ""
        var value = ""
        while let tag = try reader.tag() {
            switch (tag.field, tag.type) {
            case (1, .lengthDelimited): key = String(decoding: try reader.lengthDelimited(), as: UTF8.self)
            case (2, .lengthDelimited): value = String(decoding: try reader.lengthDelimited(), as: UTF8.self)
            default: try reader.skip(tag.type)
            }
        }
        return (key, value)
    }
}

extension RecordBatch {
    /// Calls `body` with the bytes of each record, in order.
    /// - Throws: `WireError` when the batch is malformed, else what `body` throws.
    package func forEachRecord(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        try self.body.withUnsafeBytes { bytes in
            var reader = WireReader(bytes)
            while let tag = try reader.tag() {
                guard tag == WireTag(field: 1, type: .lengthDelimited) else { throw WireError.badTag }
                try body(try reader.lengthDelimited())
            }
        }
    }
}
