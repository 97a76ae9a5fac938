/// A strict pull scanner over the bytes of one JSON text (RFC 8259).
///
/// It allocates nothing, never reads outside the buffer and never traps, whatever the bytes are. A text is
/// accepted once `next()` has returned `.end`; after an error the scanner is of no use any more. It does not own
/// the bytes: it and its tokens are valid only while the buffer is.
@frozen
package struct JSONScanner {
    /// Arrays and objects inside each other.
    package static let depthMax = 64

    /// What may come next.
    @usableFromInline
    enum Expectation {
        case value
        case valueOrEnd
        case keyOrEnd
        case commaOrEnd
        case nothing
    }

    @usableFromInline let bytes: UnsafeRawBufferPointer
    @usableFromInline var position = 0
    @usableFromInline var depth = 0
    /// One bit for each open level, the innermost lowest: 1 for an object.
    @usableFromInline var objects: UInt64 = 0
    @usableFromInline var expectation = Expectation.value
    @usableFromInline let takesNonFinite: Bool

    /// Starts at the first byte.
    /// - Parameter takesNonFinite: whether the words `NaN`, `Infinity` and `-Infinity`, which several widespread
    ///   writers use as numbers, are taken for values; strict JSON refuses them.
    package init(_ bytes: UnsafeRawBufferPointer, takesNonFinite: Bool = false) {
        self.bytes = bytes
        self.takesNonFinite = takesNonFinite
    }

    /// How many arrays and objects are open.
    package var openLevels: Int { depth }

    /// Reads the next token.
    /// - Throws: `JSONError` with the offset of the byte at fault.
    package mutating func next() throws(JSONError) -> JSONToken {
        skipSpace()
        guard position < bytes.count else {
            guard expectation == .nothing else { throw JSONError(.truncated, at: position) }
            return JSONToken(.end, position, position)
        }
        let byte = bytes[position]
        switch expectation {
        case .value: return try value(byte)
        case .valueOrEnd: return byte == UInt8(ascii: "]") ? close(.endArray) : try value(byte)
        case .keyOrEnd: return byte == UInt8(ascii: "}") ? close(.endObject) : try key(byte)
        case .commaOrEnd: return try afterValue(byte)
        case .nothing: throw JSONError(.trailingText, at: position)
        }
    }

    /// Reads on to the end of the array or object that `begin` opened, checking all of it.
    /// - Returns: the offsets of the whole text of the array or object, brackets included.
    package mutating func skip(_ begin: JSONToken) throws(JSONError) -> Range<Int> {
        let outer = depth &- 1
        while depth > outer { _ = try next() }
        return begin.start..<max(begin.start, position)
    }

    private mutating func afterValue(_ byte: UInt8) throws(JSONError) -> JSONToken {
        let isObject = objects & 1 == 1
        guard byte == UInt8(ascii: ",") else {
            guard byte == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
                throw JSONError(.unexpectedByte, at: position)
            }
            return close(isObject ? .endObject : .endArray)
        }
        position &+= 1
        skipSpace()
        guard position < bytes.count else { throw JSONError(.truncated, at: position) }
        return isObject ? try key(bytes[position]) : try value(bytes[position])
    }

    private mutating func key(_ byte: UInt8) throws(JSONError) -> JSONToken {
        guard byte == UInt8(ascii: "\"") else { throw JSONError(.unexpectedByte, at: position) }
        let key = try string(.key)
        skipSpace()
        guard position < bytes.count else { throw JSONError(.truncated, at: position) }
        guard bytes[position] == UInt8(ascii: ":") else { throw JSONError(.unexpectedByte, at: position) }
        position &+= 1
        expectation = .value
        return key
    }

    private mutating func value(_ byte: UInt8) throws(JSONError) -> JSONToken {
        switch byte {
        case UInt8(ascii: "\""):
            let token = try string(.string)
            valueEnded()
            return token
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            if takesNonFinite, byte == UInt8(ascii: "-"), let token = word("-Infinity", .nonFinite) { return token }
            let token = try number()
            valueEnded()
            return token
        case UInt8(ascii: "{"): return try open(.beginObject)
        case UInt8(ascii: "["): return try open(.beginArray)
        case UInt8(ascii: "t"): if let token = word("true", .true) { return token }
        case UInt8(ascii: "f"): if let token = word("false", .false) { return token }
        case UInt8(ascii: "n"): if let token = word("null", .null) { return token }
        case UInt8(ascii: "N"): if takesNonFinite, let token = word("NaN", .nonFinite) { return token }
        case UInt8(ascii: "I"): if takesNonFinite, let token = word("Infinity", .nonFinite) { return token }
        default: break
        }
        throw JSONError(.unexpectedByte, at: position)
    }

    private mutating func word(_ text: StaticString, _ kind: JSONToken.Kind) -> JSONToken? {
        let length = text.utf8CodeUnitCount
        guard bytes.count &- position >= length else { return nil }
        for index in 0..<length where bytes[position &+ index] != text.utf8Start[index] { return nil }
        let token = JSONToken(kind, position, position &+ length)
        position &+= length
        valueEnded()
        return token
    }

    private mutating func open(_ kind: JSONToken.Kind) throws(JSONError) -> JSONToken {
        guard depth < Self.depthMax else { throw JSONError(.tooDeep, at: position) }
        depth &+= 1
        let isObject = kind == .beginObject
        objects = objects << 1 | (isObject ? 1 : 0)
        expectation = isObject ? .keyOrEnd : .valueOrEnd
        position &+= 1
        return JSONToken(kind, position &- 1, position)
    }

    private mutating func close(_ kind: JSONToken.Kind) -> JSONToken {
        depth &-= 1
        objects >>= 1
        position &+= 1
        valueEnded()
        return JSONToken(kind, position &- 1, position)
    }

    @inline(__always)
    private mutating func valueEnded() {
        expectation = depth == 0 ? .nothing : .commaOrEnd
    }

    @inline(__always)
    private mutating func skipSpace() {
        while position < bytes.count {
            let byte = bytes[position]
            // Space, tab, line feed and carriage return are the only white space (RFC 8259 section 2).
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            position &+= 1
        }
    }
}
