/// Other names that files in use have for keys and words: taken as the canonical one, with one warning each.
extension Section {
    /// How a value under another name becomes the canonical key's.
    package enum Conversion: Sendable {
        case same
        /// Seconds, or text with a unit, become whole milliseconds.
        case secondsAsMilliseconds
        /// Seconds, or text with a unit, become whole seconds, the next one above a fraction.
        case wholeSeconds
        /// Milliseconds become seconds with a fraction.
        case millisecondsAsSeconds
        /// The name of an environment variable becomes a reference to it.
        case nameOfVariable
        /// True becomes the first word, false the second; a word stays.
        case truth(yes: String, no: String)
    }

    /// Takes what stands under other names as if it stood under the key; to be called before the key is read.
    ///
    /// - Parameters:
    ///   - names: keys of this block, or with points (`mqtt.tls.ca`) of a block in it. Two spellings with different
    ///     values are a finding.
    ///   - key: a key of this block, or with points (`tls.ca`) of a block in it.
    package mutating func accept(_ names: String..., for key: String, as conversion: Conversion = .same) {
        note(names, for: key)
        for name in names {
            guard var entry = remove(name) else { continue }
            let path = entry.written?.path ?? join(path, name)
            guard let value = converted(entry, at: path, conversion) else { continue }
            entry.value = Self.told(value)
            entry.written = .init(path: path, isTold: true)
            guard put(entry, under: key, isSame: { Self.isSame($0, value) }) else { continue }
            findings.warn(
                "is taken as '\(canonical(key))'; write it so", at: path, line: entry.line, in: entry.file ?? file)
        }
    }

    /// Takes keys that say in parts what one key says as if it stood there; to be called before the key is read.
    ///
    /// - Parameters:
    ///   - names: the keys of the parts; without the first the others are a finding.
    ///   - isSame: whether two values of the key, references resolved, say the same.
    ///   - join: makes the key's value of the parts' texts; a part that was left out is nil.
    package mutating func accept(
        parts names: String..., for key: String, isSame: (String, String) -> Bool, join: ([String?]) -> String
    ) {
        note(names, for: key)
        let parts = names.map { (name: $0, entry: remove($0)) }
        let found = parts.compactMap { part in part.entry.map { ($0.written?.path ?? self.join(path, part.name), $0) } }
        guard let (firstPath, first) = found.first else { return }
        guard parts.first?.entry != nil else {
            return findings.add(
                "needs '\(names.first ?? "")' beside it", at: firstPath, line: first.line, in: first.file ?? file)
        }
        let text = join(
            parts.map { part in
                guard case .scalar(let scalar)? = part.entry?.value, !scalar.isNull else { return nil }
                return scalar.text
            })
        var entry = first
        entry.value = .scalar(YAMLScalar(text: text, isQuoted: true, line: first.line))
        entry.written = .init(path: firstPath, isTold: true)
        let references = references
        let isKept = put(entry, under: key) { other in
            guard case .scalar(let other) = other else { return false }
            let (left, right) = (try? references.resolve(other.text), try? references.resolve(text))
            return other.text == text || left.flatMap { left in right.map { isSame(left, $0) } } == true
        }
        guard isKept else { return }
        for (path, part) in found {
            findings.warn(
                "is taken as part of '\(key)'; write \(key): \(text)", at: path, line: part.line,
                in: part.file ?? file)
        }
    }

    /// Takes other words for the value of a key as the canonical ones; to be called before the key is read.
    ///
    /// - Parameter words: from the other word in lower case to the canonical one.
    package mutating func accept(words: [String: String], in key: String) {
        if isSurvey { otherWords[key] = words.keys.sorted() }
        guard var entry = entries[key], case .scalar(var scalar) = entry.value,
            let canonical = words[scalar.text.lowercased()]
        else { return }
        findings.warn(
            "'\(scalar.text)' is taken as '\(canonical)'; write it so", at: pathOf(key), line: entry.line,
            in: entry.file ?? file)
        scalar.text = canonical
        entry.value = .scalar(scalar)
        entries[key] = entry
    }

