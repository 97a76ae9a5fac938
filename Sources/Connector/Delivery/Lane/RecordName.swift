import ConnectorModel

/// The encoded `record_id` of one record after the other; the digits are counted up in place.
struct RecordName: ~Copyable {
    /// Bytes that ``copy(to:)`` may write, whatever ``count`` says.
    static let copyBytes = 48

    private static let digitsMax = 10
    private static let key: StaticString = "\u{0A}\u{09}record_id\u{12}"

    /// Offset of the length of the map's entry; nil when the name is a column.
    private let entryLength: Int?
    /// Offset of the length of the name's text, which follows it: 16 hexadecimal digits, `-`, 1 to 10 digits.
    private let textLength: Int
    private var hexStart: Int { textLength + 1 }
    private var digitsStart: Int { hexStart + 17 }
    private let bytes: UnsafeMutableRawPointer
    /// Bytes of the whole field.
    private(set) var count = 0
    private var segmentID: UInt64 = 0
    private var index: UInt64 = 0

    init(_ place: RecordLayout.RecordIDPlace) {
        bytes = .allocate(byteCount: Self.copyBytes, alignment: 16)
        bytes.initializeMemory(as: UInt8.self, repeating: 0, count: Self.copyBytes)
        var head: [UInt8] = []
        switch place {
        case .column(let number):
            head = Self.tag(number)
            entryLength = nil
        case .metadata(let number):
            head = Self.tag(number)
            entryLength = head.count
            head += [0] + Array(UnsafeBufferPointer(start: Self.key.utf8Start, count: Self.key.utf8CodeUnitCount))
        }
        textLength = head.count
        head.withUnsafeBytes { bytes.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(bytes), byteCount: $0.count) }
        begin(segmentID: .max, index: 0)
    }

    /// The protobuf tag of a length-delimited field.
    private static func tag(_ number: UInt32) -> [UInt8] {
        var rest = number << 3 | 2
        var bytes: [UInt8] = []
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    deinit { bytes.deallocate() }

    /// The name as text.
    static func text(segmentID: UInt64, index: UInt64) -> String {
        let digits = String(segmentID, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits + "-\(index)"
    }

    /// Goes to a record of a segment.
    mutating func begin(segmentID: UInt64, index: UInt64) {
        // Frames mostly follow each other.
        if segmentID == self.segmentID, index == self.index { return }
        self.segmentID = segmentID
        let hex: StaticString = "0123456789abcdef"
        for digit in 0..<16 {
            let nibble = Int(truncatingIfNeeded: segmentID >> UInt64(60 - 4 * digit) & 0xF)
            set(hex.utf8Start[nibble], at: hexStart + digit)
        }
        set(UInt8(ascii: "-"), at: digitsStart - 1)
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
            set(UInt8(ascii: "0") + UInt8(rest % 10), at: digitsStart + place)
            rest /= 10
        }
        count = digitsStart + digits
        if let entryLength { set(UInt8(count - entryLength - 1), at: entryLength) }
        set(UInt8(count - hexStart), at: textLength)
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
