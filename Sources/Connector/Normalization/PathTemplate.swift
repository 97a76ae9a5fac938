/// How a tag's path is made of its parts: `{site}/{area}/{line}/{equipment}/{signal_type}/{tag_name}`.
///
/// A segment is any mixture of texts and names in braces. One whose names all have no value is left out together with
/// its slash.
package struct PathTemplate: Hashable, Sendable, CustomStringConvertible {
    private enum Piece: Hashable {
        case text(String)
        case part(String)
    }

    package let description: String
    private let segments: [[Piece]]

    /// Names for the usual templates (`normalization.preset`).
    package static let presets: [(name: String, template: String)] = [
        ("isa95", "{enterprise}/{site}/{area}/{line}/{equipment}/{signal_type}/{tag_name}"),
        ("purdue", "{site}/{level}/{area}/{equipment}/{signal_type}/{tag_name}"),
        ("flat", "{source}_{tag_name}"),
        ("asset", "{equipment}/{signal_type}/{tag_name}"),
        ("utility", "{site}/{area}/{equipment}/{signal_type}/{tag_name}"),
    ]

    package static let usual: PathTemplate = {
        let parts = ["site", "area", "line", "equipment", "signal_type", "tag_name"]
        return PathTemplate(parts.map { "{\($0)}" }.joined(separator: "/"), parts.map { [.part($0)] })
    }()

    private init(_ description: String, _ segments: [[Piece]]) {
        self.description = description
        self.segments = segments
    }

    /// - Throws: `PatternError` that says what is wrong with the text.
    package init(_ text: String) throws(PatternError) {
        var segments: [[Piece]] = []
        for segment in text.split(separator: "/") { segments.append(try Self.pieces(of: segment)) }
        self.init(text, segments)
        guard !parts.isEmpty else { throw PatternError("names no part, as in {site}/{tag_name}") }
    }

    /// The names in braces, each once.
    package var parts: [String] {
        var names: [String] = []
        for case .part(let name) in segments.joined() where !names.contains(name) { names.append(name) }
        return names
    }

    private static func pieces(of segment: Substring) throws(PatternError) -> [Piece] {
        var pieces: [Piece] = []
        var rest = segment
        while let brace = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
            if brace > rest.startIndex { pieces.append(.text(String(rest[..<brace]))) }
            guard rest[brace] == "{", let end = rest[brace...].firstIndex(of: "}") else {
                throw PatternError("has a brace without the other in '\(segment)'")
            }
            let name = rest[rest.index(after: brace)..<end]
            guard !name.isEmpty, name.utf8.allSatisfy({ isNameByte($0) }) else {
                throw PatternError("'{\(name)}' is no name: lower-case letters, digits and _")
            }
            pieces.append(.part(String(name)))
            rest = rest[rest.index(after: end)...]
        }
        if !rest.isEmpty { pieces.append(.text(String(rest))) }
        return pieces
    }

    /// The path; empty when no part has a value and there is no fixed text.
    /// - Parameter value: what a part is, nil when nobody says.
    package func path(_ sanitizer: SegmentSanitizer, _ value: (String) -> String?) -> String {
        var path = ""
        for pieces in segments {
            guard let text = Self.text(of: pieces, value), let segment = sanitizer.segment(text) else { continue }
            if !path.isEmpty { path += "/" }
            path += segment
        }
        return path
    }

    private static func text(of pieces: [Piece], _ value: (String) -> String?) -> String? {
        if pieces.count == 1, case .part(let name) = pieces[0] { return value(name) }
        var text = ""
        var hasPart = false
        var hasValue = false
        var isIncomplete = false
        for piece in pieces {
            switch piece {
            case .text(let fixed): text += fixed
            case .part(let name):
                hasPart = true
                guard let value = value(name), !value.isEmpty else {
                    isIncomplete = true
                    continue
                }
                hasValue = true
                text += value
            }
        }
        if hasPart, !hasValue { return nil }
        guard isIncomplete else { return text }
        // What separated a missing part from its neighbour at either end separates nothing.
        let separators: Set<Character> = ["_", "-", ".", " ", ":"]
        let front = text.drop { separators.contains($0) }
        return String(front.reversed().drop { separators.contains($0) }.reversed())
    }

    /// Whether a byte may stand in a part's name.
    static func isNameByte(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
