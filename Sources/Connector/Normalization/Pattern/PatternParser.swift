/// Reads a pattern's text.
struct PatternParser {
    private static let depthMax = 50
    private static let repetitionsMax = 100

    private let text: [Unicode.Scalar]
    private var position = 0
    private var depth = 0
    private var ignoresCase = false
    /// The names of the groups, in their order.
    private(set) var names: [String] = []

    init(_ text: String) { self.text = Array(text.unicodeScalars) }

    mutating func parse() throws(PatternError) -> PatternNode {
        guard text.count <= Pattern.textScalarsMax else { throw PatternError("is longer than a pattern may be") }
        if text.starts(with: "(?i)".unicodeScalars) {
            ignoresCase = true
            position = 4
        }
        let node = try either()
        guard position == text.count else {
            throw PatternError("has a ')' without its '(' (character \(position + 1))")
        }
        return node
    }

    private var current: Unicode.Scalar? { position < text.count ? text[position] : nil }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard current == scalar else { return false }
        position += 1
        return true
    }

    private mutating func either() throws(PatternError) -> PatternNode {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthMax else { throw PatternError("nests more than \(Self.depthMax) groups") }
        var nodes = [try sequence()]
        while take("|") { nodes.append(try sequence()) }
        return nodes.count == 1 ? nodes[0] : .either(nodes)
    }

    private mutating func sequence() throws(PatternError) -> PatternNode {
        var nodes: [PatternNode] = []
        while let scalar = current, scalar != "|", scalar != ")" {
            nodes.append(try repetition(of: try atom()))
        }
        return nodes.isEmpty ? .empty : .sequence(nodes)
    }

    private mutating func repetition(of node: PatternNode) throws(PatternError) -> PatternNode {
        let (from, upTo): (Int, Int?)
        switch current {
        case "*": (from, upTo) = (0, nil)
        case "+": (from, upTo) = (1, nil)
        case "?": (from, upTo) = (0, 1)
        case "{":
            guard let counts = counts() else { throw PatternError("has a '{' that is no {n}, {n,} or {n,m}") }
            (from, upTo) = counts
        default: return node
        }
        position += 1
        guard from <= Self.repetitionsMax, (upTo ?? from) <= Self.repetitionsMax, upTo.map({ $0 >= from }) ?? true
        else { throw PatternError("repeats more than \(Self.repetitionsMax) times, or from more to less") }
        let isLazy = take("?")
        if let scalar = current, "*+?{".unicodeScalars.contains(scalar) {
            throw PatternError("repeats a repetition (character \(position + 1))")
        }
        return .many(node, from: from, upTo: upTo, isLazy: isLazy)
    }

    /// The numbers of `{n,m}`; stops at the closing brace.
    private mutating func counts() -> (Int, Int?)? {
        guard let end = text[position...].firstIndex(of: "}") else { return nil }
        let inner = String(String.UnicodeScalarView(text[(position + 1)..<end]))
        let parts = inner.split(separator: ",", omittingEmptySubsequences: false)
        guard let from = parts.first.flatMap({ Int($0) }), from >= 0, parts.count <= 2 else { return nil }
        let upTo = parts.count == 1 ? from : Int(parts[1])
        if parts.count == 2, upTo == nil, !parts[1].isEmpty { return nil }
        position = end
        return (from, upTo)
    }

    private mutating func atom() throws(PatternError) -> PatternNode {
        guard let scalar = current else { return .empty }
        position += 1
        switch scalar {
        case "^": return .textStart
        case "$": return .textEnd
        case ".": return .set(.any)
        case "[": return .set(try set())
        case "(": return try group()
        case "\\": return .set(try escape())
        case "*", "+", "?", "{": throw PatternError("repeats nothing (character \(position))")
        default: return .set(literal(scalar))
        }
    }

    private func literal(_ scalar: Unicode.Scalar) -> ScalarSet {
        var set = ScalarSet()
        insert(scalar.value...scalar.value, into: &set)
        return set
    }

    private func insert(_ range: ClosedRange<UInt32>, into set: inout ScalarSet) {
        set.insert(range)
        // Only the Latin letters of ASCII have another case here; a name in another script is written as it is.
        guard ignoresCase else { return }
        for (start, end, shift) in [(UInt32(0x41), UInt32(0x5A), 32), (0x61, 0x7A, -32)] {
            let (low, high) = (max(range.lowerBound, start), min(range.upperBound, end))
            if low <= high { set.insert(UInt32(Int(low) + shift)...UInt32(Int(high) + shift)) }
        }
    }

    private mutating func escape() throws(PatternError) -> ScalarSet {
        guard let scalar = current else { throw PatternError("ends with a '\\'") }
        position += 1
        var set = ScalarSet()
        if let (scalarClass, isInverted) = Self.scalarClass(scalar) {
            set.insert(scalarClass, isInverted: isInverted)
            return set
        }
        return literal(try Self.escaped(scalar))
    }

    private static func scalarClass(_ scalar: Unicode.Scalar) -> (ScalarSet.Class, Bool)? {
        switch scalar {
        case "d": (.digit, false)
        case "D": (.digit, true)
        case "w": (.word, false)
        case "W": (.word, true)
        case "s": (.space, false)
        case "S": (.space, true)
        default: nil
        }
    }

    private static func escaped(_ scalar: Unicode.Scalar) throws(PatternError) -> Unicode.Scalar {
        if scalar == "t" { return "\t" }
        guard !scalar.isLetterOrDigit else { throw PatternError("knows no \\\(scalar)") }
        return scalar
    }

    private mutating func set() throws(PatternError) -> ScalarSet {
        var set = ScalarSet()
        set.isInverted = take("^")
        var isFirst = true
        while let scalar = current, scalar != "]" || isFirst {
            isFirst = false
            position += 1
            var low = scalar
            if scalar == "\\" {
                guard let escaped = current else { break }
                position += 1
                if let (scalarClass, isInverted) = Self.scalarClass(escaped) {
                    set.insert(scalarClass, isInverted: isInverted)
                    continue
                }
                low = try Self.escaped(escaped)
            }
            guard current == "-", position + 1 < text.count, text[position + 1] != "]" else {
                insert(low.value...low.value, into: &set)
                continue
            }
            position += 1
            var high = text[position]
            position += 1
            if high == "\\", let escaped = current {
                high = try Self.escaped(escaped)
                position += 1
            }
            guard low.value <= high.value else { throw PatternError("has a range from \(low) back to \(high)") }
            insert(low.value...high.value, into: &set)
        }
        guard take("]") else { throw PatternError("has a '[' without its ']'") }
        return set
    }

    private mutating func group() throws(PatternError) -> PatternNode {
        var number: Int?
        if take("?") {
            if take(":") {
                // Only for precedence.
            } else {
                _ = take("P")
                guard take("<"), let name = groupName() else {
                    throw PatternError("has a group that is no (…), (?:…) or (?<name>…) (character \(position + 1))")
                }
                guard !names.contains(name) else { throw PatternError("names the group '\(name)' twice") }
                number = names.count
                names.append(name)
            }
        }
        let inner = try either()
        guard take(")") else { throw PatternError("has a '(' without its ')'") }
        return .group(inner, number)
    }

    private mutating func groupName() -> String? {
        guard let end = text[position...].firstIndex(of: ">"), end > position else { return nil }
        let name = String(String.UnicodeScalarView(text[position..<end]))
        guard name.utf8.allSatisfy({ PathTemplate.isNameByte($0) }) else { return nil }
        position = end + 1
        return name
    }
}
