import ConnectorModel
import JSONSupport
import ProtobufWire

/// What becomes of a batch on its way to a table: nothing where the table takes the layout's records as they are;
/// else columns that the table lacks are left out, or the records are written as JSON.
struct RecordShape: Sendable {
    enum Form: Sendable {
        case protobuf, json
    }

    let form: Form
    /// The layout with the columns that the table has.
    let layout: RecordLayout
    private let kept: Set<UInt32>
    private let isNarrowed: Bool

    /// - Parameter columns: names of the columns that are sent; nil for all.
    init(_ layout: RecordLayout, columns: Set<String>?, form: Form) {
        var layout = layout
        let all = layout.columns.count
        if let columns { layout.columns.removeAll { !columns.contains($0.name) } }
        self.layout = layout
        self.form = form
        kept = Set(layout.columns.map(\.number))
        isNarrowed = layout.columns.count < all
    }

    /// The batch as the table wants it.
    /// - Throws: `WireError` for bytes that are no batch, which our own never are.
    func shaped(_ batch: RecordBatch) throws -> RecordBatch {
        switch form {
        case .protobuf: isNarrowed ? try narrowed(batch) : batch
        case .json: try transcoded(batch)
        }
    }

    /// Copies the fields that are kept.
    private func narrowed(_ batch: RecordBatch) throws -> RecordBatch {
        var writer = WireWriter(capacity: batch.body.count)
        try batch.forEachRecord { record in
            let nested = writer.beginNested(1)
            var reader = WireReader(record)
            var start = reader.offset
            while let tag = try reader.tag() {
                try reader.skip(tag.type)
                let end = reader.offset
                if kept.contains(tag.field) { writer.raw(UnsafeRawBufferPointer(rebasing: record[start..<end])) }
                start = end
            }
            writer.endNested(nested)
        }
        return RecordBatch(body: writer.takeBytes(), count: batch.count)
    }

    /// Writes each record as a JSON object; times are whole microseconds, bytes base64, large integers text.
    private func transcoded(_ batch: RecordBatch) throws -> RecordBatch {
        let decoder = RecordDecoder(layout: layout)
        var writer = WireWriter(capacity: batch.body.count * 2)
        try batch.forEachRecord { record in
            writer.field(1, string: Self.json(try decoder.columns(of: record), layout))
        }
        return RecordBatch(body: writer.takeBytes(), count: batch.count)
    }

    private static func json(_ values: [RecordDecoder.ColumnValue?], _ layout: RecordLayout) -> String {
        var text = "{"
        for (column, value) in zip(layout.columns, values) {
            guard let value else { continue }
            if text.utf8.count > 1 { text.append(",") }
            JSONText.appendQuoted(column.name, to: &text)
            text.append(":")
            switch value {
            case .integer(let number): text.append(integer(number))
            case .double(let number): text.append(JSONText.number(number))
            case .text(let string): JSONText.appendQuoted(string, to: &text)
            case .boolean(let flag): text.append(flag ? "true" : "false")
            case .bytes(let bytes): JSONText.appendQuoted(Base64.encode(bytes), to: &text)
            case .map(let map): append(map, to: &text)
            }
        }
        return text + "}"
    }

    /// JSON readers keep 53 bits; what needs more is text.
    private static func integer(_ number: Int64) -> String {
        number.magnitude > 1 << 53 ? "\"\(number)\"" : "\(number)"
    }

    private static func append(_ map: [String: String], to text: inout String) {
        text.append("{")
        for (index, (key, value)) in map.sorted(by: { $0.key < $1.key }).enumerated() {
            if index > 0 { text.append(",") }
            JSONText.appendQuoted(key, to: &text)
            text.append(":")
            JSONText.appendQuoted(value, to: &text)
        }
        text.append("}")
    }
}
