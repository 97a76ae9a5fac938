import ConnectorModel
import OPCUATypes

/// The tags of a source by client handle: turns each value that arrives into readings.
///
/// A handle keeps its meaning as long as the source lives. What every value needs lies in `hot`, close together; the
/// rest is looked at when a tag has more than plain values.
struct TagTable {
    /// A tag as the survey found it.
    struct Tag: Hashable, Sendable {
        var variable: Variable
        var details: TagDetails
        /// Whether the numbers have names in the tag's data type.
        var isEnumeration = false
        /// One row per element.
        var expands: Bool
    }

    /// Rows of one array; what lies beyond is in the JSON text only, and counted.
    static let elementsMax = 1000

    /// What a survey says of one tag.
    enum Found: Sendable {
        /// The tag of this handle, as it was.
        case known(Int)
        case new(Tag)
    }

    /// Sixteen bytes: the reading path goes through all of them every second.
    private struct Hot {
        /// The latest source time of a value.
        var time = DateTime.null
        private var number: UInt32
        var last = ValueType.opcuaNull
        /// Whether there is more to a value than its plain reading.
        var isSpecial: Bool

        var tag: TagID {
            get { TagID(index: Int(number)) }
            set { number = UInt32(newValue.index) }
        }

        init(_ tag: TagID, isSpecial: Bool) {
            number = UInt32(tag.index)
            self.isSpecial = isSpecial
        }
    }

    /// What there is to a value beside its plain reading.
    fileprivate struct Special {
        /// Words of the variable's own numbers.
        var names: ValueNames?
        /// A data type whose numbers have names.
        var enumeration: NodeId?
        /// One row per element.
        var expands: Bool
    }

    /// Tags of an array's elements, for the dimensions that came last.
    private struct Elements {
        var dimensions: [Int]
        var tags: [TagID]
    }

    private var hot: [Hot] = []
    private var specials: [Int: Special] = [:]
    private var elements: [Int: Elements] = [:]
    /// Structures by which ExtensionObjects are read.
    var types = DataTypes.standard
    /// Encodings of structures that came and are not known; taken by who can learn them.
    private(set) var unknownEncodings: Set<NodeId> = []
    /// Those that were taken: what a server does not describe is asked once.
    private var askedEncodings: Set<NodeId> = []
    /// A server may use as many as it likes.
    private static let encodingsMax = 1024

    private(set) var overflows = 0
    private(set) var typeChanges = 0
    private(set) var elementsLeftOut = 0

    /// Whether a handle was ever given.
    func isKnown(_ handle: Int) -> Bool { hot.indices.contains(handle) }

    var lastTimes: [DateTime] { hot.map(\.time) }

    /// The latest source time that a tag's values carried.
    func lastTime(of handle: Int) -> DateTime { hot[handle].time }

    /// Adds a tag under the next handle.
    mutating func add(_ tag: Tag, id: TagID) {
        hot.append(Hot(id, isSpecial: tag.isSpecial))
        specials[hot.count - 1] = tag.isSpecial ? Special(tag) : nil
    }

    /// The same tag with what a later survey says of it.
    mutating func replace(_ handle: Int, _ tag: Tag, id: TagID) {
        if hot[handle].tag != id { elements[handle] = nil }
        hot[handle].tag = id
        hot[handle].isSpecial = tag.isSpecial
        specials[handle] = tag.isSpecial ? Special(tag) : nil
    }

    /// Appends what a value says. A handle that was never given belongs to nobody.
    @inline(__always)
    mutating func append(
        _ value: Variant, _ status: StatusCode, at time: DateTime, of handle: Int, to frame: inout FrameBuilder
    ) {
        guard handle < hot.count else { return }
        var (reading, type) = VariantReading.reading(of: value, types)
        if status.isOverflow { overflows += 1 }
        if type != hot[handle].last, type != .opcuaNull {
            if hot[handle].last != .opcuaNull { typeChanges += 1 }
            hot[handle].last = type
        }
        let special = hot[handle].isSpecial ? specials[handle] : nil
        if let special { reading = special.named(value, types) ?? reading }
        if case .json = reading { notice(value) }
        if time > hot[handle].time { hot[handle].time = time }
        let sourceTime = time == .null ? nil : Timestamp(microseconds: time.utcMicroseconds)
        frame.append(Reading(reading, type, status: Status(status), at: sourceTime), of: hot[handle].tag)
        if let special, special.expands {
            expand(value, Status(status), at: sourceTime, of: handle, special, to: &frame)
        }
    }

