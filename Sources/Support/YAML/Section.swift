import WordSupport

/// One block of keys while it is read: each getter takes its key, and `finish()` names those that nobody took.
///
/// A getter that finds something wrong records a finding and gives its default, so that one pass over the
/// file finds everything. What was read counts only when there are no findings at the end. Each getter also tells what
/// it took (`KeyRecord`): the reader is the schema.
package struct Section {
    let context: ReadingContext
    var address: KeyAddress
    /// The key path as the file has it, where that is not the address.
    let written: String?
    let line: Int?
    /// Nil is the configuration file itself.
    let file: String?
    var entries: [String: YAMLNode.Entry] = [:]
    var taken: [String: YAMLNode.Entry] = [:]
    var known: [String] = []
    /// Blocks that are known only for other names of keys.
    var blocksOfOtherNames: Set<String> = []
    /// Other words for values of keys, for surveys.
    var otherWords: [String: [String]] = [:]
    private var missing: Missing?

    /// A part that this build lacks, and the place that is told of it.
    struct Missing {
        var part: String
        var place: Place?
    }

    package var references: References { context.references }
    var findings: Findings { context.findings }

    init(root node: YAMLNode?, context: ReadingContext) {
        self.init(node: node, address: .root, written: nil, line: nil, file: nil, context: context)
    }

    init(
        node: YAMLNode?, address: KeyAddress, written: String?, line: Int?, file: String?, context: ReadingContext,
        missing: Missing? = nil
    ) {
        self.context = context
        self.address = address
        self.written = written
        self.line = line
        self.missing = missing
        var file = file
        switch node {
        case .mapping(let entries, _):
            for entry in entries { self.entries[entry.key] = entry }
            file = file ?? entries.first?.file
        case nil: break
        case .scalar(let scalar)? where scalar.isNull: break
        case .some(let other):
            context.findings.add(
                "a block of keys is expected here, found \(other.kind)", at: written ?? address.description,
                line: other.line, in: file)
        }
        self.file = file
    }

    /// Whether the file has the key. A survey has all keys.
    package func has(_ key: String) -> Bool { context.isSurvey || entry(at: key) != nil }

    /// Whether no document is read but all keys are gathered that one may have.
    package var isSurvey: Bool { context.isSurvey }

    package func line(of key: String) -> Int? { present(key)?.line ?? line }

    package func report(_ problem: String, at key: String? = nil) {
        let entry = key.flatMap(present)
        findings.add(problem, at: key.map(pathOf) ?? path, line: entry?.line ?? line, in: entry?.file ?? file)
    }

    /// Tells of something that is possible and hardly meant.
    package func warn(_ problem: String, at key: String? = nil) {
        let entry = key.flatMap(present)
        findings.warn(problem, at: key.map(pathOf) ?? path, line: entry?.line ?? line, in: entry?.file ?? file)
    }

    /// Where a key stands, for findings that come up later.
    package struct Place: Hashable, Sendable {
        var path: String
        var line: Int?
        var file: String?
    }

    package func place(of key: String? = nil) -> Place {
        let entry = key.flatMap(present)
        return Place(path: key.map(pathOf) ?? path, line: entry?.line ?? line, file: entry?.file ?? file)
    }

    /// Reports what is wrong at a place of this or another block, or at a key below it.
    package func report(_ problem: String, at place: Place, key: String? = nil) {
        findings.add(problem, at: key.map { "\(place.path).\($0)" } ?? place.path, line: place.line, in: place.file)
    }

    /// Says of which kind the item of a list is; keys that are read from now on are those of that kind.
    package mutating func become(_ variant: String) {
        address = address.ofVariant(variant)
    }

    /// Says that no part of this build uses the keys that are read from now on, in this block and those in it; where
    /// the file has one, a warning tells.
    ///
    /// - Parameter isWhole: whether one warning for the block is enough, though keys of it were read before.
    package mutating func belongs(toMissingPart part: String, isWhole: Bool = false) {
        missing = Missing(part: part, place: known.isEmpty || isWhole ? place() : nil)
    }

    // MARK: Keys

    /// The key path of this block, as the file has it.
    var path: String { written ?? address.description }

    /// The key path of a key, also with points of a block in this one, as the file has it.
    func pathOf(_ key: String) -> String {
        present(key)?.written?.path ?? join(path, key)
    }

    /// The canonical key, from the item or the root that it belongs to.
    func canonical(_ key: String) -> String {
        let block = address.steps.reversed().prefix { if case .item = $0 { false } else { true } }.reversed()
        return join(KeyAddress(steps: Array(block)).description, key)
    }

    func join(_ path: String, _ key: String) -> String {
        path.isEmpty ? key : "\(path).\(key)"
    }

    /// The entry of a key, also with points, whether it was taken or not.
    private func present(_ key: String) -> YAMLNode.Entry? {
        entry(at: key) ?? Self.entry(at: key, in: taken)
    }

    func entry(at key: String) -> YAMLNode.Entry? { Self.entry(at: key, in: entries) }

    private static func entry(at key: String, in entries: [String: YAMLNode.Entry]) -> YAMLNode.Entry? {
        if let entry = entries[key] { return entry }
        guard key.contains(".") else { return nil }
        let names = key.split(separator: ".").map(String.init)
        return names.dropFirst().reduce(names.first.flatMap { entries[$0] }) { entry, name in
            guard case .mapping(let inner, _)? = entry?.value else { return nil }
            return inner.first { $0.key == name }
        }
    }

    /// Takes a key's node; nothing when it is missing or null.
    mutating func take(_ key: String) -> YAMLNode.Entry? {
        known.append(key)
        guard let entry = entries.removeValue(forKey: key) else { return nil }
        taken[key] = entry
        if let written = entry.written, !written.isTold {
            findings.warn(
                "is taken as '\(canonical(key))'; write it so", at: written.path, line: entry.line, in: entry.file)
        }
        if case .scalar(let scalar) = entry.value, scalar.isNull { return nil }
        if let missing {
            let place = missing.place ?? place(of: key)
            findings.warn(
                "is checked and has no effect: this build has no \(missing.part)", at: place.path, line: place.line,
                in: place.file)
        }
        return entry
    }

    /// A block or an item below a taken entry.
    func below(
        _ entry: YAMLNode.Entry?, _ key: String, _ step: KeyAddress.Step, node: YAMLNode?, line: Int?
    ) -> Section {
        let suffix = if case .item(let index, _) = step { "[\(index)]" } else { "" }
        let path: String? = entry?.written?.path ?? written.map { join($0, key) }
        let address = suffix.isEmpty ? address.appending(step) : address.key(key).appending(step)
        return Section(
            node: node, address: address, written: path.map { $0 + suffix }, line: line ?? self.line,
            file: entry?.file ?? file, context: context,
            missing: missing.map { Missing(part: $0.part, place: $0.place ?? place(of: key)) })
    }

    /// Tells what a getter took.
    func record(_ key: String, _ kind: KeyRecord.Kind, _ change: (inout KeyRecord) -> Void) {
        guard let recorder = context.recorder else { return }
        var record = KeyRecord(address: address.key(key), kind: kind)
        record.missingPart = missing?.part
        record.otherWords = otherWords[key] ?? []
        record.isSecret = SecretWords.hold(key)
        if let entry = taken[key] {
            record.origin = .file(entry.file ?? file, line: entry.line, spelling: entry.written?.path, references: [])
        }
        change(&record)
        recorder.add(record)
    }

    /// Names every key that nobody took.
    package func finish() {
        for entry in entries.values.sorted(by: { $0.line < $1.line }) {
            if findings.isFull { return }
            if blocksOfOtherNames.contains(entry.key), case .mapping = entry.value {
                reportUnknown(below: entry, entry.key)
                continue
            }
            let nearest = NearestWord.nearest(to: entry.key, among: known)
            let hint =
                nearest.map { "; did you mean '\($0)'?" }
                ?? "; possible here: \(Set(known).sorted().joined(separator: ", "))"
            findings.add(
                "unknown key\(hint)", at: entry.written?.path ?? join(path, entry.key), line: entry.line,
                in: entry.file ?? file)
        }
    }

    private func reportUnknown(below block: YAMLNode.Entry, _ name: String) {
        guard case .mapping(let inner, _) = block.value else {
            return findings.add("unknown key", at: pathOf(name), line: block.line, in: block.file ?? file)
        }
        for inner in inner { reportUnknown(below: inner, "\(name).\(inner.key)") }
    }
}
