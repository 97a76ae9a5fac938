/// Which quality a protocol's status codes mean, where that is not the protocol's own opinion
/// (`normalization.quality_mapping`).
package struct QualityMapping: Hashable, Sendable {
    /// How an entry names codes.
    package enum Entry: Hashable, Sendable {
        case code(Int32)
        /// All codes with this top byte: OPC UA's severity and the first bits of what it is.
        case topByte(UInt8)
        /// As rows show it.
        case name(String)
    }

    private var qualities: [Entry: Quality] = [:]
    /// Whether the low 16 bits of a code say only how the value came, as those of OPC UA do (Part 4, 7.39.1).
    private let hasInfoBits: Bool

    package init(hasInfoBits: Bool = false) { self.hasInfoBits = hasInfoBits }

    package var isEmpty: Bool { qualities.isEmpty }

    /// Says what an entry means.
    /// - Returns: false when it was said already.
    package mutating func insert(_ entry: Entry, as quality: Quality) -> Bool {
        guard qualities[entry] == nil else { return qualities[entry] == quality }
        qualities[entry] = quality
        return true
    }

    /// The quality of a code, nil where the protocol's own opinion holds. What names one code counts before what names
    /// many.
    package func quality(of code: Int32, name: @autoclosure () -> String) -> Quality? {
        if let quality = qualities[.code(code)] { return quality }
        if hasInfoBits, let quality = qualities[.code(code & ~0xFFFF)] { return quality }
        if let quality = qualities[.name(name())] { return quality }
        return qualities[.topByte(UInt8(truncatingIfNeeded: UInt32(bitPattern: code) >> 24))]
    }
}

/// A mapping while it is used: each code is looked up once.
struct QualityTable {
    /// A peer chooses its status codes; beyond this many the table starts anew.
    private static let codesMax = 1024

    private let mapping: QualityMapping
    private let name: @Sendable (Int32) -> String
    private var known: [Int32: Quality?] = [:]

    init(_ mapping: QualityMapping, name: @escaping @Sendable (Int32) -> String) {
        self.mapping = mapping
        self.name = name
    }

    mutating func status(_ status: Status) -> Status {
        let mapped: Quality?
        if let quality = known[status.code] {
            mapped = quality
        } else {
            let isLink = status.code == Status.noCommunication.code
            mapped = mapping.quality(of: status.code, name: isLink ? "BadNoCommunication" : name(status.code))
            if known.count >= Self.codesMax { known.removeAll(keepingCapacity: true) }
            known.updateValue(mapped, forKey: status.code)
        }
        return mapped.map { Status(code: status.code, quality: $0) } ?? status
    }
}