    /// Takes the keys of a block as if they stood beside it, each with a warning when it is taken; to be called before
    /// any of them is read.
    ///
    /// - Parameter key: a key of this block beside which the others are put; nil is this block itself.
    package mutating func hoist(_ name: String, into key: String? = nil) {
        note([name], for: key ?? "")
        guard let block = entries[name] else { return }
        guard case .mapping(let inner, _) = block.value else {
            if case .scalar(let scalar) = block.value, scalar.isNull { entries[name] = nil }
            return
        }
        entries[name] = nil
        blocksOfOtherNames.insert(name)
        for entry in inner {
            let entry = spelled(entry, below: join(path, name), file: block.file)
            let target = key.map { "\($0).\(entry.key)" } ?? entry.key
            merge(entry, under: target)
        }
    }

    /// Takes a block that stands instead of an item of a list, with a warning; nil where the file has none.
    ///
    /// - Parameter list: the list's key, for the warning.
    package mutating func blockInstead(_ name: String, of list: String) -> Section? {
        note([name], for: list)
        guard let entry = entries[name], case .mapping = entry.value else { return nil }
        entries[name] = nil
        findings.warn(
            "is taken as an entry of '\(list)'; write it so", at: join(path, name), line: entry.line,
            in: entry.file ?? file)
        return Section(
            node: entry.value, address: address.key(name), written: join(path, name), line: entry.line,
            file: entry.file ?? file, context: context)
    }

    /// The block as an item of a list of the root.
    package func asItem(_ index: Int, of list: String) -> Section {
        var item = self
        item.address = KeyAddress.root.key(list).appending(.item(index, variant: nil))
        return item
    }

    /// Says what a key has that the file leaves out.
    package mutating func put(_ key: String, _ text: String) {
        guard entries[key] == nil else { return }
        let scalar = YAMLScalar(text: text, isQuoted: true, line: line ?? 1)
        entries[key] = .init(key: key, line: line ?? 1, value: .scalar(scalar), file: file)
    }

    /// The entry as one that stands elsewhere; of a block each value is told of.
    private func spelled(_ entry: YAMLNode.Entry, below path: String, file: String?) -> YAMLNode.Entry {
        var entry = entry
        let path = entry.written?.path ?? join(path, entry.key)
        entry.file = entry.file ?? file
        if case .mapping(let inner, let line) = entry.value {
            entry.value = .mapping(inner.map { spelled($0, below: path, file: entry.file) }, line: line)
            entry.written = .init(path: path, isTold: true)
        } else {
            entry.written = entry.written ?? .init(path: path, isTold: false)
        }
        return entry
    }

    /// The same block, of whose keys nothing more is told.
    private static func told(_ node: YAMLNode) -> YAMLNode {
        guard case .mapping(let inner, let line) = node else { return node }
        return .mapping(
            inner.map { entry in
                var entry = entry
                entry.value = told(entry.value)
                entry.written?.isTold = true
                return entry
            }, line: line)
    }

    /// Puts an entry under a key; blocks become one.
    private mutating func merge(_ entry: YAMLNode.Entry, under key: String) {
        if let other = self.entry(at: key), case .mapping = other.value, case .mapping(let inner, _) = entry.value {
            for below in inner {
                merge(below, under: "\(key).\(below.key)")
            }
            return
        }
        if put(entry, under: key, isSame: { Self.isSame($0, entry.value) }), let written = entry.written,
            !written.isTold,
            self.entry(at: key)?.written?.path != written.path
        {
            findings.warn(
                "is taken as '\(canonical(key))'; write it so", at: written.path, line: entry.line,
                in: entry.file ?? file)
        }
    }

    /// Whether the file says true under a name of this block, or with points of a block in it, without taking it.
    package func isTrue(_ name: String) -> Bool {
        guard case .scalar(let scalar)? = entry(at: name)?.value, let text = try? references.resolve(scalar.text)
        else { return false }
        return Self.truth(text) == true
    }

    /// The text under a name without taking it, references resolved where they can be.
    package func peek(_ name: String) -> String? {
        guard case .scalar(let scalar)? = entry(at: name)?.value, !scalar.isNull else { return nil }
        return (try? references.resolve(scalar.text)) ?? scalar.text
    }

