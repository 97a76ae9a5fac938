// Strings (RFC 8259 section 7): checked when scanned, unescaped only when asked for.

extension JSONScanner {
    /// Reads a string whose opening quote is at `position`.
    mutating func string(_ kind: JSONToken.Kind) throws(JSONError) -> JSONToken {
        let start = position &+ 1
        var at = start
        var hasEscapes = false
        while true {
            at = skipPlain(from: at)
            guard at < bytes.count else { throw JSONError(.truncated, at: bytes.count) }
            switch bytes[at] {
            case UInt8(ascii: "\""):
                position = at &+ 1
                return JSONToken(kind, start, at, flag: hasEscapes)
            case UInt8(ascii: "\\"):
                hasEscapes = true
                at = try checkEscape(at)
            case 0x80...0xFF:
                let length = UTF8Sequence.length(in: bytes, at: at)
                guard length > 0 else { throw JSONError(.badUTF8, at: at) }
                at &+= length
            default: throw JSONError(.controlCharacter, at: at)
            }
        }
    }

    /// The offset of the first byte that is a quote, a backslash, a control character or not ASCII.
    private func skipPlain(from start: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        var at = start
        while bytes.count &- at >= 8 {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            // The lowest marked byte is exact; a borrow can only mark bytes above it wrongly.
            let control = (word &- (ones &* 0x20)) & ~word
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5C)
            let any = control | ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash) | word
            let marks = any & (ones &* 0x80)
            if marks != 0 { return at &+ marks.trailingZeroBitCount / 8 }
            at &+= 8
        }
        while at < bytes.count {
            let byte = bytes[at]
            if byte < 0x20 || byte >= 0x80 || byte == 0x22 || byte == 0x5C { return at }
            at &+= 1
        }
        return at
    }

    /// Checks the escape at `at` and returns the offset after it.
    private func checkEscape(_ at: Int) throws(JSONError) -> Int {
        guard bytes.count &- at >= 2 else { throw JSONError(.truncated, at: bytes.count) }
        if bytes[at &+ 1] != UInt8(ascii: "u") {
            guard Self.meaning(ofEscape: bytes[at &+ 1]) != nil else { throw JSONError(.badEscape, at: at) }
            return at &+ 2
        }
        let unit = try codeUnit(at)
        switch unit {
        case 0xDC00...0xDFFF: throw JSONError(.badEscape, at: at)
        case 0xD800...0xDBFF:
            let second = at &+ 6
            guard second < bytes.count else { throw JSONError(.truncated, at: bytes.count) }
            guard bytes[second] == UInt8(ascii: "\\") else { throw JSONError(.badEscape, at: at) }
            guard bytes.count &- second >= 2 else { throw JSONError(.truncated, at: bytes.count) }
            guard bytes[second &+ 1] == UInt8(ascii: "u"), (0xDC00...0xDFFF).contains(try codeUnit(second)) else {
                throw JSONError(.badEscape, at: at)
            }
            return at &+ 12
        default: return at &+ 6
        }
    }

    /// The UTF-16 code unit of the escape `\uXXXX` at `at`.
    private func codeUnit(_ at: Int) throws(JSONError) -> UInt32 {
        var unit: UInt32 = 0
        for offset in at &+ 2..<at &+ 6 {
            guard offset < bytes.count else { throw JSONError(.truncated, at: bytes.count) }
            guard let digit = Self.hexDigit(bytes[offset]) else { throw JSONError(.badEscape, at: at) }
            unit = unit << 4 | digit
        }
        return unit
    }

    private static func hexDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte &- UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte &- UInt8(ascii: "a") &+ 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte &- UInt8(ascii: "A") &+ 10)
        default: nil
        }
    }

    private static func meaning(ofEscape byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): byte
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: nil
        }
    }
}

extension JSONScanner {
    /// The text of a key or string, unescaped; of any other token, the text as it stands.
    package func string(_ token: JSONToken) -> String {
        let raw = text(token)
        guard token.hasEscapes else { return String(decoding: raw, as: UTF8.self) }
        return String(unsafeUninitializedCapacity: raw.count) { unescape(raw, into: $0) }
    }

    /// The bytes of a token in place.
    @inlinable
    package func text(_ token: JSONToken) -> UnsafeRawBufferPointer {
        text(token.start..<token.end)
    }

    /// The bytes between two offsets in place.
    @inlinable
    package func text(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
        return UnsafeRawBufferPointer(rebasing: bytes[range])
    }

    /// Whether a key or string says exactly this; builds no string unless there are escapes.
    package func equals(_ token: JSONToken, _ text: StaticString) -> Bool {
        let wanted = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        if token.hasEscapes { return string(token).utf8.elementsEqual(wanted) }
        let raw = self.text(token)
        guard raw.count == wanted.count else { return false }
        for index in 0..<raw.count where raw[index] != wanted[index] { return false }
        return true
    }

    /// Writes the meaning of a checked string; an escape is never shorter than what it means.
    private func unescape(_ raw: UnsafeRawBufferPointer, into target: UnsafeMutableBufferPointer<UInt8>) -> Int {
        var read = 0
        var written = 0
        while read < raw.count {
            guard raw[read] == UInt8(ascii: "\\"), raw.count &- read >= 2 else {
                target[written] = raw[read]
                read &+= 1
                written &+= 1
                continue
            }
            if let meaning = Self.meaning(ofEscape: raw[read &+ 1]) {
                target[written] = meaning
                read &+= 2
                written &+= 1
                continue
            }
            var scalar = Self.unit(raw, read)
            read &+= 6
            if (0xD800...0xDBFF).contains(scalar) {
                scalar = 0x10000 &+ (scalar &- 0xD800) << 10 &+ (Self.unit(raw, read) &- 0xDC00)
                read &+= 6
            }
            for byte in Unicode.UTF8.encode(Unicode.Scalar(scalar) ?? "\u{FFFD}")
                ?? Unicode.UTF8.encodedReplacementCharacter
            {
                target[written] = byte
                written &+= 1
            }
        }
        return written
    }

    private static func unit(_ raw: UnsafeRawBufferPointer, _ at: Int) -> UInt32 {
        guard raw.count &- at >= 6 else { return 0xFFFD }
        return (at &+ 2..<at &+ 6).reduce(0) { $0 << 4 | (hexDigit(raw[$1]) ?? 0) }
    }
}
