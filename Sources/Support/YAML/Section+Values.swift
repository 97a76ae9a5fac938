import WordSupport

/// Single values of a block.
extension Section {
    /// A single value with its place, references resolved.
    struct Scalar {
        var text: String
        var line: Int
        var file: String?
        var references: [String]

        /// The text for a message: what comes out of the vault is not told.
        var shown: String {
            references.contains { $0.hasPrefix("${credential:") } ? references.joined(separator: " ") : text
        }
    }

    /// - Parameter takesUnresolved: gives a text whose reference is not to be had as it stands, where that is only
    ///   worth a warning; otherwise nothing.
    mutating func scalar(_ key: String, _ expected: String, takesUnresolved: Bool = false) -> Scalar? {
        guard let entry = take(key) else { return nil }
        guard case .scalar(let scalar) = entry.value else {
            report("\(expected) is expected, found \(entry.value.kind)", at: key)
            return nil
        }
        guard let text = resolved(scalar.text, key, entry, takesUnresolved: takesUnresolved) else { return nil }
        return Scalar(
            text: text, line: entry.line, file: entry.file ?? file, references: References.names(in: scalar.text))
    }

    /// A text with its references replaced.
    func resolved(
        _ text: String, _ key: String, _ entry: YAMLNode.Entry, takesUnresolved: Bool = false
    ) -> String? {
        do {
            return try references.resolve(text)
        } catch {
            guard error.isMissing, context.missingReference == .warning else {
                findings.add(error.problem, at: pathOf(key), line: entry.line, in: entry.file ?? file)
                return nil
            }
            findings.warnUnresolved(error.problem, at: pathOf(key), line: entry.line, in: entry.file ?? file)
            return takesUnresolved ? text : nil
        }
    }

    private func recordOne(
        _ key: String, _ kind: KeyRecord.Kind, _ found: Scalar?, value: String?, default standard: String?,
        about: String, change: (inout KeyRecord) -> Void = { _ in }
    ) {
        record(key, kind) { record in
            record.standard = standard
            record.about = about
            if let found {
                record.origin = .file(
                    found.file, line: found.line, spelling: taken[key]?.written?.path, references: found.references)
            } else {
                record.origin = .standard
            }
            change(&record)
            if let value {
                record.value = .one(record.isSecret ? KeyRecord.mask : SecretWords.masked(value))
            }
        }
    }

    /// Tells of a value that something beside the files says.
    ///
    /// - Parameter key: of this block, or with points of a block in it.
    package func tell(_ key: String, _ value: String, origin: String) {
        guard let recorder = context.recorder else { return }
        let address = key.split(separator: ".").reduce(address) { $0.key(String($1)) }
        var record = KeyRecord(address: address, kind: .text)
        record.isSecret = SecretWords.hold(key)
        record.value = .one(record.isSecret ? KeyRecord.mask : SecretWords.masked(value))
        record.origin = .elsewhere(origin)
        recorder.add(record)
    }

    // MARK: Text

    /// - Parameter about: what the key is for, as a phrase; so for all getters.
    package mutating func string(_ key: String, about: String = "") -> String? {
        let found = scalar(key, "text", takesUnresolved: true)
        recordOne(key, .text, found, value: found?.text, default: nil, about: about)
        return found?.text
    }

    package mutating func string(_ key: String, default value: String, about: String = "") -> String {
        let found = scalar(key, "text", takesUnresolved: true)
        recordOne(key, .text, found, value: found?.text ?? value, default: value, about: about)
        return found?.text ?? value
    }

    /// A text that something beside the files may say, too.
    ///
    /// - Parameter other: the value and where it comes from, as `environment variable DBX_CLIENT_ID`.
    package mutating func string(
        _ key: String, orElse other: (value: String, origin: String)?, about: String = ""
    ) -> String? {
        let found = scalar(key, "text", takesUnresolved: true)
        recordOne(key, .text, found, value: found?.text ?? other?.value, default: nil, about: about) { record in
            if found == nil, let other { record.origin = .elsewhere(other.origin) }
        }
        return found?.text ?? other?.value
    }

    package mutating func requiredString(_ key: String, about: String = "") -> String {
        if !has(key) { reportMissing(key) }
        let found = scalar(key, "text", takesUnresolved: true)
        recordOne(key, .text, found, value: found?.text, default: nil, about: about) { $0.isRequired = true }
        guard let found else { return "" }
        if found.text.isEmpty { report("must not be empty", at: key) }
        return found.text
    }

    /// A missing key is often there with a slip; then the slip is the finding.
    private mutating func reportMissing(_ key: String) {
        if !reportSlip(of: key) { findings.add("is missing", at: pathOf(key), line: line, in: file) }
    }

    /// Reports a key that is there with a slip of the hand; false when there is none.
    package mutating func reportSlip(of key: String) -> Bool {
        guard let slip = NearestWord.nearest(to: key, among: Array(entries.keys)), let entry = entries[slip] else {
            return false
        }
        entries[slip] = nil
        findings.add(
            "unknown key; did you mean '\(key)'?", at: entry.written?.path ?? join(path, slip), line: entry.line,
            in: entry.file ?? file)
        return true
    }

