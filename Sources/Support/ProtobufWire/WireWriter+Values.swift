extension WireWriter {
    /// Appends a base-128 varint (one to ten bytes).
    @inlinable @inline(__always)
    package mutating func varint(_ value: UInt64) {
        reserve(10)
        var value = value
        while value >= 0x80 {
            base.storeBytes(of: UInt8(truncatingIfNeeded: value) | 0x80, toByteOffset: length, as: UInt8.self)
            length &+= 1
            value >>= 7
        }
        base.storeBytes(of: UInt8(truncatingIfNeeded: value), toByteOffset: length, as: UInt8.self)
        length &+= 1
    }

    /// Appends the tag of a field.
    @inlinable @inline(__always)
    package mutating func tag(_ field: UInt32, _ type: WireType) {
        varint(UInt64(field) << 3 | UInt64(type.rawValue))
    }

    /// Appends four little-endian bytes.
    @inlinable @inline(__always)
    package mutating func fixed32(_ value: UInt32) {
        reserve(4)
        base.storeBytes(of: value.littleEndian, toByteOffset: length, as: UInt32.self)
        length &+= 4
    }

    /// Appends eight little-endian bytes.
    @inlinable @inline(__always)
    package mutating func fixed64(_ value: UInt64) {
        reserve(8)
        base.storeBytes(of: value.littleEndian, toByteOffset: length, as: UInt64.self)
        length &+= 8
    }

    /// Appends bytes as they are, without tag or length.
    @inlinable @inline(__always)
    package mutating func raw(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        reserve(bytes.count)
        (base + length).copyMemory(from: source, byteCount: bytes.count)
        length &+= bytes.count
    }

    /// Appends bytes as they are, without tag or length.
    @inlinable @inline(__always)
    package mutating func raw(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { raw($0) }
    }

    /// Appends the UTF-8 bytes of `text` as they are, without tag or length.
    @inlinable @inline(__always)
    package mutating func raw(_ text: String) {
        var text = text
        text.withUTF8 { raw(UnsafeRawBufferPointer($0)) }
    }
}
