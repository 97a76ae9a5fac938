/// Byte strings that live as long as their owner, close together in few large pieces of memory.
///
/// A hundred thousand tags keep several texts each. As values of their own every one would cost a header, its slack
/// and a place in the heap between what is soon given back; here it costs its bytes.
package struct ByteArena: Sendable {
    /// Where a byte string begins: the piece and the place in it.
    package struct Reference: Hashable, Sendable {
        fileprivate let number: UInt32
    }

    private static let pieceBytes = 1 << 16
    private var pieces: [[UInt8]] = []

    package init() {}

    /// Bytes in use, each string's length included.
    package var bytes: Int { pieces.reduce(0) { $0 + $1.count } }

    /// Keeps bytes.
    package mutating func append(_ bytes: [UInt8]) -> Reference {
        var head = PackedWriter()
        head.number(UInt64(bytes.count))
        let length = head.bytes.count + bytes.count
        if pieces.isEmpty || Self.pieceBytes - pieces[pieces.count - 1].count < length {
            var piece: [UInt8] = []
            piece.reserveCapacity(max(Self.pieceBytes, length))
            pieces.append(piece)
        }
        let last = pieces.count - 1
        // What is longer than a piece has one of its own, so everything begins in the first 64 KiB of one.
        let reference = Reference(number: UInt32(last << 16 | pieces[last].count))
        pieces[last].append(contentsOf: head.bytes)
        pieces[last].append(contentsOf: bytes)
        return reference
    }

    /// The bytes that were kept.
    package subscript(reference: Reference) -> ArraySlice<UInt8> {
        var reader = PackedReader(pieces[Int(reference.number >> 16)][Int(reference.number & 0xFFFF)...])
        return reader.bytes()
    }
}

/// Makes the bytes of an arena: numbers in groups of seven bits, texts behind their length.
package struct PackedWriter {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    package mutating func clear() { bytes.removeAll(keepingCapacity: true) }

    package mutating func number(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    package mutating func text(_ text: String) {
        number(UInt64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    package mutating func bytes(_ content: [UInt8]) {
        number(UInt64(content.count))
        bytes.append(contentsOf: content)
    }
}

/// Reads what a ``PackedWriter`` wrote, in the same order.
package struct PackedReader {
    private let source: ArraySlice<UInt8>
    private var place: Int

    package init(_ bytes: ArraySlice<UInt8>) {
        source = bytes
        place = bytes.startIndex
    }

    package mutating func number() -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = source[place]
            place += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
    }

    package mutating func bytes() -> ArraySlice<UInt8> {
        let length = Int(number())
        defer { place += length }
        return source[place..<place + length]
    }

    package mutating func text() -> String { String(decoding: bytes(), as: UTF8.self) }
}
