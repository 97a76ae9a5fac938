/// Splits Spark SQL text into words, names, numbers, strings and symbols; comments and white space are left out.
struct DDLTokens {
    enum Token: Equatable {
        /// A keyword or an unquoted name.
        case word(String)
        /// A name in backticks or double quotes.
        case quoted(String)
        case number(Int)
        case string(String)
        case symbol(Character)
    }

    /// Why text is not SQL of the kind that we read.
    struct Malformed: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    static func split(_ text: String) throws(Malformed) -> [Token] {
        var tokens: [Token] = []
        var rest = Array(text.unicodeScalars)[...]
        func isWordStart(_ scalar: Unicode.Scalar) -> Bool { scalar == "_" || scalar.properties.isAlphabetic }
        while let next = rest.first {
            if next.properties.isWhitespace {
                rest.removeFirst()
            } else if rest.starts(with: "--".unicodeScalars) {
                rest = rest.drop { $0 != "\n" }
            } else if rest.starts(with: "/*".unicodeScalars) {
                rest = try afterComment(rest)
            } else if isWordStart(next) {
                let word = rest.prefix { isWordStart($0) || $0.properties.numericType != nil || $0 == "$" }
                rest = rest.dropFirst(word.count)
                tokens.append(.word(joined(word)))
            } else if ("0"..."9").contains(next) {
                let digits = rest.prefix { ("0"..."9").contains($0) }
                rest = rest.dropFirst(digits.count)
                guard let number = Int(joined(digits)) else { throw Malformed(description: "a number is too large") }
                tokens.append(.number(number))
            } else if next == "`" || next == "\"" || next == "'" {
                let content = try quoted(&rest, by: next)
                tokens.append(next == "'" ? .string(content) : .quoted(content))
            } else {
                tokens.append(.symbol(Character(rest.removeFirst())))
            }
        }
        return tokens
    }

    private static func joined(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        return String(text)
    }

    private static func afterComment(_ text: ArraySlice<Unicode.Scalar>) throws(Malformed) -> ArraySlice<Unicode.Scalar>
    {
        var rest = text.dropFirst(2)
        while !rest.isEmpty {
            if rest.starts(with: "*/".unicodeScalars) { return rest.dropFirst(2) }
            rest.removeFirst()
        }
        throw Malformed(description: "a comment has no end")
    }

    /// A quote inside the text is doubled.
    private static func quoted(
        _ rest: inout ArraySlice<Unicode.Scalar>, by quote: Unicode.Scalar
    ) throws(Malformed) -> String {
        rest.removeFirst()
        var content = String.UnicodeScalarView()
        while let next = rest.popFirst() {
            if next != quote {
                content.append(next)
            } else if rest.first == quote {
                rest.removeFirst()
                content.append(quote)
            } else {
                return String(content)
            }
        }
        throw Malformed(description: "a quoted name or text has no end")
    }
}
