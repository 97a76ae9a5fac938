/// One node of a YAML document with the place where it stands, so that errors can name it.
package indirect enum YAMLNode: Sendable {
    case scalar(YAMLScalar)
    case sequence([YAMLNode], line: Int)
    case mapping([Entry], line: Int)

    package struct Entry: Sendable {
        package var key: String
        package var line: Int
        package var value: YAMLNode
        /// The file that it comes from, where that is not the configuration file itself.
        package var file: String?
        /// Where the file has it, when that is not where it is read.
        var written: Written?

        package init(key: String, line: Int, value: YAMLNode, file: String? = nil) {
            self.key = key
            self.line = line
            self.value = value
            self.file = file
        }

        /// A place under another name.
        struct Written: Sendable {
            /// The whole key path.
            var path: String
            /// Whether somebody has been told to write it otherwise.
            var isTold: Bool
        }
    }

    /// The line, counted from 1.
    package var line: Int {
        switch self {
        case .scalar(let scalar): scalar.line
        case .sequence(_, let line), .mapping(_, let line): line
        }
    }

    /// What the node is, in words for an error message.
    package var kind: String {
        switch self {
        case .scalar(let scalar): scalar.isNull ? "nothing" : "a single value"
        case .sequence: "a list"
        case .mapping: "a block of keys"
        }
    }
}

/// A single value as written, before it is read as any type.
package struct YAMLScalar: Sendable {
    package var text: String
    /// Quoted text is text, whatever it looks like.
    package var isQuoted: Bool
    package var line: Int

    package init(text: String, isQuoted: Bool, line: Int) {
        self.text = text
        self.isQuoted = isQuoted
        self.line = line
    }

    /// YAML 1.2 core schema: nothing, `~` or `null`.
    package var isNull: Bool {
        !isQuoted && ["", "~", "null", "Null", "NULL"].contains(text)
    }
}

/// Why a text is not a YAML document, with the place.
package struct YAMLError: Error, Equatable, Sendable {
    /// Counted from 1; nil when the place is unknown.
    package var line: Int?
    package var problem: String
}
