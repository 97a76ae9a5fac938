/// What kind of quantity a tag is, by the first rule that its name or its unit fits (`normalization.signal_types`).
package struct SignalTypes: Hashable, Sendable {
    /// One kind with the signs of it.
    package struct Rule: Hashable, Sendable {
        package var type: String
        /// Words of a name: `ReactorTemp_1` has `reactor`, `temp` and `1`. A word of six letters or more is also found
        /// at the end of another.
        package var words: [String]
        package var units: [String]
        /// Looked for in the whole name.
        package var pattern: Pattern?

        package init(_ type: String, words: [String] = [], units: [String] = [], pattern: Pattern? = nil) {
            self.type = type
            self.words = words
            self.units = units
            self.pattern = pattern
        }
    }

    /// What a tag is that no rule fits.
    package static let other = "value"
    private static let suffixLettersMin = 6

    package let rules: [Rule]
    /// The first rule of each word and unit.
    private let byWord: [String: Int]
    private let byUnit: [String: Int]
    private let suffixes: [(word: String, rule: Int)]
    private let patterns: [(pattern: Pattern, rule: Int)]

    package init(_ rules: [Rule]) {
        self.rules = rules
        var (words, units): ([String: Int], [String: Int]) = ([:], [:])
        for (number, rule) in rules.enumerated() {
            for word in rule.words where words[word.lowercased()] == nil { words[word.lowercased()] = number }
            for unit in rule.units where units[unit] == nil { units[unit] = number }
        }
        byWord = words
        byUnit = units
        suffixes = words.filter { $0.key.utf8.count >= Self.suffixLettersMin }.map { ($0.key, $0.value) }
            .sorted { ($0.1, $0.0) < ($1.1, $1.0) }
        patterns = rules.enumerated().compactMap { number, rule in rule.pattern.map { ($0, number) } }
    }

    package static func == (left: SignalTypes, right: SignalTypes) -> Bool { left.rules == right.rules }
    package func hash(into hasher: inout Hasher) { hasher.combine(rules) }

    /// The kind of a tag.
    package func type(name: String, unit: String?) -> String {
        var best = unit.flatMap { byUnit[$0] } ?? Int.max
        // A whole name may be a word that looks like two, as pH does.
        if let rule = byWord[name.lowercased()] { best = min(best, rule) }
        for word in Self.words(of: name) {
            if let rule = byWord[word] {
                best = min(best, rule)
            } else if word.utf8.count > Self.suffixLettersMin,
                let rule = suffixes.first(where: { word.hasSuffix($0.word) })?.rule
            {
                best = min(best, rule)
            }
        }
        for (pattern, rule) in patterns where rule < best && pattern.matches(name) { best = rule }
        return best == Int.max ? Self.other : rules[best].type
    }

    /// Runs of letters in lower case, divided also where a small letter is followed by a capital one.
    static func words(of name: String) -> [String] {
        name.utf8.allSatisfy { $0 < 0x80 } ? ascii(name.utf8.prefix(charactersMax)) : unicode(name)
    }

    private static let charactersMax = 256

    /// Most names are such, and a plant has many.
    private static func ascii(_ bytes: some Sequence<UInt8>) -> [String] {
        var words: [String] = []
        var word: [UInt8] = []
        var wasLower = false
        for byte in bytes {
            let isUpper = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            let isLower = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            if !word.isEmpty, !(isUpper || isLower) || (isUpper && wasLower) {
                words.append(String(decoding: word, as: UTF8.self))
                word.removeAll(keepingCapacity: true)
            }
            if isUpper || isLower { word.append(byte | 0x20) }
            wasLower = isLower
        }
        if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
        return words
    }

    private static func unicode(_ name: String) -> [String] {
        var words: [String] = []
        var word = ""
        var wasLower = false
        for character in name.prefix(charactersMax) {
            let isUpper = character.isUppercase
            if !word.isEmpty, !character.isLetter || (isUpper && wasLower) {
                words.append(word.lowercased())
                word = ""
            }
            if character.isLetter { word.append(character) }
            wasLower = character.isLowercase
        }
        if !word.isEmpty { words.append(word.lowercased()) }
        return words
    }

    /// The usual rules, in their order.
    package static let usual = SignalTypes([
        Rule(
            "temperature", words: ["temperature", "temp", "tmp", "thermo", "tt", "tic", "temperatur"],
            units: ["°C", "degC", "C", "℃", "°F", "degF", "F", "K", "Celsius", "celsius", "Fahrenheit"]),
        Rule(
            "pressure", words: ["pressure", "press", "pt", "pic", "pdt", "vacuum", "druck"],
            units: ["bar", "mbar", "Pa", "hPa", "kPa", "MPa", "psi", "PSI", "psig", "psia", "mmHg", "inH2O", "atm"]),
        Rule(
            "flow", words: ["flow", "flowrate", "throughput", "ft", "fic", "durchfluss"],
            units: [
                "m3/h", "m³/h", "m3/s", "m³/s", "m3/min", "l/h", "L/h", "l/min", "L/min", "LPM", "l/s", "L/s", "gpm",
                "GPM", "kg/h", "kg/s", "t/h", "tph", "scfm", "Nm3/h", "bbl/d",
            ]),
        Rule("level", words: ["level", "lt", "lic", "niveau", "fill"]),
        Rule(
            "speed", words: ["speed", "rpm", "velocity", "drehzahl", "speeds"],
            units: ["rpm", "RPM", "1/min", "U/min", "m/s", "m/min", "km/h", "mph", "ft/min"]),
        Rule("vibration", words: ["vibration", "vib", "vibrations"], units: ["mm/s", "in/s", "mm/s RMS"]),
        Rule(
            "power", words: ["power", "leistung", "kw", "kwh", "energy"],
            units: ["W", "kW", "MW", "GW", "VA", "kVA", "MVA", "var", "kvar", "hp", "HP", "kWh", "MWh", "Wh"]),
        Rule("current", words: ["current", "amps", "ampere", "amperage", "strom"], units: ["A", "mA", "kA"]),
        Rule("voltage", words: ["voltage", "volt", "volts", "spannung"], units: ["V", "mV", "kV"]),
        Rule(
            "position", words: ["position", "pos", "angle", "stroke", "displacement", "opening"],
            units: ["mm", "cm", "µm", "um", "deg", "°"]),
        Rule("humidity", words: ["humidity", "rh", "moisture", "feuchte"], units: ["%RH", "%rH", "% RH"]),
        Rule("ph", words: ["ph"], units: ["pH"]),
        Rule("conductivity", words: ["conductivity", "cond"], units: ["µS/cm", "uS/cm", "mS/cm", "S/m"]),
        Rule("status", words: ["status", "state", "mode", "running", "enabled", "ready"]),
        Rule("alarm", words: ["alarm", "fault", "error", "warning", "trip"]),
        Rule(
            "counter", words: ["counter", "count", "total", "totalizer", "pieces"], units: ["pcs", "count", "counts"]),
    ])
}
