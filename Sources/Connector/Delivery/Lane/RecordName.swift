/// The encoded `record_id` of one record after the other; the digits are counted up in place.
struct RecordName: ~Copyable {
    /// Bytes that ``copy(to:)`` may write, whatever ``count`` says.
    static let copyBytes = 48

    // 52 LL 0A 09 record_id 12 LL <16 hexadecimal digits> - <1 to 10 digits>
    private static let entryLength = 1
    private static let keyStart = 2
    private static let textLength = 14
    private static let hexStart = 15
    private static let digitsStart = 32
    private static let digitsMax = 10

    private let bytes: UnsafeMutableRawPointer
    /// Bytes of the whole field.
    private(set) var count = RecordName.digitsStart + 1
    private var segmentID: UInt64 = 0
    private var index: UInt64 = 0

    init() {
        bytes = .allocate(byteCount: Self.copyBytes, alignment: 16)
        bytes.initializeMemory(as: UInt8.self, repeating: 0, count: Self.copyBytes)
        let field: StaticString = "\u{52}_\u{0A}\u{09}record_id\u{12}"
        bytes.copyMemory(from: field.utf8Start, byteCount: field.utf8CodeUnitCount)
        begin(segmentID: .max, index: 0)
    }

    deinit { bytes.deallocate() }

    /// Goes to a record of a segment.
    mutating func begin(segmentID: UInt64, index: UInt64) {
        // Frames mostly follow each other.
        if segmentID == self.segmentID, index == self.index { return }
        self.segmentID = segmentID
        let hex: StaticString = "0123456789abcdef"
        for digit in 0..<16 {
            let nibble = Int(truncatingIfNeeded: segmentID >> UInt64(60 - 4 * digit) & 0xF)
            set(hex.utf8Start[nibble], at: Self.hexStart + digit)
        }
        set(UInt8(ascii: "-"), at: Self.digitsStart - 1)
        write(index)
    }

    private mutating func write(_ index: UInt64) {
        self.index = index
        var digits = 1
        var rest = index / 10
        while rest > 0, digits < Self.digitsMax {
            digits += 1
            rest /= 10
        }
        rest = index
        for place in (0..<digits).reversed() {
            set(UInt8(ascii: "0") + UInt8(rest % 10), at: Self.digitsStart + place)
            rest /= 10
        }
        count = Self.digitsStart + digits
        set(UInt8(count - Self.keyStart), at: Self.entryLength)
        set(UInt8(count - Self.hexStart), at: Self.textLength)
    }

    /// Goes to the next record of the segment.
    @inline(__always)
    mutating func advance() {
        let last = count - 1
        let digit = bytes.load(fromByteOffset: last, as: UInt8.self)
        if digit < UInt8(ascii: "9") {
            set(digit + 1, at: last)
            index &+= 1
        } else {
            carry()
        }
    }

    private mutating func carry() {
        write(index &+ 1)
    }

    /// Writes the field and perhaps more: ``copyBytes`` must be free at `place`.
    @inline(__always)
    func copy(to place: UnsafeMutableRawPointer) {
        place.copyMemory(from: bytes, byteCount: Self.copyBytes)
    }

    @inline(__always)
    private func set(_ byte: UInt8, at offset: Int) {
        bytes.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
    }
}
