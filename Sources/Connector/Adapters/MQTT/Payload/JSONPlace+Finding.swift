import JSONSupport

extension JSONPlace {
    /// The text of the value at this place; nil when there is none. The document must have been checked before.
    func find(in document: UnsafeRawBufferPointer) throws(JSONError) -> UnsafeRawBufferPointer? {
        var here = document
        for step in steps {
            guard let next = try Self.child(named: step, of: here) else { return nil }
            here = next
        }
        return here
    }

    /// Of two members with the same name the later counts, as with most parsers.
    private static func child(
        named name: String, of text: UnsafeRawBufferPointer
    ) throws(JSONError) -> UnsafeRawBufferPointer? {
        var scanner = JSONScanner(text, takesNonFinite: true)
        let first = try scanner.next()
        switch first.kind {
        case .beginObject:
            var found: UnsafeRawBufferPointer?
            while true {
                let key = try scanner.next()
                guard key.kind == .key else { return found }
                let value = try scanner.whole(try scanner.next())
                if scanner.says(key, name) { found = value }
            }
        case .beginArray:
            // An index has no sign and no leading zero.
            guard var index = Int(name), index >= 0, name == String(index) else { return nil }
            while true {
                let element = try scanner.next()
                guard element.kind != .endArray else { return nil }
                let value = try scanner.whole(element)
                if index == 0 { return value }
                index -= 1
            }
        default: return nil
        }
    }
}

extension JSONScanner {
    /// The text of the value that begins with a token, brackets and quotes included.
    mutating func whole(_ token: JSONToken) throws(JSONError) -> UnsafeRawBufferPointer {
        switch token.kind {
        case .beginObject, .beginArray: text(try skip(token))
        case .string: text(token.start - 1..<token.end + 1)
        default: text(token)
        }
    }

    /// Whether a key says exactly this.
    func says(_ key: JSONToken, _ name: String) -> Bool {
        if key.hasEscapes { return string(key) == name }
        return text(key).elementsEqual(name.utf8)
    }
}
