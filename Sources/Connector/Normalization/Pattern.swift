import Foundation

/// A regular expression with named groups (ICU's syntax, with `(?P<name>…)` as well) whose time is bounded.
///
/// Patterns come from whoever writes the configuration and texts from devices, and an innocent looking pattern can take
/// a backtracking engine for ever: a search that is not done after a number of steps has not matched.
package struct Pattern: Hashable, Sendable, CustomStringConvertible {
    /// The longest pattern.
    package static let charactersMax = 1000
    /// Longer texts are not searched: they do not match.
    package static let textUnitsMax = 2048
    /// The engine reports every ten thousand steps or so, which take it half a millisecond.
    private static let reportsMax = 20

    package let description: String
    /// The names of the groups that have one.
    package let groupNames: [String]
    private let expression: NSRegularExpression

    /// - Throws: `PatternError` that says what is wrong.
    package init(_ text: String) throws(PatternError) {
        guard text.count <= Self.charactersMax else {
            throw PatternError("is longer than \(Self.charactersMax) characters")
        }
        let (names, renamed) = try GroupNames.replaced(in: text)
        do {
            expression = try NSRegularExpression(pattern: renamed)
        } catch {
            throw PatternError("'\(text)' is no regular expression")
        }
        description = text
        groupNames = names
    }

    /// What the named groups hold where the pattern first matches in the text; nil when it does not match. A group that
    /// took no part, or that is empty, is left out.
    package func groups(in text: String) -> [String: String]? {
        guard let match = firstMatch(in: text) else { return nil }
        var groups: [String: String] = [:]
        for (number, name) in groupNames.enumerated() {
            let range = match.range(withName: GroupNames.own(number))
            guard range.length > 0, let place = Range(range, in: text) else { continue }
            groups[name] = String(text[place])
        }
        return groups
    }

    package func matches(_ text: String) -> Bool { firstMatch(in: text) != nil }

    private func firstMatch(in text: String) -> NSTextCheckingResult? {
        let length = text.utf16.count
        guard length <= Self.textUnitsMax else { return nil }
        var found: NSTextCheckingResult?
        var reports = 0
        expression.enumerateMatches(
            in: text, options: .reportProgress, range: NSRange(location: 0, length: length)
        ) { match, _, stop in
            reports += 1
            found = match
            if match != nil || reports > Self.reportsMax { stop.pointee = true }
        }
        return found
    }

    package static func == (left: Pattern, right: Pattern) -> Bool { left.description == right.description }
    package func hash(into hasher: inout Hasher) { hasher.combine(description) }
}

/// A text that is no pattern.
package struct PatternError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

/// The engine's groups have names of letters and digits only, ours also `_`: each gets one of the engine's kind.
enum GroupNames {
    static func own(_ number: Int) -> String { "group\(number)" }

    /// The names of a pattern's groups in their order, and the pattern with ours in their place.
    static func replaced(in text: String) throws(PatternError) -> (names: [String], pattern: String) {
        var names: [String] = []
        var pattern = ""
        var rest = Substring(text)
        var isInSet = false
        while let character = rest.first {
            if !isInSet, let opening = opening(of: rest) {
                guard let end = rest.firstIndex(of: ">") else {
                    throw PatternError("has a group whose name does not end")
                }
                let name = String(rest[rest.index(rest.startIndex, offsetBy: opening)..<end])
                guard isName(name) else {
                    throw PatternError("'\(name)' is no name of a group: lower-case letters, digits and _")
                }
                guard !names.contains(name) else { throw PatternError("has two groups '\(name)'") }
                pattern += "(?<\(own(names.count))>"
                names.append(name)
                rest = rest[rest.index(after: end)...]
                continue
            }
            // What is escaped opens and closes nothing.
            let taken = rest.prefix(character == "\\" ? 2 : 1)
            if character == "[" { isInSet = true } else if character == "]" { isInSet = false }
            pattern += taken
            rest = rest.dropFirst(taken.count)
        }
        return (names, pattern)
    }

    /// The length of `(?<` or `(?P<` at the beginning; nil where a look-behind or something else begins.
    private static func opening(of text: Substring) -> Int? {
        if text.hasPrefix("(?P<") { return 4 }
        return text.hasPrefix("(?<") && !text.hasPrefix("(?<=") && !text.hasPrefix("(?<!") ? 3 : nil
    }

    private static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first) else { return false }
        return name.utf8.allSatisfy { PathTemplate.isNameByte($0) }
    }
}
