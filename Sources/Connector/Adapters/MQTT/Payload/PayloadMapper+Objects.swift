import ConnectorModel
import JSONSupport

// Objects and arrays. A payload is scanned once for its grammar and its members; only then is known what it is.
// Objects inside it are scanned again, at most `levelsMax` times in all.

extension PayloadMapper {
    /// Reads the members of the object whose opening bracket was read; they go onto the end of `members`.
    mutating func collectMembers(_ scanner: inout JSONScanner) throws(JSONError) {
        while true {
            let key = try scanner.next()
            guard key.kind == .key else { return }
            var value = try scanner.next()
            if value.kind == .beginObject || value.kind == .beginArray {
                value.end = try scanner.skip(value).upperBound
            }
            members.append(PayloadMember(key: key, value: value, role: PayloadMember.Role(key, scanner, options)))
        }
    }

    /// Maps the object whose members begin at `first` and takes them off.
    /// - Parameter whole: the text of the object.
    mutating func mapObject(
        _ scanner: JSONScanner, from first: Int, _ outer: PayloadContext, level: Int, whole: UnsafeRawBufferPointer
    ) throws(JSONError) {
        defer { members.removeSubrange(first...) }
        let before = readings.count
        let object = PayloadObject(members[first...], scanner)
        let isNamed = object.dottedID != nil
        if let value = object.value ?? (isNamed ? object.shortValue : nil) {
            append(value, of: object, isElement: isNamed, named: object.dottedID, scanner, outer)
            return
        }
        let inner = object.context(below: outer, isElement: false)
        if let values = object.values, try mapElements(scanner.text(values.start..<values.end), inner) { return }
        for index in first..<members.count where !object.consumes(members[index], scanner) {
            let member = members[index]
            var context = inner
            context.key = inner.address(scanner.string(member.key))
            try append(member, scanner, context, level: level)
        }
        // An object without any member of its own says something too.
        if readings.count == before { readings.append(Self.json(whole, outer)) }
    }

    private mutating func append(
        _ member: PayloadMember, _ scanner: JSONScanner, _ context: PayloadContext, level: Int
    ) throws(JSONError) {
        guard member.isContainer else {
            readings.append(scalar(member.value, scanner, context))
            return
        }
        let text = scanner.text(member.value.start..<member.value.end)
        if member.value.kind == .beginArray, try mapElements(text, context) { return }
        guard member.value.kind == .beginObject, level < Self.levelsMax else {
            readings.append(Self.json(text, context))
            return
        }
        var inside = JSONScanner(text, takesNonFinite: true)
        _ = try inside.next()
        let first = members.count
        try collectMembers(&inside)
        try mapObject(inside, from: first, context, level: level + 1, whole: text)
    }

    /// Maps an array in which every element is an object with a value; else maps nothing and returns false.
    mutating func mapElements(_ array: UnsafeRawBufferPointer, _ outer: PayloadContext) throws(JSONError) -> Bool {
        let before = readings.count
        let first = members.count
        var scanner = JSONScanner(array, takesNonFinite: true)
        var element = try scanner.next()
        guard element.kind == .beginArray else { return false }
        element = try scanner.next()
        while element.kind == .beginObject {
            try collectMembers(&scanner)
            let object = PayloadObject(members[first...], scanner)
            members.removeSubrange(first...)
            guard let value = object.value ?? object.shortValue else { break }
            append(value, of: object, isElement: true, named: object.id ?? object.name, scanner, outer)
            element = try scanner.next()
        }
        if element.kind == .endArray, readings.count > before { return true }
        readings.removeSubrange(before...)
        return false
    }

    /// Appends the one reading of an object that has a value.
    private mutating func append(
        _ value: JSONToken, of object: PayloadObject, isElement: Bool, named name: JSONToken?, _ scanner: JSONScanner,
        _ outer: PayloadContext
    ) {
        var context = object.context(below: outer, isElement: isElement)
        if let name { context.key = context.address(scanner.string(name)) }
        if let unit = object.unit { context.unit = scanner.string(unit) }
        if value.kind == .beginObject || value.kind == .beginArray {
            readings.append(Self.json(scanner.text(value.start..<value.end), context))
        } else {
            readings.append(scalar(value, scanner, context))
        }
    }
}

/// What the names of an object's members tell about it.
struct PayloadObject {
    var value: JSONToken?
    var shortValue: JSONToken?
    var values: JSONToken?
    var unit: JSONToken?
    var id: JSONToken?
    /// An id of several parts with dots between them.
    var dottedID: JSONToken?
    var name: JSONToken?
    private var quality: Quality?
    private var shortQuality: Quality?
    private var time: Timestamp?
    private var timeRank = Int.max

    /// Of two members with the same name the later counts, as with most parsers.
    init(_ members: ArraySlice<PayloadMember>, _ scanner: JSONScanner) {
        for member in members {
            switch member.role {
            case .value: value = member.value
            case .shortValue: shortValue = member.value
            case .values: if member.value.kind == .beginArray { values = member.value }
            case .unit: if member.value.kind == .string { unit = member.value }
            case .quality: quality = PayloadQuality.quality(member.value, scanner) ?? quality
            case .shortQuality: shortQuality = PayloadQuality.quality(member.value, scanner)
            case .id: if member.value.kind == .string { id = member.value }
            case .name: if member.value.kind == .string { name = member.value }
            case .time(let rank):
                guard rank <= timeRank, let found = PayloadTime.time(member.value, scanner) else { continue }
                time = found
                timeRank = rank
            case .other: continue
            }
        }
        if let id, scanner.text(id).contains(UInt8(ascii: ".")) { dottedID = id }
    }

    /// What the object hands down: its own time and quality, else the outer ones.
    ///
    /// - Parameter isElement: whether the short name `q` means the quality here.
    func context(below outer: PayloadContext, isElement: Bool) -> PayloadContext {
        PayloadContext(
            key: outer.key, unit: nil, quality: quality ?? (isElement ? shortQuality : nil) ?? outer.quality,
            time: time ?? outer.time)
    }

    /// Whether a member tells the time or the quality and is no value of its own.
    func consumes(_ member: PayloadMember, _ scanner: JSONScanner) -> Bool {
        switch member.role {
        case .time: PayloadTime.time(member.value, scanner) != nil
        case .quality: PayloadQuality.quality(member.value, scanner) != nil
        default: false
        }
    }
}
