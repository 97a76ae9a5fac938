/// A regular expression with named groups whose time is bounded: each character of the text is looked at once for each
/// instruction of the pattern, whatever the pattern is.
///
/// A backtracking engine may take exponential time for an innocent looking pattern, and patterns come from whoever
/// writes the configuration while texts come from devices. So all ways through the pattern are followed at the same
/// time (Thompson's construction, with Pike's groups); back-references and look-around do not exist.
///
/// Known: literals, `.`, `[…]` and `[^…]` with ranges, `\d \D \w \W \s \S`, `^ $`, `|`, `(…)`, `(?:…)`, `(?<name>…)`,
/// `(?P<name>…)`, `* + ? {n} {n,} {n,m}`, each also lazy with a `?` behind it, and `(?i)` at the beginning.
package struct Pattern: Hashable, Sendable, CustomStringConvertible {
    /// The longest pattern, once repetitions are written out.
    package static let instructionsMax = 500
    /// Longer texts are not searched: they do not match.
    package static let textScalarsMax = 2048

    package let description: String
    /// The names of the groups that have one.
    package let groupNames: [String]
    private let instructions: [Instruction]

    enum Instruction: Hashable {
        case set(ScalarSet)
        /// Goes on at both places; the first is preferred.
        case split(Int, Int)
        case jump(Int)
        /// Keeps the place in the text: the start of group n at 2n, its end behind it.
        case save(Int)
        case textStart, textEnd
        case match
    }

    /// - Throws: `PatternError` that says what is wrong and where.
    package init(_ text: String) throws(PatternError) {
        var parser = PatternParser(text)
        let node = try parser.parse()
        var program = PatternProgram()
        try program.write(node)
        description = text
        instructions = program.instructions + [.match]
        groupNames = parser.names
    }

    /// What the named groups hold where the pattern first matches in the text; nil when it does not match. A group that
    /// took no part, or that is empty, is left out.
    package func groups(in text: String) -> [String: String]? {
        let scalars = Array(text.unicodeScalars.prefix(Self.textScalarsMax + 1))
        guard scalars.count <= Self.textScalarsMax else { return nil }
        var search = PatternSearch(instructions, slots: 2 * groupNames.count, scalars)
        guard let places = search.run() else { return nil }
        var groups: [String: String] = [:]
        for (index, name) in groupNames.enumerated() {
            let (start, end) = (places[2 * index], places[2 * index + 1])
            guard start >= 0, end > start else { continue }
            groups[name] = String(String.UnicodeScalarView(scalars[start..<end]))
        }
        return groups
    }

    package func matches(_ text: String) -> Bool { groups(in: text) != nil }
}

/// A text that is no pattern.
package struct PatternError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

/// The scalars that one place of a pattern takes.
struct ScalarSet: Hashable, Sendable {
    enum Class: Hashable { case digit, word, space }

    private(set) var ranges: [ClosedRange<UInt32>] = []
    private(set) var classes: [Class] = []
    private(set) var others: [Class] = []
    var isInverted = false

    static let any = ScalarSet(isInverted: true)

    init(isInverted: Bool = false) { self.isInverted = isInverted }

    mutating func insert(_ range: ClosedRange<UInt32>) { ranges.append(range) }

    /// - Parameter isInverted: all that is not of the class.
    mutating func insert(_ scalarClass: Class, isInverted: Bool) {
        if isInverted { others.append(scalarClass) } else { classes.append(scalarClass) }
    }

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        let value = scalar.value
        let isIn =
            ranges.contains { $0.contains(value) } || classes.contains { Self.contains(scalar, $0) }
            || others.contains { !Self.contains(scalar, $0) }
        return isIn != isInverted
    }

    private static func contains(_ scalar: Unicode.Scalar, _ scalarClass: Class) -> Bool {
        switch scalarClass {
        case .digit: scalar.properties.generalCategory == .decimalNumber
        case .word: scalar == "_" || scalar.isLetterOrDigit
        case .space: scalar.properties.isWhitespace
        }
    }
}

extension Unicode.Scalar {
    /// A letter of any script, or a decimal digit (Unicode categories L and Nd).
    var isLetterOrDigit: Bool {
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber: true
        default: false
        }
    }
}
