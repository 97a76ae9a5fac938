/// A bounds-checked cursor over bytes in the OPC UA binary encoding (Part 6, 5.2); little-endian, never traps.
///
/// It borrows the bytes: use it inside the closure that lends them and do not let it escape.
public struct BinaryReader {
    @usableFromInline let bytes: UnsafeRawBufferPointer
    @usableFromInline var position = 0
    /// Bounds of what is read.
    public let limits: DecodingLimits
    /// Levels entered, of ``DecodingLimits/maxDepth``.
    private(set) var depth = 0
    /// What is left of ``DecodingLimits/maxMemoryBytes``.
    private var memoryLeft: Int

    public init(_ bytes: UnsafeRawBufferPointer, limits: DecodingLimits = DecodingLimits()) {
        self.bytes = bytes
        self.limits = limits
        memoryLeft = limits.maxMemoryBytes
    }

    /// Bytes that stand inside a value that is itself `depth` levels deep.
    init(_ bytes: UnsafeRawBufferPointer, limits: DecodingLimits, depth: Int) {
        self.init(bytes, limits: limits)
        self.depth = depth
    }

    /// Bytes that are left.
    @inlinable public var remaining: Int { bytes.count &- position }
    /// Bytes that were read.
    @inlinable public var offset: Int { position }

    @inlinable
    mutating func readInteger<T: FixedWidthInteger & BitwiseCopyable>(
        _ type: T.Type = T.self
    ) throws(BinaryDecodingError) -> T {
        guard remaining >= MemoryLayout<T>.size else { throw .truncated }
        let value = bytes.loadUnaligned(fromByteOffset: position, as: T.self)
        position &+= MemoryLayout<T>.size
        return T(littleEndian: value)
    }

    @inlinable public mutating func readUInt8() throws(BinaryDecodingError) -> UInt8 { try readInteger() }
    @inlinable public mutating func readUInt16() throws(BinaryDecodingError) -> UInt16 { try readInteger() }
    @inlinable public mutating func readUInt32() throws(BinaryDecodingError) -> UInt32 { try readInteger() }
    @inlinable public mutating func readUInt64() throws(BinaryDecodingError) -> UInt64 { try readInteger() }
    @inlinable public mutating func readInt32() throws(BinaryDecodingError) -> Int32 { try readInteger() }
    @inlinable public mutating func readInt64() throws(BinaryDecodingError) -> Int64 { try readInteger() }

    /// Skips bytes that are not needed.
    public mutating func skip(_ count: Int) throws(BinaryDecodingError) {
        guard count >= 0, remaining >= count else { throw .truncated }
        position &+= count
    }

    /// Bytes of a length-prefixed String or ByteString, nil for null (length -1); lent, not copied.
    public mutating func readLengthPrefixed() throws(BinaryDecodingError) -> UnsafeRawBufferPointer? {
        let length = Int(try readInt32())
        guard length >= 0 else { return nil }
        guard length <= limits.maxStringBytes else { throw .limitExceeded(.string) }
        guard length <= remaining else { throw .truncated }
        let slice = UnsafeRawBufferPointer(rebasing: bytes[position..<(position &+ length)])
        position &+= length
        return slice
    }

    /// A fixed number of raw bytes; lent, not copied.
    public mutating func readBytes(_ count: Int) throws(BinaryDecodingError) -> UnsafeRawBufferPointer {
        guard count >= 0, count <= remaining else { throw .truncated }
        let slice = UnsafeRawBufferPointer(rebasing: bytes[position..<(position &+ count)])
        position &+= count
        return slice
    }

    /// Number of elements of an array, nil for null; never more than the bytes left can hold.
    public mutating func readArrayLength() throws(BinaryDecodingError) -> Int? {
        let length = Int(try readInt32())
        guard length >= 0 else { return nil }
        guard length <= limits.maxArrayLength else { throw .limitExceeded(.array) }
        guard length <= remaining else { throw .truncated }
        return length
    }

    /// An array; null reads as empty.
    /// - Parameter count: number of elements; nil when it stands before them.
    public mutating func readArray<T: BinaryDecodable>(
        _ type: T.Type, count: Int? = nil
    ) throws(BinaryDecodingError) -> [T] {
        var length = count
        if length == nil { length = try readArrayLength() }
        guard let count = length else { return [] }
        try claim(count, of: MemoryLayout<T>.stride)
        var result: [T] = []
        // What a peer only claims is not reserved: most types take more memory than bytes on the wire.
        result.reserveCapacity(min(count, 1024))
        for _ in 0..<count { result.append(try T(from: &self)) }
        return result
    }

    /// Counts memory that elements will take.
    mutating func claim(_ count: Int, of bytes: Int) throws(BinaryDecodingError) {
        let (total, isTooMuch) = count.multipliedReportingOverflow(by: bytes)
        guard !isTooMuch, total <= memoryLeft else { throw .limitExceeded(.memory) }
        memoryLeft &-= total
    }

    /// Enters one more level of a type that can contain itself; pair with ``leave()``.
    mutating func enter() throws(BinaryDecodingError) {
        guard depth < limits.maxDepth else { throw .limitExceeded(.depth) }
        depth &+= 1
    }

    mutating func leave() { depth &-= 1 }
}
