/// The definitions of an intake's tags, packed into as few bytes as they need.
struct TagTexts: Sendable {
    private var arena = ByteArena()
    private var references: [ByteArena.Reference] = []
    private var index = HashIndex()
    private var units = SharedTexts()
    private var keys = SharedTexts()
    /// Values of metadata by the number of their key.
    private var values: [SharedTexts] = []
    private var writer = PackedWriter()

    var count: Int { references.count }

    /// What the definitions take without what they share.
    var bytes: Int { arena.bytes }

    /// The number of a definition, counted from 0 in the order in which they came; the same one has one number.
    mutating func number(of tag: TagDefinition) -> Int {
        pack(tag)
        let hash = Self.hash(writer.bytes[...])
        if let known = index.first(hash, where: { arena[references[$0]] == writer.bytes[...] }) { return known }
        if index.isFull { index.grow { [arena, references] in Self.hash(arena[references[$0]]) } }
        index.append(hash)
        references.append(arena.append(writer.bytes))
        return references.count - 1
    }

    /// Address; name, mostly the end of the address; unit; number of metadata, and each by the order of its key.
    private mutating func pack(_ tag: TagDefinition) {
        writer.clear()
        writer.text(tag.address)
        if tag.address.utf8.reversed().starts(with: tag.name.utf8.reversed()) {
            writer.number(UInt64(tag.name.utf8.count + 1))
        } else {
            writer.number(0)
            writer.text(tag.name)
        }
        writer.number(tag.unit == nil ? 0 : 1)
        if let unit = tag.unit { _ = units.write(unit, to: &writer) }
        writer.number(UInt64(tag.metadata.count))
        for (key, value) in tag.metadata.sorted(by: { $0.key < $1.key }) {
            if let number = keys.write(key, to: &writer) {
                if number == values.count { values.append(SharedTexts()) }
                _ = values[number].write(value, to: &writer)
            } else {
                writer.text(value)
            }
        }
    }

    subscript(number: Int) -> TagDefinition {
        var reader = PackedReader(arena[references[number]])
        let address = reader.text()
        let shared = Int(reader.number())
        let name = shared == 0 ? reader.text() : String(decoding: address.utf8.suffix(shared - 1), as: UTF8.self)
        let unit = reader.number() == 0 ? nil : units.read(&reader).text
        var metadata: [String: String] = [:]
        for _ in 0..<reader.number() {
            let (key, number) = keys.read(&reader)
            metadata[key] = number.map { values[$0].read(&reader).text } ?? reader.text()
        }
        return TagDefinition(address: address, name: name, unit: unit, metadata: metadata)
    }

    private static func hash(_ bytes: ArraySlice<UInt8>) -> Int {
        var hasher = Hasher()
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
        return hasher.finalize()
    }
}
