/// A growable raw buffer that protobuf fields are appended to; reused from record to record.
///
/// Memory is owned by the writer and freed with it. Growth doubles the capacity, so a reused writer
/// soon stops allocating. Writing cannot fail; sizes are the caller's own and not a peer's.
@frozen
package struct WireWriter: ~Copyable {
    @usableFromInline var base: UnsafeMutableRawPointer
    /// Bytes that fit before the next growth.
    @usableFromInline var space: Int
    @usableFromInline var length: Int

    /// Allocates room for `capacity` bytes.
    @inlinable
    package init(capacity: Int = 256) {
        space = max(capacity, 16)
        base = .allocate(byteCount: space, alignment: 16)
        length = 0
    }

    deinit { base.deallocate() }

    /// Bytes written since the start or the last ``clear()``.
    @inlinable
    package var count: Int { length }

    /// Forgets the content and keeps the memory.
    @inlinable
    package mutating func clear() { length = 0 }

    /// Cuts the content back to its first `count` bytes.
    @inlinable
    package mutating func truncate(to count: Int) {
        precondition(count >= 0 && count <= length)
        length = count
    }

    /// Makes sure that `extra` more bytes fit.
    @inlinable
    package mutating func reserve(_ extra: Int) {
        if space &- length < extra { grow(extra) }
    }

    /// Where the next byte goes. As many bytes as ``reserve(_:)`` made room for may be written from here on.
    @inlinable @inline(__always)
    package var end: UnsafeMutableRawPointer { base + length }

    /// Takes over what was written from ``end`` on.
    /// - Parameter end: the byte behind it.
    @inlinable @inline(__always)
    package mutating func advance(to end: UnsafeMutableRawPointer) {
        length = base.distance(to: end)
        precondition(length <= space)
    }

    @usableFromInline
    mutating func grow(_ extra: Int) {
        let wanted = space * 2 + extra
        let larger = UnsafeMutableRawPointer.allocate(byteCount: wanted, alignment: 16)
        larger.copyMemory(from: base, byteCount: length)
        base.deallocate()
        base = larger
        space = wanted
    }

    /// The content in place; the pointer must not leave the closure.
    @inlinable
    package borrowing func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(start: base, count: length))
    }

    /// A copy of the content.
    @inlinable
    package borrowing func bytes() -> [UInt8] {
        let source = UnsafeRawBufferPointer(start: base, count: length)
        return [UInt8](unsafeUninitializedCapacity: length) { target, count in
            UnsafeMutableRawBufferPointer(target).copyMemory(from: source)
            count = source.count
        }
    }

    /// A copy of the content; the writer is empty afterwards and keeps its memory.
    @inlinable
    package mutating func takeBytes() -> [UInt8] {
        let result = bytes()
        length = 0
        return result
    }
}

// The buffer has one owner and no aliases.
extension WireWriter: @unchecked Sendable {}
