import ProtobufWire

/// Writes the entry of a plain reading: a number, a boolean or nothing, with a good status, that brings nothing along.
///
/// That is what a plant sends all day. Whatever does not vary is prepared: the tags of the columns, and for each type
/// of value its columns with those of the good status. A time is encoded once for all readings that have it in turn.
/// The bytes are those that a ``ReadingEncoder`` writes for any reading.
struct PlainSuffix: ~Copyable {
    private struct Column {
        let content: RecordEncoder.ReadingColumn.Content
        /// The field's tag, in the first bytes.
        let tag: UInt32
        let tagBytes: Int
        /// The last time that was written, and the field with it.
        var time = Int64.min
        var timeField = SIMD16<UInt8>()
        var timeFieldBytes = 0
    }

    /// What a type of value and the good status add.
    private struct Ending {
        var bytes = SIMD64<UInt8>()
        var count = 0
    }

    private let columns: UnsafeMutableBufferPointer<Column>
    /// By the number of the type.
    private let endings: UnsafeMutableBufferPointer<Ending>
    /// More than an entry takes: the longest column is a text of so many bytes behind its tag and length.
    private let room: Int
    private static let columnBytesMax = 8 + NumberText.bytesMax

    /// Nil for a layout of which something has no room.
    init?(_ readingColumns: [RecordEncoder.ReadingColumn], types: [[UInt8]], goodStatus: [UInt8]) {
        guard types.allSatisfy({ $0.count + goodStatus.count <= 64 }),
            readingColumns.allSatisfy({ $0.number < 1 << 25 })
        else { return nil }
        columns = .allocate(capacity: readingColumns.count)
        for (index, column) in readingColumns.enumerated() {
            var writer = WireWriter(capacity: 16)
            writer.tag(column.number, column.content.wireType)
            let tag = writer.takeBytes()
            let bits = tag.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            columns.initializeElement(at: index, to: Column(content: column.content, tag: bits, tagBytes: tag.count))
        }
        endings = .allocate(capacity: types.count)
        for (index, type) in types.enumerated() {
            var ending = Ending()
            for byte in type + goodStatus {
                ending.bytes[ending.count] = byte
                ending.count += 1
            }
            endings.initializeElement(at: index, to: ending)
        }
        room = readingColumns.count * Self.columnBytesMax + 128
    }

    deinit {
        columns.deallocate()
        endings.deallocate()
    }

    /// Appends one entry: prefix reference, suffix length, suffix.
    /// - Returns: false when the reading is not plain; nothing is written then.
    @inline(__always)
    mutating func append(
        _ reading: Reading, receivedAt: Timestamp, prefix: UInt32, unscaling: Unscaling?, to entries: inout WireWriter
    ) -> Bool {
        guard reading.status == .good, reading.value.isPlain else { return false }
        entries.reserve(room)
        entries.varint(UInt64(prefix))
        // One byte for the length, which is right below 128 bytes.
        let start = entries.end + 1
        var place = start
        let eventTime = reading.sourceTime ?? receivedAt
        for index in 0..<columns.count {
            let column = columns.baseAddress.unsafelyUnwrapped + index
            switch column.pointee.content {
            case .eventTime: Self.write(time: eventTime.microseconds, column, to: &place)
            case .eventMilliseconds: Self.write(time: eventTime.milliseconds, column, to: &place)
            case .ingestTime: Self.write(time: receivedAt.microseconds, column, to: &place)
            case .text: Self.write(text: reading.value, column, to: &place)
            case .number:
                guard let value = reading.value.number else { continue }
                Self.write(tagOf: column, to: &place)
                place.storeBytes(of: value.bitPattern.littleEndian, as: UInt64.self)
                place += 8
            case .unscaled:
                guard let unscaling, let value = reading.value.number else { continue }
                Self.write(tagOf: column, to: &place)
                Self.write(varint: UInt64(bitPattern: Int64(unscaling.unscaled(value))), to: &place)
            case .bytes: continue
            }
        }
        let ending = endings.baseAddress.unsafelyUnwrapped + Int(reading.type.rawValue)
        place.storeBytes(of: ending.pointee.bytes, as: SIMD64<UInt8>.self)
        place += ending.pointee.count
        Self.close(start, &place)
        entries.advance(to: place)
        return true
    }