    // MARK: Numbers

    package mutating func integer(
        _ key: String, default value: Int, in range: ClosedRange<Int>, about: String = ""
    ) -> Int {
        whole(key, default: value, in: range, about: about) ?? value
    }

    package mutating func optionalInteger(_ key: String, in range: ClosedRange<Int>, about: String = "") -> Int? {
        whole(key, default: nil, in: range, about: about)
    }

    private mutating func whole(_ key: String, default value: Int?, in range: ClosedRange<Int>, about: String) -> Int? {
        let found = scalar(key, "a whole number")
        var number: Int?
        if let text = found?.text {
            number = Int(text)
            if number == nil { report("a whole number is expected, found '\(found?.shown ?? "")'", at: key) }
            if let given = number, !range.contains(given) {
                report("\(given) is out of range; \(range.lowerBound) to \(range.upperBound) is possible", at: key)
                number = nil
            }
        }
        recordOne(
            key, .whole(range), found, value: (number ?? value).map(String.init), default: value.map(String.init),
            about: about)
        return number
    }

    package mutating func number(
        _ key: String, default value: Double, in range: ClosedRange<Double>? = nil, about: String = ""
    ) -> Double {
        real(key, default: value, in: range, about: about) ?? value
    }

    package mutating func optionalNumber(
        _ key: String, in range: ClosedRange<Double>? = nil, about: String = ""
    ) -> Double? {
        real(key, default: nil, in: range, about: about)
    }

    private mutating func real(
        _ key: String, default value: Double?, in range: ClosedRange<Double>?, about: String
    ) -> Double? {
        let found = scalar(key, "a number")
        var number: Double?
        if let text = found?.text {
            number = Double(text).flatMap { $0.isFinite ? $0 : nil }
            if number == nil { report("a number is expected, found '\(found?.shown ?? "")'", at: key) }
            if let given = number, let range, !range.contains(given) {
                report("\(PlainYAML.text(given)) is out of range; \(PlainYAML.text(range)) is possible", at: key)
                number = nil
            }
        }
        recordOne(
            key, .number(range), found, value: (number ?? value).map(PlainYAML.text),
            default: value.map(PlainYAML.text),
            about: about)
        return number
    }

    // MARK: Truth, words, times

    package mutating func boolean(_ key: String, default value: Bool, about: String = "") -> Bool {
        truth(key, default: value, about: about) ?? value
    }

    package mutating func optionalBoolean(_ key: String, about: String = "") -> Bool? {
        truth(key, default: nil, about: about)
    }

    private mutating func truth(_ key: String, default value: Bool?, about: String) -> Bool? {
        let found = scalar(key, "true or false")
        var truth: Bool?
        if let text = found?.text {
            truth = Self.truth(text)
            if truth == nil { report("true or false is expected, found '\(found?.shown ?? "")'", at: key) }
        }
        recordOne(
            key, .truth, found, value: (truth ?? value).map { String($0) }, default: value.map { String($0) },
            about: about)
        return truth
    }

    static func truth(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "true", "yes", "on": true
        case "false", "no", "off": false
        default: nil
        }
    }

    /// One of a few words, in any case.
    package mutating func choice<Value: Equatable>(
        _ key: String, default value: Value, _ words: [(String, Value)], about: String = ""
    ) -> Value {
        let found = scalar(key, "a word")
        var choice: (String, Value)?
        if let text = found?.text {
            choice = words.first { $0.0.lowercased() == text.lowercased() }
            if choice == nil {
                let valid = words.map(\.0).joined(separator: ", ")
                report("'\(found?.shown ?? "")' is not possible; one of: \(valid)", at: key)
            }
        }
        let standard = words.first { $0.1 == value }?.0
        recordOne(
            key, .words(words.map(\.0)), found, value: choice?.0 ?? standard, default: standard, about: about)
        return choice?.1 ?? value
    }

    /// One of a few words as it stands in the list, in any case in the file; nil when it is left out.
    package mutating func word(
        _ key: String, of words: [String], default value: String? = nil, about: String = ""
    ) -> String? {
        choice(key, default: value, words.map { ($0, $0) }, about: about)
    }

    /// Seconds with fractions, or text with a unit: `0.5`, `500ms`, `2s`, `1m`.
    package mutating func duration(_ key: String, default value: Duration, about: String = "") -> Duration {
        time(key, default: value, about: about) ?? value
    }

    package mutating func optionalDuration(_ key: String, about: String = "") -> Duration? {
        time(key, default: nil, about: about)
    }

    private mutating func time(_ key: String, default value: Duration?, about: String) -> Duration? {
        let found = scalar(key, "a time")
        let duration = found.flatMap { DurationText.parse($0.text) }
        if let found, duration == nil {
            report("a time such as 2, 0.5, 500ms or 1m is expected, found '\(found.shown)'", at: key)
        }
        recordOne(
            key, .time, found, value: (duration ?? value).map(DurationText.text),
            default: value.map(DurationText.text), about: about)
        return duration
    }
}
