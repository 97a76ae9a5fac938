import ProtobufWire

extension RecordLayout {
    /// The layout as a serialized `google.protobuf.DescriptorProto`.
    ///
    /// It is self-contained: the map's entry type is nested in it and named in full with a leading dot, which
    /// is what Zerobus asks for. Every scalar is proto2 `optional`, so presence is explicit.
    package func descriptor() -> [UInt8] {
        var writer = WireWriter(capacity: 1024)
        writer.field(1, string: messageName)
        for column in columns {
            let field = writer.beginNested(2)
            writer.field(1, string: column.name)
            writer.field(3, unsigned: UInt64(column.number))
            writer.field(4, unsigned: column.type == .map ? Label.repeated : Label.optional)
            writer.field(5, unsigned: column.type.protobufType)
            if column.type == .map { writer.field(6, string: ".\(messageName).\(entryName(of: column))") }
            writer.endNested(field)
        }
        for column in columns where column.type == .map { writeEntryType(of: column, to: &writer) }
        return writer.takeBytes()
    }

    /// `raw_events` becomes `RawEvents`.
    var messageName: String { Self.camelCase(name) }

    private func entryName(of column: Column) -> String { Self.camelCase(column.name) + "Entry" }

    private static func camelCase(_ name: String) -> String {
        name.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    private func writeEntryType(of column: Column, to writer: inout WireWriter) {
        let message = writer.beginNested(3)
        writer.field(1, string: entryName(of: column))
        for (number, name) in [(1, "key"), (2, "value")] {
            let field = writer.beginNested(2)
            writer.field(1, string: name)
            writer.field(3, unsigned: UInt64(number))
            writer.field(4, unsigned: Label.optional)
            writer.field(5, unsigned: ColumnType.string.protobufType)
            writer.endNested(field)
        }
        let options = writer.beginNested(7)
        writer.field(7, bool: true)  // MessageOptions.map_entry
        writer.endNested(options)
        writer.endNested(message)
    }

    /// `google.protobuf.FieldDescriptorProto.Label`.
    private enum Label {
        static let optional: UInt64 = 1
        static let repeated: UInt64 = 3
    }
}

extension RecordLayout.ColumnType {
    /// `google.protobuf.FieldDescriptorProto.Type`.
    fileprivate var protobufType: UInt64 {
        switch self {
        case .double: 1
        case .timestamp, .bigint: 3  // int64
        case .int: 5  // int32
        case .boolean: 8
        case .string: 9
        case .map: 11  // message
        case .binary: 12  // bytes
        }
    }
}
