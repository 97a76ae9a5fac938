extension PropertySet {
    /// Properties that are looked through for the quality.
    private static let keysMax = 256

    /// The whole number of the property `Quality` in an encoded property set; nil when there is none.
    ///
    /// Builds no strings: it is asked for every value of a sender that states the quality with each.
    ///
    /// - Throws: `PayloadError.malformed`.
    static func quality(in bytes: UnsafeRawBufferPointer) throws(PayloadError) -> Int32? {
        var fields = FieldReader(bytes)
        var keys = 0
        var wanted: Int?
        while keys < keysMax, wanted == nil, let field = try fields.next() {
            guard field == 1 else {
                try fields.skip()
                continue
            }
            if isQuality(try fields.bytes()) { wanted = keys }
            keys += 1
        }
        guard let wanted else { return nil }
        fields = FieldReader(bytes)
        var values = 0
        while let field = try fields.next() {
            guard field == 2 else {
                try fields.skip()
                continue
            }
            let value = try fields.bytes()
            if values == wanted { return try number(value) }
            values += 1
        }
        return nil
    }

    private static func isQuality(_ key: UnsafeRawBufferPointer) -> Bool {
        let word: StaticString = "quality"
        guard key.count == word.utf8CodeUnitCount else { return false }
        for index in 0..<key.count where key[index] | 0x20 != word.utf8Start[index] { return false }
        return true
    }

    private static func number(_ bytes: UnsafeRawBufferPointer) throws(PayloadError) -> Int32? {
        var fields = FieldReader(bytes)
        var number: Int32?
        while let field = try fields.next() {
            switch field {
            case 3: number = Int32(bitPattern: try fields.uint32())
            case 4: number = Int32(truncatingIfNeeded: try fields.varint())
            default: try fields.skip()
            }
        }
        return number
    }
}