    /// Whether the file has a block under a name.
    package func hasBlock(_ name: String) -> Bool {
        if case .mapping? = entry(at: name)?.value { true } else { false }
    }

    /// Tells a survey of names that are taken, too.
    private func note(_ names: [String], for key: String) {
        guard isSurvey, let recorder = context.recorder else { return }
        let canonical = Self.names(key).reduce(address) { $0.key($1) }
        for name in names {
            let other = Self.names(name).reduce(address) { $0.key($1) }
            recorder.add(KeyRecord(address: other, kind: .otherName(of: canonical)))
        }
    }

    // MARK: Entries by their paths

    private static func names(_ path: String) -> ArraySlice<String> { path.split(separator: ".").map(String.init)[...] }

    /// Puts an entry under a key that may have one; a different one is a finding.
    private mutating func put(
        _ entry: YAMLNode.Entry, under key: String, isSame: (YAMLNode) -> Bool
    ) -> Bool {
        if let other = self.entry(at: key) {
            guard isSame(other.value) else {
                let spelled = other.written.map { relative($0.path) } ?? key
                findings.add(
                    "says otherwise than '\(spelled)' in line \(other.line); keep only '\(key)'",
                    at: entry.written?.path ?? join(path, key), line: entry.line, in: entry.file ?? file)
                return false
            }
        } else {
            entries = Self.adding(entry, at: Self.names(key), to: entries)
        }
        return true
    }

    private func relative(_ spelled: String) -> String {
        path.isEmpty || !spelled.hasPrefix(path + ".") ? spelled : String(spelled.dropFirst(path.count + 1))
    }

    private static func adding(
        _ entry: YAMLNode.Entry, at path: ArraySlice<String>, to entries: [String: YAMLNode.Entry]
    ) -> [String: YAMLNode.Entry] {
        guard let name = path.first else { return entries }
        var entries = entries
        guard path.count > 1 else {
            var entry = entry
            entry.key = name
            entries[name] = entry
            return entries
        }
        guard var block = entries[name] else {
            let inner = adding(entry, at: path.dropFirst(), to: [:])
            entries[name] = .init(
                key: name, line: entry.line, value: .mapping(Array(inner.values), line: entry.line), file: entry.file)
            return entries
        }
        // What is no block is told of when it is read as one.
        guard case .mapping(let present, let line) = block.value else { return entries }
        let inner = adding(
            entry, at: path.dropFirst(),
            to: Dictionary(present.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first }))
        let order = present.map(\.key)
        block.value = .mapping(
            order.compactMap { inner[$0] } + inner.values.filter { !order.contains($0.key) }, line: line)
        entries[name] = block
        return entries
    }

    private mutating func remove(_ name: String) -> YAMLNode.Entry? {
        // Nearly always there is nothing, and a file may have thousands of blocks.
        guard name.contains(".") else { return entries.removeValue(forKey: name) }
        let path = Self.names(name)
        guard let first = path.first, let block = entries[first] else { return nil }
        guard path.count > 1 else { return entries.removeValue(forKey: first) }
        blocksOfOtherNames.insert(first)
        guard let (entry, rest) = Self.removing(path.dropFirst(), from: block) else { return nil }
        entries[first] = rest
        return entry
    }

    /// The entry at a path below a block, and what is left of the block, if anything.
    private static func removing(
        _ path: ArraySlice<String>, from block: YAMLNode.Entry
    ) -> (entry: YAMLNode.Entry, rest: YAMLNode.Entry?)? {
        guard let name = path.first, case .mapping(var inner, let line) = block.value,
            let index = inner.firstIndex(where: { $0.key == name })
        else { return nil }
        var removed = inner[index]
        var rest: YAMLNode.Entry?
        if path.count > 1 {
            guard let below = removing(path.dropFirst(), from: removed) else { return nil }
            (removed, rest) = below
        }
        if let rest { inner[index] = rest } else { inner.remove(at: index) }
        removed.file = removed.file ?? block.file
        var left = block
        left.value = .mapping(inner, line: line)
        return (removed, inner.isEmpty ? nil : left)
    }
}
