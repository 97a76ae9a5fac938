import ProtobufWire

/// Arrays of version 3.0: packed little-endian numbers in the field `bytes_value` (Sparkplug 3.0, 6.4.17).
extension MetricValue.ArrayValue {
    public var count: Int {
        switch self {
        case .ints(let elements): elements.count
        case .uints(let elements): elements.count
        case .floats(let elements): elements.count
        case .doubles(let elements): elements.count
        case .booleans(let elements): elements.count
        case .strings(let elements): elements.count
        case .dateTimes(let elements): elements.count
        }
    }

    /// Reads the elements of an array.
    ///
    /// - Throws: `PayloadError.badArray` when the bytes are no whole number of elements or `type` is no array.
    public init(_ bytes: UnsafeRawBufferPointer, _ type: DataType) throws(PayloadError) {
        switch type {
        case .int8Array: self = .ints(bytes.map { Int64(Int8(bitPattern: $0)) })
        case .int16Array: self = .ints(try Self.words(bytes, type) { (bits: UInt16) in Int64(Int16(bitPattern: bits)) })
        case .int32Array: self = .ints(try Self.words(bytes, type) { (bits: UInt32) in Int64(Int32(bitPattern: bits)) })
        case .int64Array: self = .ints(try Self.words(bytes, type) { (bits: UInt64) in Int64(bitPattern: bits) })
        case .uint8Array: self = .uints(bytes.map(UInt64.init))
        case .uint16Array: self = .uints(try Self.words(bytes, type) { (bits: UInt16) in UInt64(bits) })
        case .uint32Array: self = .uints(try Self.words(bytes, type) { (bits: UInt32) in UInt64(bits) })
        case .uint64Array: self = .uints(try Self.words(bytes, type) { (bits: UInt64) in bits })
        case .floatArray: self = .floats(try Self.words(bytes, type) { (bits: UInt32) in Float(bitPattern: bits) })
        case .doubleArray: self = .doubles(try Self.words(bytes, type) { (bits: UInt64) in Double(bitPattern: bits) })
        case .dateTimeArray:
            self = .dateTimes(try Self.words(bytes, type) { (bits: UInt64) in Int64(bitPattern: bits) })
        case .booleanArray: self = .booleans(try Self.booleans(bytes))
        case .stringArray: self = .strings(try Self.strings(bytes))
        default: throw .badArray(type)
        }
    }

    private static func words<Word: FixedWidthInteger, Element>(
        _ bytes: UnsafeRawBufferPointer, _ type: DataType, _ element: (Word) -> Element
    ) throws(PayloadError) -> [Element] {
        let size = MemoryLayout<Word>.size
        guard bytes.count.isMultiple(of: size) else { throw .badArray(type) }
        var elements: [Element] = []
        elements.reserveCapacity(bytes.count / size)
        for offset in stride(from: 0, to: bytes.count, by: size) {
            elements.append(element(Word(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Word.self))))
        }
        return elements
    }

    /// Four bytes with the number of elements, then one bit for each, the first one highest.
    private static func booleans(_ bytes: UnsafeRawBufferPointer) throws(PayloadError) -> [Bool] {
        guard bytes.count >= 4 else { throw .badArray(.booleanArray) }
        let count = Int(UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self)))
        guard bytes.count - 4 == (count + 7) / 8 else { throw .badArray(.booleanArray) }
        return (0..<count).map { bytes[4 + $0 / 8] & (0x80 >> UInt8($0 % 8)) != 0 }
    }

    /// Each string ends with a zero byte.
    private static func strings(_ bytes: UnsafeRawBufferPointer) throws(PayloadError) -> [String] {
        guard let last = bytes.last else { return [] }
        guard last == 0 else { throw .badArray(.stringArray) }
        return bytes.dropLast().split(separator: 0, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    /// The bytes for `bytes_value`; elements are cut to the width of the type.
    public func bytes(_ type: DataType) -> [UInt8] {
        var writer = WireWriter(capacity: 16)
        switch self {
        case .ints(let elements): for element in elements { writer.word(UInt64(bitPattern: element), type) }
        case .uints(let elements): for element in elements { writer.word(element, type) }
        case .dateTimes(let elements): for element in elements { writer.fixed64(UInt64(bitPattern: element)) }
        case .floats(let elements): for element in elements { writer.fixed32(element.bitPattern) }
        case .doubles(let elements): for element in elements { writer.fixed64(element.bitPattern) }
        case .booleans(let elements):
            writer.fixed32(UInt32(truncatingIfNeeded: elements.count))
            var packed = [UInt8](repeating: 0, count: (elements.count + 7) / 8)
            for (index, element) in elements.enumerated() where element {
                packed[index / 8] |= 0x80 >> UInt8(index % 8)
            }
            writer.raw(packed)
        case .strings(let elements):
            for element in elements {
                writer.raw(element)
                writer.raw([0])
            }
        }
        return writer.takeBytes()
    }
}

extension WireWriter {
    fileprivate mutating func word(_ bits: UInt64, _ type: DataType) {
        switch type {
        case .int8Array, .uint8Array: raw([UInt8(truncatingIfNeeded: bits)])
        case .int16Array, .uint16Array: raw([UInt8(truncatingIfNeeded: bits), UInt8(truncatingIfNeeded: bits >> 8)])
        case .int32Array, .uint32Array: fixed32(UInt32(truncatingIfNeeded: bits))
        default: fixed64(bits)
        }
    }
}
