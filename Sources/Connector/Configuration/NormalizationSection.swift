import ConnectorModel
import ConnectorNormalization
import MQTTAdapter
import OPCUAAdapter
import WordSupport
import YAMLSupport

/// The block `normalization`: how tags are named.
enum NormalizationSection {
    private static let protocols = ["opcua", "mqtt", "modbus", "rest", "sql"]

    /// - Parameter topicParts: names that topic templates give to parts of topics.
    static func read(_ section: consuming Section, topicParts: Set<String> = []) -> NormalizationSettings {
        var settings = NormalizationSettings()
        settings.isEnabled = section.boolean(
            "enabled", default: true, about: "whether tags get paths, places and kinds of signal")
        settings.template = template(&section, topicParts)
        settings.letterCase = section.choice(
            "case", default: .keep, SegmentSanitizer.Case.allCases.map { ($0.rawValue, $0) },
            about: "how the letters of a path are written")
        settings.defaultContext = section.context("default_context", about: "parts that nobody else gives")
        settings.rules = section.sections("rules", about: "parts found in addresses, names and units").compactMap(rule)
        if section.has("signal_types") {
            let rules = section.sections("signal_types", about: "kinds of signal, before the usual ones")
                .compactMap(signalType)
            settings.signalTypes = SignalTypes(rules + SignalTypes.usual.rules)
        }
        var mappings = section.section("quality_mapping", about: "what status codes mean, by protocol")
        for name in protocols {
            let mapping = qualityMapping(
                mappings.section(name, about: "of the sources of a protocol"), isOPCUA: name == "opcua")
            if !mapping.isEmpty { settings.qualityMappings[name] = mapping }
        }
        mappings.finish()
        section.finish()
        return settings
    }

    // MARK: Paths

    private static func template(_ section: inout Section, _ topicParts: Set<String>) -> PathTemplate {
        let presets = PathTemplate.presets.map(\.name)
        let preset = section.choice(
            "preset", default: String?.none, presets.map { ($0, $0) }, about: "a path template by its name")
        let usual = PathTemplate.usual.description
        let standard = PathTemplate.presets.first { $0.name == preset }?.template ?? usual
        if preset != nil, let own = section.peek("path_template"), own != standard {
            section.report("excludes preset, which is a template of its own", at: "path_template")
        }
        let text = section.string("path_template", default: standard, about: "how a path is made of parts")
        do {
            let template = try PathTemplate(text)
            for name in template.parts where !topicParts.contains(name) { checkPart(name, "path_template", section) }
            return template
        } catch {
            section.report("\(error); the usual one is \(usual)", at: "path_template")
            return .usual
        }
    }

    private static func checkPart(_ name: String, _ key: String, _ section: borrowing Section) {
        let known = NormalizationSettings.ownParts + NormalizationSettings.parts
        guard !known.contains(name) else { return }
        let nearest = NearestWord.nearest(to: name, among: known)
        section.report(
            "there is no part '\(name)'" + (nearest.map { "; did you mean '\($0)'?" } ?? "")
                + "; there are \(known.joined(separator: ", ")) and what topic templates name", at: key)
    }

    /// The names that the topic templates of sources give.
    static func topicParts(of sources: [SourceSettings]) -> Set<String> {
        var names: Set<String> = []
        for case .mqtt(let mqtt) in sources.map(\.adapter) {
            for template in [mqtt.options.template] + mqtt.topics.map(\.template) {
                for level in template?.description.split(separator: "/") ?? [] where level.hasPrefix("{") {
                    names.insert(String(level.dropFirst().dropLast()))
                }
            }
        }
        return names
    }

    private static func rule(_ section: consuming Section) -> NormalizationSettings.Rule? {
        let text = section.requiredString("pattern", about: "a regular expression with named groups")
        let field = section.choice(
            "field", default: NormalizationSettings.Rule.Field.address,
            NormalizationSettings.Rule.Field.allCases.map { ($0.rawValue, $0) }, about: "where the pattern looks")
        let sources = section.strings("sources", about: "globs for names of sources; all when left out").map(Glob.init)
        let parts = section.context("set", about: "parts that tags get which the pattern fits")
        defer { section.finish() }
        guard !text.isEmpty else { return nil }
        let pattern: Pattern
        do {
            pattern = try Pattern(text)
        } catch {
            section.report("\(error)", at: "pattern")
            return nil
        }
        let names = NormalizationSettings.parts + [NormalizationSettings.tagName]
        for group in pattern.groupNames where !names.contains(group) {
            section.report(
                "there is no part '\(group)'; a group is one of: \(names.joined(separator: ", "))", at: "pattern")
        }
        if pattern.groupNames.isEmpty, parts.isEmpty {
            section.report("gives no part: name a group, as in (?<line>…), or set some", at: "pattern")
        }
        return NormalizationSettings.Rule(pattern: pattern, field: field, sources: sources, parts: parts)
    }

    private static func signalType(_ section: consuming Section) -> SignalTypes.Rule? {
        let type = section.requiredString("type", about: "the kind of signal")
        let words = section.strings("words", about: "words of names")
        let units = section.strings("units", about: "units of values")
        let text = section.string("pattern", about: "a regular expression for names")
        defer { section.finish() }
        guard !section.isSurvey else { return nil }
        if words.isEmpty, units.isEmpty, text == nil { section.report("needs words, units or a pattern") }
        do {
            return SignalTypes.Rule(type, words: words, units: units, pattern: try text.map { try Pattern($0) })
        } catch {
            section.report("\(error)", at: "pattern")
            return nil
        }
    }

    // MARK: Qualities

    private static func qualityMapping(_ section: consuming Section, isOPCUA: Bool) -> QualityMapping {
        var mapping = QualityMapping(hasInfoBits: isOPCUA)
        for quality in Quality.allCases {
            for text in section.strings(quality.name, about: "codes or names of statuses that are \(quality.name)") {
                guard let entry = entry(text, isOPCUA: isOPCUA) else {
                    section.report(
                        "'\(text)' is no status; write a number, 0x80310000 or a name such as BadNoCommunication",
                        at: quality.name)
                    continue
                }
                if !mapping.insert(entry, as: quality) {
                    section.report("'\(text)' has another quality already", at: quality.name)
                }
            }
        }
        section.finish()
        return mapping
    }

    /// OPC UA entries up to 255 mean the code's top byte; larger ones, those in hexadecimal digits, and all of other
    /// protocols, the whole code.
    static func entry(_ text: String, isOPCUA: Bool) -> QualityMapping.Entry? {
        if text.lowercased().hasPrefix("0x") {
            return UInt32(text.dropFirst(2), radix: 16).map { .code(Int32(bitPattern: $0)) }
        }
        if let number = Int64(text) {
            if isOPCUA, let byte = UInt8(exactly: number) { return .topByte(byte) }
            if let code = Int32(exactly: number) { return .code(code) }
            return UInt32(exactly: number).map { .code(Int32(bitPattern: $0)) }
        }
        let isName = text.wholeMatch(of: /[A-Za-z][A-Za-z0-9_]{0,99}/) != nil
        guard isName else { return nil }
        // A name that OPC UA does not have would never be met.
        return isOPCUA ? OPCUAStatusNames.code(named: text).map { .code($0) } : .name(text)
    }
}

extension Section {
    /// A block with parts of a tag's path.
    mutating func context(_ key: String, about: String) -> [String: String] {
        var block = section(key, about: about)
        var parts: [String: String] = [:]
        for name in NormalizationSettings.parts { parts[name] = block.string(name, about: "a part of the path") }
        block.finish()
        return parts.filter { !$0.value.isEmpty }
    }
}
