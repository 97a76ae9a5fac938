extension UnsafeRawBufferPointer {
    /// The little-endian number at `offset`; the caller has checked that it lies inside.
    func number<Number: FixedWidthInteger & BitwiseCopyable>(at offset: Int, _ type: Number.Type) -> Number {
        Number(littleEndian: loadUnaligned(fromByteOffset: offset, as: type))
    }

    /// The bytes of `range`, in place; the caller has checked that they lie inside.
    func slice(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: self[range])
    }
}

extension UnsafeMutableRawBufferPointer {
    /// Writes a number, little-endian, at `offset`; the caller has made room.
    func store<Number: FixedWidthInteger & BitwiseCopyable>(_ number: Number, at offset: Int) {
        storeBytes(of: number.littleEndian, toByteOffset: offset, as: Number.self)
    }
}

/// A growable buffer of raw bytes, reused from group to group.
struct RawBuffer: ~Copyable {
    private var base: UnsafeMutableRawPointer
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int) {
        self.capacity = Swift.max(capacity, 64)
        base = .allocate(byteCount: self.capacity, alignment: 16)
    }

    deinit { base.deallocate() }

    /// The content in place; valid until the buffer is changed or gone.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    mutating func clear() { count = 0 }

    /// Appends `extra` bytes of any content and returns them to be written.
    mutating func extend(by extra: Int) -> UnsafeMutableRawBufferPointer {
        if capacity - count < extra {
            let wanted = Swift.max(capacity * 2, count + extra)
            let larger = UnsafeMutableRawPointer.allocate(byteCount: wanted, alignment: 16)
            larger.copyMemory(from: base, byteCount: count)
            base.deallocate()
            base = larger
            capacity = wanted
        }
        defer { count += extra }
        return UnsafeMutableRawBufferPointer(start: base + count, count: extra)
    }

    /// Keeps the bytes from `offset` on and drops those before it.
    mutating func dropFirst(_ offset: Int) {
        count -= offset
        // The ranges may overlap; copyMemory moves.
        base.copyMemory(from: base + offset, byteCount: count)
    }

    /// Writes over what is there; the caller has made room.
    mutating func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        guard let start = bytes.baseAddress else { return }
        (base + offset).copyMemory(from: start, byteCount: bytes.count)
    }

    /// Cuts the content back to its first `count` bytes.
    mutating func truncate(to count: Int) {
        self.count = Swift.min(self.count, count)
    }
}
