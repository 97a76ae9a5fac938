import SimulatorPlant

/// Decides for one sensor after the other whether a filter means it.
///
/// A plant has a million sensors of a few hundred kinds, which stand industry by industry: what a kind or an industry
/// decides is worked out once.
struct SensorMatcher {
    private let industry: String?
    private let type: String?
    private let search: BytePattern
    private var lastIndustry = ""
    private var isMeant = true
    private var kinds: [ObjectIdentifier: Bool] = [:]

    init(industry: String?, type: String? = nil, search: String) {
        self.industry = industry
        self.type = type
        self.search = BytePattern(search)
    }

    mutating func fits(_ sensor: Sensor) -> Bool {
        if let industry, sensor.industry != lastIndustry {
            lastIndustry = sensor.industry
            isMeant = lastIndustry == industry || lastIndustry.prefix { $0 != "." } == industry
        }
        guard isMeant, type == nil || sensor.definition.type == type else { return false }
        return search.isEmpty || search.occurs(in: sensor.path) || fits(kind: sensor.definition)
    }

    private mutating func fits(kind: SensorDefinition) -> Bool {
        if let known = kinds[ObjectIdentifier(kind)] { return known }
        let fits = search.occurs(in: kind.type) || search.occurs(in: kind.unit.lowercased())
        kinds[ObjectIdentifier(kind)] = fits
        return fits
    }
}

/// A text that is looked for in very many others, byte by byte.
struct BytePattern {
    private let bytes: [UInt8]

    init(_ text: String) { bytes = Array(text.utf8) }

    var isEmpty: Bool { bytes.isEmpty }

    func occurs(in text: String) -> Bool {
        var text = text
        return text.withUTF8 { text in
            guard let first = bytes.first else { return true }
            guard text.count >= bytes.count else { return false }
            for start in 0...text.count - bytes.count where text[start] == first {
                if bytes.indices.allSatisfy({ text[start + $0] == bytes[$0] }) { return true }
            }
            return false
        }
    }
}
