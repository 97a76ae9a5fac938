/// A bounded forward reader over the bytes of one protobuf message.
///
/// Reads never leave the buffer and never trap, whatever the bytes are: malformed input throws ``WireError``.
/// The reader does not own the bytes; it and every slice that it returns are valid only while the buffer is.
@frozen
package struct WireReader {
    @usableFromInline let bytes: UnsafeRawBufferPointer
    @usableFromInline var position: Int

    /// Starts at the first byte of `bytes`.
    @inlinable
    package init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        self.position = 0
    }

    /// Bytes read so far.
    @inlinable
    package var offset: Int { position }

    /// Bytes left to read.
    @inlinable
    package var remaining: Int { bytes.count &- position }

    /// Whether every byte has been read.
    @inlinable
    package var isAtEnd: Bool { position >= bytes.count }

    /// Reads the next tag; nil at the end of the message.
    @inlinable
    package mutating func tag() throws(WireError) -> WireTag? {
        if isAtEnd { return nil }
        let key = try varint()
        guard let type = WireType(rawValue: UInt8(truncatingIfNeeded: key & 7)), key >= 8, key >> 3 <= 0x1FFF_FFFF
        else { throw .badTag }
        return WireTag(field: UInt32(truncatingIfNeeded: key >> 3), type: type)
    }

    /// Reads a base-128 varint of one to ten bytes.
    @inlinable
    package mutating func varint() throws(WireError) -> UInt64 {
        guard position < bytes.count else { throw .truncated }
        let first = bytes[position]
        if first < 0x80 {
            position &+= 1
            return UInt64(first)
        }
        return try longVarint()
    }

    @usableFromInline
    mutating func longVarint() throws(WireError) -> UInt64 {
        var result: UInt64 = 0
        var shift: UInt64 = 0
        var at = position
        while at < bytes.count {
            let byte = bytes[at]
            at &+= 1
            // The tenth byte holds bit 63 only.
            if shift == 63, byte > 1 { throw .varintTooLong }
            result |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 {
                position = at
                return result
            }
            shift &+= 7
        }
        throw .truncated
    }

    /// Reads four little-endian bytes.
    @inlinable
    package mutating func fixed32() throws(WireError) -> UInt32 {
        guard remaining >= 4 else { throw .truncated }
        let value = bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self)
        position &+= 4
        return UInt32(littleEndian: value)
    }

    /// Reads eight little-endian bytes.
    @inlinable
    package mutating func fixed64() throws(WireError) -> UInt64 {
        guard remaining >= 8 else { throw .truncated }
        let value = bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
        position &+= 8
        return UInt64(littleEndian: value)
    }

    /// Reads a length and returns that many bytes in place, without copying.
    @inlinable
    package mutating func lengthDelimited() throws(WireError) -> UnsafeRawBufferPointer {
        let length = try varint()
        guard length <= UInt64(remaining) else { throw .truncated }
        let start = position
        position &+= Int(truncatingIfNeeded: length)
        return UnsafeRawBufferPointer(rebasing: bytes[start..<position])
    }

    /// Skips the value behind a tag that the caller does not know.
    @inlinable
    package mutating func skip(_ type: WireType) throws(WireError) {
        switch type {
        case .varint: _ = try varint()
        case .fixed64: _ = try fixed64()
        case .fixed32: _ = try fixed32()
        case .lengthDelimited: _ = try lengthDelimited()
        }
    }
}
