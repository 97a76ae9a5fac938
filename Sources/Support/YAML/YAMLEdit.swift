import Yams

/// Changes a document's text only where its values change, so that comments, order and spelling stay.
package struct YAMLEdit {
    /// Lines that are taken out, and those that come in their place.
    private struct Edit {
        var range: Range<Int>
        var lines: [String]
    }

    private let lines: [String]

    /// The text with other values.
    /// - Returns: nil when the text cannot be changed in places (aliases, blocks in braces at its root); it is then to be
    ///   written anew. What comes back has been read again and is what was wanted.
    package static func text(_ text: String, changedTo wanted: YAMLTree) -> String? {
        let unix = text.replacing("\r\n", with: "\n")
        // Other line breaks count as such for YAML, and not for us.
        guard !unix.unicodeScalars.contains(where: { ["\r", "\u{85}", "\u{2028}", "\u{2029}"].contains($0) }),
            case .block(let members) = wanted
        else { return nil }
        let editor = YAMLEdit(lines: unix.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
        guard let edited = editor.edited(unix, members), same(edited, wanted) else { return nil }
        return text.contains("\r\n") ? edited.replacing("\n", with: "\r\n") : edited
    }

    private static func same(_ text: String, _ wanted: YAMLTree) -> Bool {
        do { return YAMLTree(try YAMLDocument.parse(text)).withoutNulls == wanted.withoutNulls } catch { return false }
    }

    private func edited(_ text: String, _ members: [YAMLTree.Member]) -> String? {
        let root: Node?
        do { root = try Yams.compose(yaml: text) } catch { return nil }
        var edits: [Edit]?
        switch root {
        case nil: edits = [inserted(members.flatMap { YAMLText.member($0, indent: 0) }, after: lastLine)]
        case .scalar(let scalar)? where scalar.string.isEmpty:
            edits = [inserted(members.flatMap { YAMLText.member($0, indent: 0) }, after: lastLine)]
        case .mapping(let mapping)? where lastLine >= 0:
            edits = self.edits(of: mapping, to: members, in: 0...lastLine)
        default: edits = nil
        }
        guard let edits else { return nil }
        var result = lines
        // From the end; of insertions at one place the inner block's comes first.
        let order = edits.enumerated().sorted {
            ($0.element.range.lowerBound, $0.element.range.upperBound, $0.offset)
                > ($1.element.range.lowerBound, $1.element.range.upperBound, $1.offset)
        }
        for edit in order { result.replaceSubrange(edit.element.range, with: edit.element.lines) }
        return result.joined(separator: "\n")
    }

    private var lastLine: Int {
        // A text that ends with a line end has an empty last line behind it.
        lines.last == "" ? lines.count - 2 : lines.count - 1
    }

    private func inserted(_ new: [String], after line: Int) -> Edit { Edit(range: line + 1..<line + 1, lines: new) }

    // MARK: Blocks

    /// What is to be done to a block; nil when it cannot be done in places.
    /// - Parameter region: the lines that can belong to it; one that an alias names lies elsewhere.
    private func edits(
        of mapping: Node.Mapping, to wanted: [YAMLTree.Member], in region: ClosedRange<Int>
    ) -> [Edit]? {
        let pairs = Array(mapping)
        guard isBlock(mapping.mark), let first = pairs.first?.key.mark, region.contains(first.line - 1) else {
            return nil
        }
        let (column, lastLine) = (first.column, region.upperBound)
        var edits: [Edit] = []
        var end = lastLine
        for (index, pair) in pairs.enumerated() {
            guard let mark = pair.key.mark, mark.column == column, case .scalar(let key) = pair.key else { return nil }
            let next = index + 1 < pairs.count ? pairs[index + 1].key.mark.map { $0.line - 1 } : lastLine + 1
            guard let next, next > mark.line - 1, next <= lastLine + 1 else { return nil }
            end = trimmed(from: mark.line - 1, to: next - 1, column: column - 1)
            let place = mark.line - 1...end
            let old = tree(pair.value)
            if let new = wanted.first(where: { $0.key == key.string }) {
                guard let change = self.edits(of: pair.value, old, to: new, at: place, column: column - 1) else {
                    return nil
                }
                edits += change
            } else if old != .null {
                // The dash of an item stands on the line of its first key.
                guard prefix(of: place.lowerBound, column - 1)?.allSatisfy({ $0 == " " }) == true else { return nil }
                edits.append(Edit(range: place.lowerBound..<end + 1, lines: []))
            }
        }
        let known = Set(pairs.compactMap { $0.key.string })
        let added = wanted.filter { !known.contains($0.key) }
        if !added.isEmpty {
            edits.append(inserted(added.flatMap { YAMLText.member($0, indent: column - 1) }, after: end))
        }
        return edits
    }

    /// What is to be done to a key's value.
    private func edits(
        of value: Node, _ old: YAMLTree, to new: YAMLTree.Member, at place: ClosedRange<Int>, column: Int
    ) -> [Edit]? {
        if old.withoutNulls == new.value.withoutNulls { return [] }
        if let inner = innerEdits(of: value, to: new.value, at: place) { return inner }
        guard let prefix = prefix(of: place.lowerBound, column) else { return nil }
        var lines = YAMLText.member(new, indent: column)
        lines[0] = prefix + lines[0].dropFirst(column)
        return [Edit(range: place.lowerBound..<place.upperBound + 1, lines: lines)]
    }

    /// The changes inside a value, if it can stay where it is.
    private func innerEdits(of value: Node, to new: YAMLTree, at place: ClosedRange<Int>) -> [Edit]? {
        switch (value, new) {
        case (.mapping(let mapping), .block(let members)) where !members.isEmpty:
            edits(of: mapping, to: members, in: place)
        case (.sequence(let sequence), .list(let items)) where !items.isEmpty:
            edits(of: sequence, to: items, in: place)
        case (.scalar(let scalar), .null), (.scalar(let scalar), .truth), (.scalar(let scalar), .number),
            (.scalar(let scalar), .text):
            edit(of: scalar, to: new, at: place).map { [$0] }
        default: nil
        }
    }

    // MARK: Lists

    private func edits(
        of sequence: Node.Sequence, to wanted: [YAMLTree], in region: ClosedRange<Int>
    ) -> [Edit]? {
        let items = Array(sequence)
        let lastLine = region.upperBound
        guard isBlock(sequence.mark), let first = items.first?.mark, region.contains(first.line - 1),
            let dash = dash(of: items.first), let steps = steps(items.map(tree), wanted)
        else { return nil }
        var places: [ClosedRange<Int>] = []
        for (index, item) in items.enumerated() {
            guard let mark = item.mark, self.dash(of: item) == dash else { return nil }
            let next = index + 1 < items.count ? items[index + 1].mark.map { $0.line - 1 } : lastLine + 1
            guard let next, next > mark.line - 1, next <= lastLine + 1 else { return nil }
            places.append(mark.line - 1...trimmed(from: mark.line - 1, to: next - 1, column: dash))
        }
        var edits: [Edit] = []
        for step in steps {
            switch step {
            case .change(let index, let new):
                guard tree(items[index]).withoutNulls != new.withoutNulls else { continue }
                edits +=
                    innerEdits(of: items[index], to: new, at: places[index]) ?? [
                        Edit(
                            range: places[index].lowerBound..<places[index].upperBound + 1,
                            lines: replaced(places[index].lowerBound, dash, YAMLText.item(new, indent: dash)))
                    ]
            case .remove(let index):
                guard prefix(of: places[index].lowerBound, dash)?.allSatisfy({ $0 == " " }) == true else { return nil }
                edits.append(Edit(range: places[index].lowerBound..<places[index].upperBound + 1, lines: []))
            case .insert(let before, let new):
                let line = before == 0 ? places[0].lowerBound - 1 : places[before - 1].upperBound
                guard before > 0 || prefix(of: places[0].lowerBound, dash)?.allSatisfy({ $0 == " " }) == true else {
                    return nil
                }
                edits.append(inserted(YAMLText.item(new, indent: dash), after: line))
            }
        }
        return edits
    }

    private func replaced(_ line: Int, _ column: Int, _ lines: [String]) -> [String] {
        var lines = lines
        if let prefix = prefix(of: line, column) { lines[0] = prefix + lines[0].dropFirst(column) }
        return lines
    }

    private enum Step {
        case change(Int, YAMLTree)
        case remove(Int)
        /// Before the old item of this number.
        case insert(Int, YAMLTree)
    }

    /// How the old list becomes the new one; nil when things with names change places.
    private func steps(_ old: [YAMLTree], _ new: [YAMLTree]) -> [Step]? {
        guard let oldNames = YAMLTree.names(of: old), let newNames = YAMLTree.names(of: new) else {
            return plainSteps(old, new)
        }
        var steps: [Step] = []
        var next = 0
        for (name, item) in zip(newNames, new) {
            guard let index = oldNames.firstIndex(of: name) else {
                steps.append(.insert(next, item))
                continue
            }
            guard index >= next, !oldNames[next..<index].contains(where: newNames.contains) else { return nil }
            steps += (next..<index).map { .remove($0) }
            steps.append(.change(index, item))
            next = index + 1
        }
        return steps + (next..<old.count).map { .remove($0) }
    }

    /// What is the same at both ends stays; what is between is changed one by one.
    private func plainSteps(_ old: [YAMLTree], _ new: [YAMLTree]) -> [Step] {
        let least = min(old.count, new.count)
        let head = zip(old, new).prefix { $0 == $1 }.count
        let tail = min(zip(old.reversed(), new.reversed()).prefix { $0 == $1 }.count, least - head)
        let (oldEnd, newEnd) = (old.count - tail, new.count - tail)
        let common = min(oldEnd, newEnd)
        var steps: [Step] = (head..<max(head, common)).map { .change($0, new[$0]) }
        if oldEnd > newEnd { steps += (newEnd..<oldEnd).map { .remove($0) } }
        if newEnd > oldEnd { steps += (oldEnd..<newEnd).map { .insert(oldEnd, new[$0]) } }
        return steps
    }

    // MARK: Lines

    private func tree(_ node: Node) -> YAMLTree {
        var count = 0
        do { return YAMLTree(try YAMLDocument.convert(node, depth: 0, count: &count)) } catch { return .null }
    }

    /// The last line of something that begins at `first`: blank lines and comments behind it that are not set deeper
    /// than it belong to what follows.
    private func trimmed(from first: Int, to last: Int, column: Int) -> Int {
        var last = last
        while last > first {
            let line = lines[last].trimmingPrefix { $0 == " " || $0 == "\t" }
            let indent = lines[last].utf8.count - line.utf8.count
            guard line.isEmpty || line.hasPrefix("#") && indent <= column || line == "..." || line == "---" else {
                break
            }
            last -= 1
        }
        return last
    }

    /// Whether something is written without brackets, anchor or tag; the library does not tell.
    private func isBlock(_ mark: Mark?) -> Bool {
        guard let mark, lines.indices.contains(mark.line - 1) else { return false }
        let first = lines[mark.line - 1].unicodeScalars.dropFirst(mark.column - 1).first
        return first.map { !"{[&!*".unicodeScalars.contains($0) } ?? false
    }

    private func prefix(of line: Int, _ column: Int) -> String? {
        guard lines.indices.contains(line) else { return nil }
        let scalars = lines[line].unicodeScalars
        guard scalars.count >= column else { return nil }
        return String(String.UnicodeScalarView(scalars.prefix(column)))
    }

    /// The column, from 0, of the dash before an item; nil when it stands on another line.
    private func dash(of item: Node?) -> Int? {
        guard let mark = item?.mark, let before = prefix(of: mark.line - 1, mark.column - 1) else { return nil }
        let blanks = before.reversed().prefix { $0 == " " }.count
        let column = before.unicodeScalars.count - blanks - 1
        guard blanks > 0, column >= 0, before.dropLast(blanks).last == "-" else { return nil }
        return column
    }

    /// Replaces a value that stands on one line, with what is before and behind it left.
    private func edit(of scalar: Node.Scalar, to new: YAMLTree, at place: ClosedRange<Int>) -> Edit? {
        guard let mark = scalar.mark, mark.line - 1 == place.lowerBound, place.count == 1,
            let prefix = prefix(of: mark.line - 1, mark.column - 1)
        else { return nil }
        let rest = String(lines[mark.line - 1].unicodeScalars.dropFirst(mark.column - 1))
        let written: Substring
        switch scalar.style {
        case .plain:
            let end = rest.firstRange(of: " #")?.lowerBound ?? rest.endIndex
            let text = rest[..<end]
            written = text.prefix(text.count - text.reversed().prefix { $0 == " " || $0 == "\t" }.count)
            guard written == scalar.string else { return nil }
        case .singleQuoted:
            guard let match = rest.prefixMatch(of: /'([^']|'')*'/) else { return nil }
            written = match.output.0
        case .doubleQuoted:
            guard let match = rest.prefixMatch(of: /"([^"\\]|\\.)*"/) else { return nil }
            written = match.output.0
        default: return nil
        }
        let behind = rest[written.endIndex...]
        guard behind.trimmingPrefix(while: { $0 == " " }).isEmpty || behind.hasPrefix(" ") else { return nil }
        return Edit(range: place.lowerBound..<place.upperBound + 1, lines: [prefix + YAMLText.scalar(new) + behind])
    }
}
