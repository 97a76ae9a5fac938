public import NIOCore

/// A pattern over topic names, with `+` for one level and `#` for all that follow (MQTT 5.0 section 4.7).
///
/// `$share/{group}/{filter}` is taken apart: `shareName` is the group, the levels are those of the inner filter.
public struct TopicFilter: Hashable, Sendable, CustomStringConvertible {
    /// The text as it stands in SUBSCRIBE.
    public let text: String
    /// The group of a shared subscription (MQTT 5.0 section 4.8.2).
    public let shareName: String?
    /// The levels between the slashes, without the `$share/{group}/` in front.
    public let levels: [String]

    /// Takes a text apart.
    ///
    /// - Throws: `TopicError` that names the text and the rule which it breaks.
    public init(_ text: String) throws(TopicError) {
        guard !text.isEmpty else { throw TopicError("a topic filter must not be empty") }
        guard text.utf8.count <= Int(UInt16.max) else {
            throw TopicError("a topic filter of \(text.utf8.count) bytes is too long, 65535 are allowed")
        }
        if let fault = StrictText.fault(in: text) { throw TopicError("the topic filter \"\(text)\" \(fault.words)") }
        // By bytes: what follows a slash may combine with it into one character.
        var levels = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .map { String(Substring($0)) }
        var shareName: String?
        if levels.first == "$share" {
            guard levels.count >= 3, !levels[1].isEmpty, levels.count > 3 || !levels[2].isEmpty else {
                throw TopicError("the shared topic filter \"\(text)\" is not of the form $share/group/filter")
            }
            guard !levels[1].contains(where: { $0 == "#" || $0 == "+" }) else {
                throw TopicError("the group of the shared topic filter \"\(text)\" contains a wildcard")
            }
            shareName = levels[1]
            levels.removeFirst(2)
        }
        for (index, level) in levels.enumerated() {
            let isLast = index == levels.count - 1
            if level.utf8.contains(UInt8(ascii: "#")) && (level != "#" || !isLast) {
                throw TopicError("in the topic filter \"\(text)\" # may stand only alone in the last level")
            }
            if level.utf8.contains(UInt8(ascii: "+")) && level != "+" {
                throw TopicError("in the topic filter \"\(text)\" + may stand only alone in a level")
            }
        }
        self.text = text
        self.shareName = shareName
        self.levels = levels
    }

    public var description: String { text }

    /// Whether the filter has a `+` or `#`.
    public var hasWildcard: Bool { levels.contains { $0 == "+" || $0 == "#" } }

    /// Whether a message under this topic name is meant.
    public func matches(_ topic: String) -> Bool { matches(levelsOf: topic.utf8) }

    /// Whether a message under this topic name, as it came from the wire, is meant.
    public func matches(_ topic: ByteBuffer) -> Bool { matches(levelsOf: topic.readableBytesView) }

    private func matches<Bytes: Collection<UInt8>>(levelsOf topic: Bytes) -> Bool {
        // A filter that starts with a wildcard means no topic that starts with $ (section 4.7.2).
        if topic.first == UInt8(ascii: "$"), levels.first == "+" || levels.first == "#" { return false }
        var rest: Bytes.SubSequence? = topic[...]
        for level in levels {
            if level == "#" { return true }
            guard let here = rest else { return false }
            let end = here.firstIndex(of: UInt8(ascii: "/"))
            let name = end.map { here[..<$0] } ?? here
            if level != "+" && !level.utf8.elementsEqual(name) { return false }
            rest = end.map { here[here.index(after: $0)...] }
        }
        return rest == nil
    }

    /// Whether every topic name that `other` means is meant by this filter too; groups of shared subscriptions do not
    /// count.
    public func covers(_ other: TopicFilter) -> Bool {
        // A wildcard in front means no topic that starts with $; such a filter is covered only by its own kind.
        let isReserved = other.levels.first?.utf8.first == UInt8(ascii: "$")
        if isReserved, levels.first == "+" || levels.first == "#" { return false }
        var rest = other.levels[...]
        for level in levels {
            if level == "#" { return true }
            guard let name = rest.popFirst(), name != "#", level == "+" || level == name else { return false }
        }
        return rest.isEmpty
    }

    public static func == (left: TopicFilter, right: TopicFilter) -> Bool { left.text == right.text }

    public func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
