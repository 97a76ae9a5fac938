public import NIOCore

/// Appends values in the OPC UA binary encoding (Part 6, 5.2) to a `ByteBuffer`.
public struct BinaryWriter {
    /// What was written.
    public var buffer: ByteBuffer

    public init(_ buffer: ByteBuffer = ByteBuffer()) { self.buffer = buffer }

    @inlinable
    public mutating func write<T: FixedWidthInteger>(_ value: T) {
        buffer.writeInteger(value, endianness: .little)
    }

    /// Raw bytes without a length.
    public mutating func write(bytes: some Sequence<UInt8>) { buffer.writeBytes(bytes) }

    /// Bytes with their length before them; nil as length -1.
    public mutating func write(lengthPrefixed bytes: [UInt8]?) {
        guard let bytes else { return write(Int32(-1)) }
        write(Int32(clamping: bytes.count))
        buffer.writeBytes(bytes)
    }

    /// Text as UTF-8 with its length before it; nil as length -1.
    public mutating func write(string: String?) {
        guard let string else { return write(Int32(-1)) }
        write(Int32(clamping: string.utf8.count))
        buffer.writeString(string)
    }

    /// An array with its length before it.
    public mutating func write<T: BinaryEncodable>(array: [T]) {
        write(Int32(clamping: array.count))
        for element in array { element.encode(to: &self) }
    }
}
