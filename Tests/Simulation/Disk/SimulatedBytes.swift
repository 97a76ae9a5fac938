/// The content of a simulated file: memory that is copied and cleared in bulk, for a world is made of such copies.
struct SimulatedBytes: ~Copyable {
    private var base: UnsafeMutableRawPointer
    private var capacity: Int
    private(set) var count = 0

    init() {
        capacity = 4096
        base = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit { base.deallocate() }

    /// In place; valid until the content changes.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    /// Cuts the content, or lengthens it with zeros.
    mutating func resize(to size: Int) {
        reserve(size)
        if size > count { (base + count).initializeMemory(as: UInt8.self, repeating: 0, count: size - count) }
        count = size
    }

    /// Writes over what lies at `offset`; what is missing before it is zero.
    mutating func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        if count < offset + bytes.count { resize(to: offset + bytes.count) }
        guard let start = bytes.baseAddress else { return }
        (base + offset).copyMemory(from: start, byteCount: bytes.count)
    }

    /// Copies what lies from `offset` on, as far as there is any, and returns how much.
    func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        guard offset < count, let start = bytes.baseAddress else { return 0 }
        let length = min(bytes.count, count - offset)
        start.copyMemory(from: base + offset, byteCount: length)
        return length
    }

    /// Flips bits of one byte, if there is such a byte.
    mutating func flip(at offset: Int, _ bits: UInt8) {
        guard offset >= 0, offset < count else { return }
        let byte = base.load(fromByteOffset: offset, as: UInt8.self)
        base.storeBytes(of: byte ^ bits, toByteOffset: offset, as: UInt8.self)
    }

    /// Becomes equal to another content.
    mutating func copy(_ other: borrowing SimulatedBytes) {
        reserve(other.count)
        base.copyMemory(from: other.base, byteCount: other.count)
        count = other.count
    }

    private mutating func reserve(_ size: Int) {
        guard size > capacity else { return }
        capacity = max(size, 2 * capacity)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
        larger.copyMemory(from: base, byteCount: count)
        base.deallocate()
        base = larger
    }
}
