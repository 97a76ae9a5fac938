/// Whole fields, tag and value. Every call writes its field, default values too: the readers of our records
/// take an absent field as NULL.
extension WireWriter {
    /// Appends a field of type uint32, uint64 or enum.
    @inlinable @inline(__always)
    package mutating func field(_ number: UInt32, unsigned value: UInt64) {
        tag(number, .varint)
        varint(value)
    }

    /// Appends a field of type int32 or int64; negative values take ten bytes.
    @inlinable @inline(__always)
    package mutating func field(_ number: UInt32, int64 value: Int64) {
        tag(number, .varint)
        varint(UInt64(bitPattern: value))
    }

    /// Appends a field of type bool.
    @inlinable @inline(__always)
    package mutating func field(_ number: UInt32, bool value: Bool) {
        tag(number, .varint)
        varint(value ? 1 : 0)
    }

    /// Appends a field of type double.
    @inlinable @inline(__always)
    package mutating func field(_ number: UInt32, double value: Double) {
        tag(number, .fixed64)
        fixed64(value.bitPattern)
    }

    /// Appends a field of type float.
    @inlinable @inline(__always)
    package mutating func field(_ number: UInt32, float value: Float) {
        tag(number, .fixed32)
        fixed32(value.bitPattern)
    }

    /// Appends a field of type string.
    @inlinable @inline(__always)
    package mutating func field(_ number: UInt32, string value: String) {
        var value = value
        value.withUTF8 { field(number, bytes: UnsafeRawBufferPointer($0)) }
    }

    /// Appends a field of type bytes (or an already encoded message).
    @inlinable @inline(__always)
    package mutating func field(_ number: UInt32, bytes value: UnsafeRawBufferPointer) {
        tag(number, .lengthDelimited)
        varint(UInt64(value.count))
        raw(value)
    }

    /// Appends a field of type bytes (or an already encoded message).
    @inlinable @inline(__always)
    package mutating func field(_ number: UInt32, bytes value: [UInt8]) {
        value.withUnsafeBytes { field(number, bytes: $0) }
    }
}

extension WireWriter {
    /// An open nested message: where its content starts.
    @frozen
    package struct Nested {
        @usableFromInline let start: Int
        @inlinable init(start: Int) { self.start = start }
    }

    /// Opens a nested message; everything up to ``endNested(_:)`` becomes its content.
    @inlinable @inline(__always)
    package mutating func beginNested(_ number: UInt32) -> Nested {
        tag(number, .lengthDelimited)
        // One byte for the length, which is right for content below 128 bytes.
        reserve(1)
        length &+= 1
        return Nested(start: length)
    }

    /// Closes a nested message and writes its length; content of 128 bytes or more is moved up to make room.
    @inlinable @inline(__always)
    package mutating func endNested(_ nested: Nested) {
        let size = length &- nested.start
        precondition(nested.start > 0 && size >= 0)
        if size < 0x80 {
            base.storeBytes(of: UInt8(truncatingIfNeeded: size), toByteOffset: nested.start &- 1, as: UInt8.self)
        } else {
            closeLong(nested.start, size)
        }
    }

    @usableFromInline
    mutating func closeLong(_ start: Int, _ size: Int) {
        let extra = WireSize.varint(UInt64(size)) - 1
        reserve(extra)
        (base + start + extra).copyMemory(from: base + start, byteCount: size)
        length = start - 1
        varint(UInt64(size))
        length += size
    }
}
