/// A strict pull reader of JSON text (RFC 8259), bounded in depth; never traps.
struct JSONReader {
    struct Malformed: Error, Equatable {
        let reason: String
    }

    enum Kind { case object, array, string, number, bool, null }

    /// Objects and arrays in each other.
    static let maxDepth = 64

    private let bytes: UnsafeRawBufferPointer
    private(set) var position = 0
    private var depth = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position &+= 1 }
    }

    private func malformed(_ what: String) -> Malformed { Malformed(reason: "\(what) at byte \(position)") }

    /// What the next value is.
    mutating func kind() throws(Malformed) -> Kind {
        skipSpace()
        guard let byte = next else { throw malformed("expected a value") }
        switch byte {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
        case UInt8(ascii: "n"): return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        default: throw malformed("expected a value")
        }
    }

    /// Checks that nothing follows.
    mutating func end() throws(Malformed) {
        skipSpace()
        guard position == bytes.count else { throw malformed("unexpected text") }
    }

    /// Reads an object; `member` must read exactly the value.
    mutating func object(
        _ member: (String, inout JSONReader) throws(Malformed) -> Void
    ) throws(Malformed) {
        try enter("{")
        if leave("}") { return }
        while true {
            guard try kind() == .string else { throw malformed("expected a key") }
            let key = try string()
            skipSpace()
            try expect(":")
            try member(key, &self)
            skipSpace()
            if next == UInt8(ascii: ",") {
                position &+= 1
            } else {
                guard leave("}") else { throw malformed("expected , or }") }
                return
            }
        }
    }

    /// Reads an array; `element` must read exactly one value.
    mutating func array(_ element: (inout JSONReader) throws(Malformed) -> Void) throws(Malformed) {
        try enter("[")
        if leave("]") { return }
        while true {
            try element(&self)
            skipSpace()
            if next == UInt8(ascii: ",") {
                position &+= 1
            } else {
                guard leave("]") else { throw malformed("expected , or ]") }
                return
            }
        }
    }

    private mutating func enter(_ open: Unicode.Scalar) throws(Malformed) {
        skipSpace()
        try expect(open)
        depth &+= 1
        guard depth <= Self.maxDepth else { throw malformed("nested too deep") }
    }

    private mutating func leave(_ close: Unicode.Scalar) -> Bool {
        skipSpace()
        guard next == UInt8(ascii: close) else { return false }
        position &+= 1
        depth &-= 1
        return true
    }

    private mutating func expect(_ scalar: Unicode.Scalar) throws(Malformed) {
        guard next == UInt8(ascii: scalar) else { throw malformed("expected \(scalar)") }
        position &+= 1
    }

    /// Reads true or false.
    mutating func bool() throws(Malformed) -> Bool {
        skipSpace()
        if literal("true") { return true }
        if literal("false") { return false }
        throw malformed("expected true or false")
    }

    /// Reads null.
    mutating func null() throws(Malformed) {
        skipSpace()
        guard literal("null") else { throw malformed("expected null") }
    }

    private mutating func literal(_ text: StaticString) -> Bool {
        let end = position &+ text.utf8CodeUnitCount
        guard end <= bytes.count else { return false }
        let wanted = UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        guard bytes[position..<end].elementsEqual(wanted) else { return false }
        position = end
        return true
    }

    /// Reads a number as text.
    mutating func number() throws(Malformed) -> String {
        skipSpace()
        let start = position
        if next == UInt8(ascii: "-") { position &+= 1 }
        let whole = digits()
        guard whole > 0, whole == 1 || bytes[position &- whole] != UInt8(ascii: "0") else {
            throw malformed("bad number")
        }
        if next == UInt8(ascii: ".") {
            position &+= 1
            guard digits() > 0 else { throw malformed("bad number") }
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            position &+= 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position &+= 1 }
            guard digits() > 0 else { throw malformed("bad number") }
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func digits() -> Int {
        let start = position
        while let byte = next, byte >= 0x30, byte <= 0x39 { position &+= 1 }
        return position &- start
    }

    /// Reads a text.
    mutating func string() throws(Malformed) -> String {
        skipSpace()
        try expect("\"")
        let start = position
        while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { position &+= 1 }
        if next == UInt8(ascii: "\"") {
            defer { position &+= 1 }
            guard let text = String(validating: bytes[start..<position], as: UTF8.self) else {
                throw malformed("text is not UTF-8")
            }
            return text
        }
        var text = Array(bytes[start..<position])
        while let byte = next {
            position &+= 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let result = String(validating: text, as: UTF8.self) else { throw malformed("text is not UTF-8") }
                return result
            case UInt8(ascii: "\\"): try escape(into: &text)
            case 0..<0x20: throw malformed("a control character in a text")
            default: text.append(byte)
            }
        }
        throw malformed("a text has no end")
    }

    private mutating func escape(into text: inout [UInt8]) throws(Malformed) {
        guard let byte = next else { throw malformed("a text has no end") }
        position &+= 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(8)
        case UInt8(ascii: "f"): text.append(12)
        case UInt8(ascii: "n"): text.append(10)
        case UInt8(ascii: "r"): text.append(13)
        case UInt8(ascii: "t"): text.append(9)
        case UInt8(ascii: "u"):
            var code = try hex()
            if (0xD800..<0xDC00).contains(code) {
                guard next == UInt8(ascii: "\\") else { throw malformed("half of a surrogate pair") }
                position &+= 1
                guard next == UInt8(ascii: "u") else { throw malformed("half of a surrogate pair") }
                position &+= 1
                let low = try hex()
                guard (0xDC00..<0xE000).contains(low) else { throw malformed("half of a surrogate pair") }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw malformed("half of a surrogate pair") }
            text.append(contentsOf: Array(String(scalar).utf8))
        default: throw malformed("unknown escape")
        }
    }

    private mutating func hex() throws(Malformed) -> UInt32 {
        guard position &+ 4 <= bytes.count,
            bytes[position..<position &+ 4].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let value = UInt32(String(decoding: bytes[position..<position &+ 4], as: UTF8.self), radix: 16)
        else { throw malformed("bad \\u escape") }
        position &+= 4
        return value
    }

    /// Reads any value and forgets it.
    mutating func skipValue() throws(Malformed) {
        switch try kind() {
        case .object: try object { _, reader throws(Malformed) in try reader.skipValue() }
        case .array: try array { reader throws(Malformed) in try reader.skipValue() }
        case .string: _ = try string()
        case .number: _ = try number()
        case .bool: _ = try bool()
        case .null: try null()
        }
    }

    /// Reads any value and returns its text as it stands.
    mutating func rawValue() throws(Malformed) -> UnsafeRawBufferPointer {
        _ = try kind()
        let start = position
        try skipValue()
        return UnsafeRawBufferPointer(rebasing: bytes[start..<position])
    }
}