    /// Appends a value of the past, marked `backfill`.
    mutating func appendHistory(_ value: DataValue, of handle: Int, to frame: inout FrameBuilder) {
        guard isKnown(handle), let time = value.sourceTimestamp else { return }
        var (reading, type) = VariantReading.reading(of: value.value, types)
        if hot[handle].isSpecial { reading = specials[handle]?.named(value.value, types) ?? reading }
        if time > hot[handle].time { hot[handle].time = time }
        frame.append(
            Reading(
                reading, type, status: Status(value.status), at: Timestamp(microseconds: time.utcMicroseconds)),
            of: hot[handle].tag, metadata: [("backfill", "true")])
    }

    /// Appends a reading without a value.
    mutating func append(_ status: StatusCode, of handle: Int, to frame: inout FrameBuilder) {
        append(.null, status, at: .null, of: handle, to: &frame)
    }

    // MARK: Structures

    private mutating func notice(_ value: Variant) {
        for encoding in types.unknownEncodings(in: value)
        where askedEncodings.count < Self.encodingsMax && !askedEncodings.contains(encoding) {
            askedEncodings.insert(encoding)
            unknownEncodings.insert(encoding)
        }
    }

    /// Hands over the encodings that are to be learnt.
    mutating func takeUnknownEncodings() -> [NodeId] {
        defer { unknownEncodings = [] }
        return unknownEncodings.sorted { $0.description < $1.description }
    }

    // MARK: Elements

    private mutating func expand(
        _ value: Variant, _ status: Status, at time: Timestamp?, of handle: Int, _ special: Special,
        to frame: inout FrameBuilder
    ) {
        guard case .array(let array) = value else {
            // What was read as elements is known no longer.
            for tag in elements[handle]?.tags ?? [] {
                frame.append(Reading(.none, .opcuaNull, status: status, at: time), of: tag)
            }
            return
        }
        let count = array.elements.count
        elementsLeftOut += max(0, count - Self.elementsMax)
        let dimensions = array.shape
        if elements[handle]?.dimensions != dimensions {
            let definition = frame.definition(of: hot[handle].tag)
            let indexes = ArrayIndexes(dimensions)
            elements[handle] = Elements(
                dimensions: dimensions,
                tags: (0..<min(count, Self.elementsMax)).map { index in
                    let place = indexes.text(of: index)
                    return frame.define(
                        TagDefinition(
                            address: definition.address + place, name: definition.name + place, unit: definition.unit,
                            metadata: definition.metadata))
                })
        }
        for (index, tag) in (elements[handle]?.tags ?? []).enumerated() {
            let element = array.elements[index]
            let (reading, type) = VariantReading.reading(of: element, types)
            frame.append(
                Reading(special.named(element, types) ?? reading, type, status: status, at: time), of: tag)
        }
    }
}

extension StatusCode {
    /// The queue of the item was full and a value was given up (Part 4, 7.39.1: InfoType DataValue, Overflow).
    var isOverflow: Bool { rawValue & 0x0C80 == Self.overflowBits }
}

extension TagTable.Tag {
    fileprivate var isSpecial: Bool { details.names != nil || isEnumeration || expands }
}

extension TagTable.Special {
    fileprivate init(_ tag: TagTable.Tag) {
        self.init(
            names: tag.details.names, enumeration: tag.isEnumeration ? tag.details.dataType : nil,
            expands: tag.expands)
    }

    /// A number as its name, an array of them as an array of names; nil when the tag's numbers have none.
    fileprivate func named(_ value: Variant, _ types: DataTypes) -> ReadingValue? {
        if let names { return names.reading(of: value) }
        return enumeration.flatMap { types.named(value, of: $0) }
    }
}

extension DataTypes {
    /// A value of an enumeration or option set with its name; nil when it has none.
    func named(_ value: Variant, of dataType: NodeId) -> ReadingValue? {
        switch dictionary.resolve(value, dataType: dataType) {
        case .enumeration(let value): value.name.map { .named($0, value.number) }
        case .array: .json(json(of: dictionary.resolve(value, dataType: dataType)))
        case .builtIn, .structure: nil
        }
    }
}

extension ValueNames {
    /// A number as its word, an array of them as an array of words; nil for what is no number or has no word.
    func reading(of value: Variant) -> ReadingValue? {
        switch value {
        case .array(let array):
            guard case .int32(let numbers) = array.elements else { return nil }
            return .json(
                JSONForm.nested(numbers.map { self[Int64($0)].map(JSONForm.quoted) ?? String($0) }, array.shape))
        case .boolean(let value): return named(value ? 1 : 0)
        case .sByte(let value): return named(Int64(value))
        case .byte(let value): return named(Int64(value))
        case .int16(let value): return named(Int64(value))
        case .uint16(let value): return named(Int64(value))
        case .int32(let value): return named(Int64(value))
        case .uint32(let value): return named(Int64(value))
        case .int64(let value): return named(value)
        case .uint64(let value): return Int64(exactly: value).flatMap(named)
        default: return nil
        }
    }

    private func named(_ number: Int64) -> ReadingValue? { self[number].map { .named($0, number) } }
}
