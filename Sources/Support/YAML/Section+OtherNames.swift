/// Other names that files in use have for keys and words: taken as the canonical one, with one warning each.
extension Section {
    /// How a value under another name becomes the canonical key's.
    package enum Conversion: Sendable {
        case same
        /// Seconds, or text with a unit, become whole milliseconds.
        case secondsAsMilliseconds
    }

    /// Takes what stands under other names as if it stood under the key; to be called before the key is read.
    ///
    /// - Parameter names: keys of this block, or with a point (`modbus.slave_id`) of a block in it. Two spellings
    ///   with different values are a finding.
    package mutating func accept(_ names: String..., for key: String, as conversion: Conversion = .same) {
        for name in names {
            guard let entry = remove(name.split(separator: ".").map(String.init)) else { continue }
            guard let value = converted(entry, name, conversion) else { continue }
            if let other = entries[key] {
                guard isSame(other.value, value) else {
                    findings.add(
                        "says otherwise than '\(spellings[key] ?? key)' in line \(other.line); keep only '\(key)'",
                        at: pathOf(name), line: entry.line)
                    continue
                }
            } else {
                entries[key] = .init(key: key, line: entry.line, value: value)
                spellings[key] = name
            }
            findings.warn("is taken as '\(key)'; write it so", at: pathOf(name), line: entry.line)
        }
    }

    /// Takes other words for the value of a key as the canonical ones; to be called before the key is read.
    ///
    /// - Parameter words: from the other word in lower case to the canonical one.
    package mutating func accept(words: [String: String], in key: String) {
        guard let entry = entries[key], case .scalar(var scalar) = entry.value,
            let canonical = words[scalar.text.lowercased()]
        else { return }
        findings.warn("'\(scalar.text)' is taken as '\(canonical)'; write it so", at: pathOf(key), line: entry.line)
        scalar.text = canonical
        entries[key] = .init(key: key, line: entry.line, value: .scalar(scalar))
    }

    private mutating func remove(_ path: [String]) -> YAMLNode.Entry? {
        guard let name = path.first else { return nil }
        guard path.count > 1 else { return entries.removeValue(forKey: name) }
        guard path.count == 2, let block = entries[name], case .mapping(var inner, let line) = block.value,
            let index = inner.firstIndex(where: { $0.key == path[1] })
        else { return nil }
        let entry = inner.remove(at: index)
        blocksOfOtherNames.insert(name)
        entries[name] =
            inner.isEmpty ? nil : .init(key: name, line: block.line, value: .mapping(inner, line: line))
        return entry
    }

    /// The value as the canonical key has it; nil when it cannot be, which is then a finding.
    private func converted(_ entry: YAMLNode.Entry, _ name: String, _ conversion: Conversion) -> YAMLNode? {
        guard conversion == .secondsAsMilliseconds, case .scalar(var scalar) = entry.value, !scalar.isNull else {
            return entry.value
        }
        do {
            let text = try references.resolve(scalar.text)
            guard let duration = DurationText.parse(text) else {
                findings.add(
                    "a time such as 2, 0.5, 500ms or 1m is expected, found '\(text)'", at: pathOf(name),
                    line: entry.line)
                return nil
            }
            let (seconds, attoseconds) = duration.components
            scalar.text = String(seconds * 1000 + (attoseconds + 500_000_000_000_000) / 1_000_000_000_000_000)
            return .scalar(scalar)
        } catch {
            findings.add(error.problem, at: pathOf(name), line: entry.line)
            return nil
        }
    }

    private func isSame(_ left: YAMLNode, _ right: YAMLNode) -> Bool {
        switch (left, right) {
        case (.scalar(let left), .scalar(let right)):
            if left.text == right.text { return true }
            guard let number = Double(left.text) else { return false }
            return number == Double(right.text)
        case (.sequence(let left, _), .sequence(let right, _)):
            return left.count == right.count && zip(left, right).allSatisfy { isSame($0, $1) }
        case (.mapping(let left, _), .mapping(let right, _)):
            return left.count == right.count
                && left.allSatisfy { entry in
                    right.contains { $0.key == entry.key && isSame($0.value, entry.value) }
                }
        default: return false
        }
    }
}
