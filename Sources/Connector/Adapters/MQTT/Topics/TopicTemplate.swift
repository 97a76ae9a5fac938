import MQTTCore

/// Names for the levels of a topic: `{site}/{area}/{line}/{equipment}/{tag_name}`.
///
/// A level of the template is a name in braces, a fixed text, or `+` for a level that says nothing. The last name
/// takes all levels that are left over; a topic with fewer levels leaves the names behind them without a value.
package struct TopicTemplate: Hashable, Sendable, CustomStringConvertible {
    private enum Level: Hashable {
        case name(String)
        case text(String)
        case any
    }

    package let description: String
    private let levels: [Level]

    /// The name whose value becomes the name of the tag.
    static let tagName = "tag_name"

    /// - Throws: `TopicTemplateError` that says what is wrong with the text.
    package init(_ text: String) throws(TopicTemplateError) {
        description = text
        var levels: [Level] = []
        var seen: Set<String> = []
        for part in text.split(separator: "/", omittingEmptySubsequences: false) {
            if part == "+" {
                levels.append(.any)
            } else if part.first == "{", part.last == "}" {
                let name = String(part.dropFirst().dropLast())
                let isName =
                    !name.isEmpty
                    && name.utf8.allSatisfy { byte in
                        byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    }
                guard isName else {
                    throw TopicTemplateError("'{\(name)}' is no name: lower-case letters, digits and _")
                }
                guard seen.insert(name).inserted else { throw TopicTemplateError("names {\(name)} twice") }
                levels.append(.name(name))
            } else if part.contains(where: { "{}#+".contains($0) }) {
                throw TopicTemplateError("'\(part)': a level is a {name}, a fixed text or +")
            } else {
                levels.append(.text(String(part)))
            }
        }
        guard !seen.isEmpty else {
            throw TopicTemplateError("names no part of the topic, as in {site}/{line}/{tag_name}")
        }
        self.levels = levels
    }

    /// The parts of a topic by their names; empty when a fixed text of the template is not there.
    package func parts(of topic: String) -> [String: String] {
        let names = topic.split(separator: "/", omittingEmptySubsequences: false)
        var parts: [String: String] = [:]
        for (index, level) in levels.enumerated() where index < names.count {
            switch level {
            case .any: continue
            case .text(let text): guard names[index] == text else { return [:] }
            case .name(let name):
                let isLast = index == levels.count - 1
                let value = isLast ? names[index...].joined(separator: "/") : String(names[index])
                if !value.isEmpty { parts[name] = value }
            }
        }
        return parts
    }
}

/// A text that is no topic template.
package struct TopicTemplateError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
