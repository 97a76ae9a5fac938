/// One block of keys while it is read: each getter takes its key, and `finish()` names those that nobody took.
///
/// A getter that finds something wrong records a finding and gives its default, so that one pass over the
/// file finds everything. What was read counts only when there are no findings at the end.
package struct Section {
    let findings: Findings
    package let references: References
    private let path: String
    private let line: Int?
    var entries: [String: YAMLNode.Entry]
    private var known: [String] = []
    /// How the file spells a key that it has under another name, so that findings name what stands there.
    var spellings: [String: String] = [:]
    /// Blocks that are known only for other names of keys.
    var blocksOfOtherNames: Set<String> = []

    init(root node: YAMLNode?, findings: Findings, references: References) {
        self.init(node: node, path: "", line: nil, findings: findings, references: references)
    }

    private init(node: YAMLNode?, path: String, line: Int?, findings: Findings, references: References) {
        self.findings = findings
        self.references = references
        self.path = path
        self.line = line
        self.entries = [:]
        switch node {
        case .mapping(let entries, _):
            for entry in entries { self.entries[entry.key] = entry }
        case nil: break
        case .scalar(let scalar)? where scalar.isNull: break
        case .some(let other):
            findings.add("a block of keys is expected here, found \(other.kind)", at: path, line: other.line)
        }
    }

    package func has(_ key: String) -> Bool { entries[key] != nil }

    package func line(of key: String) -> Int? { entries[key]?.line ?? line }

    package func report(_ problem: String, at key: String? = nil) {
        findings.add(problem, at: key.map(pathOf) ?? path, line: key.flatMap(line(of:)) ?? line)
    }

    /// Where a key stands, for findings that come up later.
    package struct Place: Hashable, Sendable {
        var path: String
        var line: Int?
    }

    package func place(of key: String? = nil) -> Place {
        Place(path: key.map(pathOf) ?? path, line: key.flatMap(line(of:)) ?? line)
    }

    /// Reports what is wrong at a place of this or another block, or at a key below it.
    package func report(_ problem: String, at place: Place, key: String? = nil) {
        findings.add(problem, at: key.map { "\(place.path).\($0)" } ?? place.path, line: place.line)
    }

    func pathOf(_ key: String) -> String {
        let key = spellings[key] ?? key
        return path.isEmpty ? key : "\(path).\(key)"
    }

    /// Takes a key's node; nothing when it is missing or null.
    private mutating func take(_ key: String) -> YAMLNode.Entry? {
        known.append(key)
        guard let entry = entries.removeValue(forKey: key) else { return nil }
        taken[key] = entry.line
        if case .scalar(let scalar) = entry.value, scalar.isNull { return nil }
        return entry
    }

    private var taken: [String: Int] = [:]

    private mutating func scalar(_ key: String, _ expected: String) -> (text: String, line: Int, isQuoted: Bool)? {
        guard let entry = take(key) else { return nil }
        guard case .scalar(let scalar) = entry.value else {
            findings.add("\(expected) is expected, found \(entry.value.kind)", at: pathOf(key), line: entry.line)
            return nil
        }
        do {
            return (try references.resolve(scalar.text), entry.line, scalar.isQuoted)
        } catch {
            findings.add(error.problem, at: pathOf(key), line: entry.line)
            return nil
        }
    }

    // MARK: Single values

    package mutating func string(_ key: String) -> String? {
        scalar(key, "text")?.text
    }

    package mutating func requiredString(_ key: String) -> String {
        if !has(key) { reportMissing(key) }
        guard let text = string(key) else { return "" }
        if text.isEmpty { findings.add("must not be empty", at: pathOf(key), line: line) }
        return text
    }

    /// A missing key is often there with a slip; then the slip is the finding.
    private mutating func reportMissing(_ key: String) {
        if let slip = NearestKey.nearest(to: key, among: Array(entries.keys)), let entry = entries[slip] {
            entries[slip] = nil
            findings.add("unknown key; did you mean '\(key)'?", at: pathOf(slip), line: entry.line)
        } else {
            findings.add("is missing", at: pathOf(key), line: line)
        }
    }

    package mutating func integer(_ key: String, default value: Int, in range: ClosedRange<Int>) -> Int {
        optionalInteger(key, in: range) ?? value
    }

    package mutating func optionalInteger(_ key: String, in range: ClosedRange<Int>) -> Int? {
        guard let (text, line, _) = scalar(key, "a whole number") else { return nil }
        guard let value = Int(text) else {
            findings.add("a whole number is expected, found '\(text)'", at: pathOf(key), line: line)
            return nil
        }
        guard range.contains(value) else {
            findings.add(
                "\(value) is out of range; \(range.lowerBound) to \(range.upperBound) is possible",
                at: pathOf(key), line: line)
            return nil
        }
        return value
    }

    package mutating func number(_ key: String, default value: Double) -> Double {
        guard let (text, line, _) = scalar(key, "a number") else { return value }
        guard let number = Double(text), number.isFinite else {
            findings.add("a number is expected, found '\(text)'", at: pathOf(key), line: line)
            return value
        }
        return number
    }

    package mutating func boolean(_ key: String, default value: Bool) -> Bool {
        guard let (text, line, _) = scalar(key, "true or false") else { return value }
        switch text.lowercased() {
        case "true", "yes", "on": return true
        case "false", "no", "off": return false
        default:
            findings.add("true or false is expected, found '\(text)'", at: pathOf(key), line: line)
            return value
        }
    }

    /// One of a few words, in any case.
    package mutating func choice<Value>(_ key: String, default value: Value, _ words: [(String, Value)]) -> Value {
        guard let (text, line, _) = scalar(key, "a word") else { return value }
        if let found = words.first(where: { $0.0 == text.lowercased() }) { return found.1 }
        let valid = words.map(\.0).joined(separator: ", ")
        findings.add("'\(text)' is not possible; one of: \(valid)", at: pathOf(key), line: line)
        return value
    }

    /// Seconds with fractions, or text with a unit: `0.5`, `500ms`, `2s`, `1m`.
    package mutating func duration(_ key: String, default value: Duration) -> Duration {
        guard let (text, line, _) = scalar(key, "a time") else { return value }
        guard let duration = DurationText.parse(text) else {
            findings.add("a time such as 2, 0.5, 500ms or 1m is expected, found '\(text)'", at: pathOf(key), line: line)
            return value
        }
        return duration
    }

    // MARK: Blocks and lists

    package mutating func section(_ key: String) -> Section {
        let entry = take(key)
        return Section(
            node: entry?.value, path: pathOf(key), line: entry?.line ?? line, findings: findings,
            references: references)
    }

    /// The blocks of a block, by their names, in the order of the file.
    package mutating func blocks(_ key: String) -> [(name: String, section: Section)] {
        guard let entry = take(key) else { return [] }
        guard case .mapping(let members, _) = entry.value else {
            findings.add("a block is expected, found \(entry.value.kind)", at: pathOf(key), line: entry.line)
            return []
        }
        return members.map { member in
            let section = Section(
                node: member.value, path: "\(pathOf(key)).\(member.key)", line: member.line, findings: findings,
                references: references)
            return (member.key, section)
        }
    }

    /// The single values of a block, by their names, in the order of the file.
    package mutating func texts(_ key: String) -> [(name: String, text: String)] {
        guard let entry = take(key) else { return [] }
        guard case .mapping(let members, _) = entry.value else {
            findings.add("a block is expected, found \(entry.value.kind)", at: pathOf(key), line: entry.line)
            return []
        }
        var block = Section(
            node: entry.value, path: pathOf(key), line: entry.line, findings: findings, references: references)
        return members.compactMap { member in block.string(member.key).map { (member.key, $0) } }
    }

    /// The items of a list of blocks; where `name` is given, a plain value stands for a block with that key, and one
    /// plain value for a list of it.
    package mutating func sections(_ key: String, plain name: String? = nil) -> [Section] {
        guard var entry = take(key) else { return [] }
        if name != nil, case .scalar = entry.value { entry.value = .sequence([entry.value], line: entry.line) }
        guard case .sequence(let items, _) = entry.value else {
            findings.add("a list is expected, found \(entry.value.kind)", at: pathOf(key), line: entry.line)
            return []
        }
        return items.enumerated().map { index, item in
            var node = item
            if let name, case .scalar(let scalar) = item, !scalar.isNull {
                node = .mapping([.init(key: name, line: scalar.line, value: item)], line: scalar.line)
            }
            return Section(
                node: node, path: "\(pathOf(key))[\(index)]", line: item.line, findings: findings,
                references: references)
        }
    }

    /// The items of a list of single values; one value stands for a list of it.
    package mutating func strings(_ key: String) -> [String] {
        if case .scalar = entries[key]?.value { return string(key).map { [$0] } ?? [] }
        return sections(key, plain: "").compactMap { item in
            var item = item
            let text = item.string("")
            if text == nil { item.report("text is expected") }
            return text
        }
    }

    /// Names every key that nobody took.
    package func finish() {
        for entry in entries.values.sorted(by: { $0.line < $1.line }) {
            if blocksOfOtherNames.contains(entry.key), case .mapping(let inner, _) = entry.value {
                for inner in inner {
                    findings.add("unknown key", at: pathOf("\(entry.key).\(inner.key)"), line: inner.line)
                }
                continue
            }
            let nearest = NearestKey.nearest(to: entry.key, among: known)
            let hint =
                nearest.map { "; did you mean '\($0)'?" }
                ?? "; possible here: \(Set(known).sorted().joined(separator: ", "))"
            findings.add("unknown key\(hint)", at: pathOf(entry.key), line: entry.line)
        }
    }
}