    /// Writes the length in front of a suffix.
    @inline(__always)
    private static func close(_ start: UnsafeMutableRawPointer, _ end: inout UnsafeMutableRawPointer) {
        let size = start.distance(to: end)
        if size < 0x80 {
            (start - 1).storeBytes(of: UInt8(truncatingIfNeeded: size), as: UInt8.self)
        } else {
            // Below 16,384 bytes, as the room is.
            (start + 1).copyMemory(from: start, byteCount: size)
            (start - 1).storeBytes(of: UInt8(truncatingIfNeeded: size) | 0x80, as: UInt8.self)
            start.storeBytes(of: UInt8(truncatingIfNeeded: size >> 7), as: UInt8.self)
            end += 1
        }
    }

    @inline(__always)
    private static func write(tagOf column: UnsafeMutablePointer<Column>, to place: inout UnsafeMutableRawPointer) {
        place.storeBytes(of: column.pointee.tag.littleEndian, as: UInt32.self)
        place += column.pointee.tagBytes
    }

    @inline(__always)
    private static func write(varint value: UInt64, to place: inout UnsafeMutableRawPointer) {
        var rest = value
        while rest >= 0x80 {
            place.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, as: UInt8.self)
            place += 1
            rest >>= 7
        }
        place.storeBytes(of: UInt8(truncatingIfNeeded: rest), as: UInt8.self)
        place += 1
    }

    @inline(__always)
    private static func write(
        time: Int64, _ column: UnsafeMutablePointer<Column>, to place: inout UnsafeMutableRawPointer
    ) {
        if column.pointee.time != time || column.pointee.timeFieldBytes == 0 { remember(time, column) }
        place.storeBytes(of: column.pointee.timeField, as: SIMD16<UInt8>.self)
        place += column.pointee.timeFieldBytes
    }

    private static func remember(_ time: Int64, _ column: UnsafeMutablePointer<Column>) {
        // A tag of four bytes and a number of ten at most.
        withUnsafeMutableBytes(of: &column.pointee.timeField) { field in
            guard let start = field.baseAddress else { return }
            var place = start
            place.storeBytes(of: column.pointee.tag.littleEndian, as: UInt32.self)
            place += column.pointee.tagBytes
            write(varint: UInt64(bitPattern: time), to: &place)
            column.pointee.timeFieldBytes = start.distance(to: place)
        }
        column.pointee.time = time
    }

    @inline(__always)
    private static func write(
        text value: ReadingValue, _ column: UnsafeMutablePointer<Column>, to place: inout UnsafeMutableRawPointer
    ) {
        if case .none = value { return }
        write(tagOf: column, to: &place)
        let count =
            switch value {
            case .double(let value): NumberText.write(value, to: place + 1)
            case .float(let value): NumberText.write(value, to: place + 1)
            case .int(let value): NumberText.write(value, to: place + 1)
            case .uint(let value): NumberText.write(value, to: place + 1)
            case .bool(let value): NumberText.write(value ? "true" : "false", to: place + 1)
            case .none, .string, .json, .bytes, .named: 0
            }
        place.storeBytes(of: UInt8(truncatingIfNeeded: count), as: UInt8.self)
        place += count + 1
    }
}

extension RecordEncoder.ReadingColumn.Content {
    fileprivate var wireType: WireType {
        switch self {
        case .eventTime, .eventMilliseconds, .ingestTime, .unscaled: .varint
        case .text, .bytes: .lengthDelimited
        case .number: .fixed64
        }
    }
}

extension ReadingValue {
    /// A number, a boolean or nothing.
    @inline(__always)
    fileprivate var isPlain: Bool {
        switch self {
        case .none, .bool, .int, .uint, .float, .double: true
        case .string, .json, .bytes, .named: false
        }
    }
}
