import ProtobufWire
import SwiftProtobuf

/// Rows that are encoded already: tag, time, value, quality and unit.
struct Rows {
    private var rows: ArraySlice<[UInt8]> = []

    init() {}

    init(_ count: Int, padding: Int) {
        let more = String(repeating: "x", count: padding)
        var writer = WireWriter()
        rows =
            (0..<count).map { index in
                let pump = String(10_000 + index % 200).dropFirst()
                writer.field(1, string: "plant1/line3/pump\(pump)/flow\(more)")
                writer.field(2, int64: Int64(1_760_000_000_000_000 + index * 1_000))
                writer.field(3, double: 20 + Double(index % 997) * 0.01)
                writer.field(4, int64: 192)
                writer.field(5, string: "m3/h")
                return writer.takeBytes()
            }[...]
    }

    var count: Int { rows.count }
    var bytes: Int { rows.reduce(0) { $0 + $1.count } }

    func prefix(_ count: Int) -> Rows {
        var result = Rows()
        result.rows = rows.prefix(count)
        return result
    }

    subscript(_ index: Int) -> [UInt8] { rows[index] }

    /// The body of a message with the rows of a range.
    func joined(_ range: Range<Int>, with writer: inout WireWriter) -> [UInt8] {
        for row in rows[range] { writer.field(1, bytes: row) }
        return writer.takeBytes()
    }

    /// What a stream says about its rows.
    static func descriptor() throws -> [UInt8] {
        let fields: [(String, Google_Protobuf_FieldDescriptorProto.TypeEnum)] = [
            ("tag", .string), ("event_time", .int64), ("value", .double), ("quality", .int32), ("unit", .string),
        ]
        let message = Google_Protobuf_DescriptorProto.with { message in
            message.name = "Row"
            message.field = fields.enumerated().map { index, field in
                .with {
                    ($0.name, $0.number, $0.type, $0.label) = (field.0, Int32(index + 1), field.1, .optional)
                }
            }
        }
        return try message.serializedBytes()
    }
}
