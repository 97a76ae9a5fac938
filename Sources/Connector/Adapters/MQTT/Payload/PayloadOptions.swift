/// How the payloads under a topic are read.
package struct PayloadOptions: Hashable, Sendable {
    /// The key `payload`.
    package enum Form: String, Hashable, Sendable, CaseIterable {
        /// JSON where it is JSON, else text, else bytes.
        case auto
        /// JSON and nothing else.
        case json
        /// UTF-8 text, whatever it looks like.
        case text
        case bytes
        /// Sparkplug B.
        case sparkplug
    }

    /// One entry of the key `fields`: a tag and where its value stands.
    package struct Field: Hashable, Sendable {
        package var name: String
        package var place: JSONPlace

        package init(name: String, place: JSONPlace) {
            self.name = name
            self.place = place
        }
    }

    package var form: Form
    /// Where the value stands; nil stands for a member `value`.
    package var valueField: JSONPlace?
    /// Where the time stands; nil stands for a member `timestamp`, `ts`, `t` or `time`.
    package var timeField: JSONPlace?
    /// Where in the document the readings begin; nil is its root.
    package var pointer: JSONPlace?
    /// The only values that are read; empty reads all.
    package var fields: [Field]
    /// Whether text that is written like a number is one.
    package var coerce: Bool

    package init(
        form: Form = .auto, valueField: JSONPlace? = nil, timeField: JSONPlace? = nil, pointer: JSONPlace? = nil,
        fields: [Field] = [], coerce: Bool = false
    ) {
        self.form = form
        self.valueField = valueField
        self.timeField = timeField
        self.pointer = pointer
        self.fields = fields
        self.coerce = coerce
    }

    /// Whether something is looked for that only JSON has.
    var needsJSON: Bool { form == .json || pointer != nil || !fields.isEmpty || valueField?.isPointer == true }
}

/// A place in a JSON document: the name of a member, or a JSON pointer (RFC 6901), which starts with a slash.
package struct JSONPlace: Hashable, Sendable, CustomStringConvertible {
    package let description: String
    /// The names and indexes on the way from the root.
    let steps: [String]
    let isPointer: Bool

    /// - Throws: when the text is empty or no JSON pointer.
    package init(_ text: String) throws(JSONPlaceError) {
        description = text
        isPointer = text.utf8.first == UInt8(ascii: "/")
        guard isPointer else {
            guard !text.isEmpty else { throw JSONPlaceError(text: text) }
            steps = [text]
            return
        }
        var steps: [String] = []
        for step in text.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            guard let name = Self.unescaped(step) else { throw JSONPlaceError(text: text) }
            steps.append(name)
        }
        self.steps = steps
    }

    /// `~1` is a slash and `~0` a tilde; every other tilde is an error.
    private static func unescaped(_ step: Substring) -> String? {
        var name = ""
        var rest = step[...]
        while let tilde = rest.firstIndex(of: "~") {
            name += rest[..<tilde]
            let after = rest[rest.index(after: tilde)...]
            switch after.first {
            case "0": name += "~"
            case "1": name += "/"
            default: return nil
            }
            rest = after.dropFirst()
        }
        return name + rest
    }
}

/// A text that names no place in a JSON document.
package struct JSONPlaceError: Error, Hashable, Sendable, CustomStringConvertible {
    var text: String

    package var description: String {
        text.isEmpty
            ? "is empty; write the name of a member or a JSON pointer like /data/0/value"
            : "'\(text)' is no JSON pointer: behind a ~ only 0 or 1 may stand (~1 is a slash)"
    }
}
