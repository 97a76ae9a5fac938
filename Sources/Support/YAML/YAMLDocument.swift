import Yams

/// Reads YAML text into nodes. The only place that knows the YAML library.
package enum YAMLDocument {
    /// A configuration has thousands of lines at the most; a larger text is refused before it is parsed.
    package static let bytesMax = 4 * 1024 * 1024
    /// Aliases are copied out; this bounds what a small text can grow to.
    package static let nodesMax = 1_000_000
    package static let depthMax = 64

    /// The document's root; nil for an empty text.
    /// - Throws: `YAMLError`.
    package static func parse(_ text: String) throws(YAMLError) -> YAMLNode? {
        guard text.utf8.count <= bytesMax else {
            throw YAMLError(line: nil, problem: "the file is larger than \(bytesMax / 1024 / 1024) MiB")
        }
        try checkFlowDepth(text)
        var count = 0
        do {
            guard let root = try Yams.compose(yaml: text) else { return nil }
            return try convert(root, depth: 0, count: &count)
        } catch let error as YAMLError {
            throw error
        } catch let error as YamlError {
            throw describe(error)
        } catch {
            throw YAMLError(line: nil, problem: "not readable as YAML: \(error)")
        }
    }

    /// The library recurses per bracket; a text of brackets alone would exhaust the stack.
    private static func checkFlowDepth(_ text: String) throws(YAMLError) {
        var depth = 0
        var line = 1
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\n"): line += 1
            case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth = max(0, depth - 1)
            default: break
            }
            if depth > depthMax * 4 { throw YAMLError(line: line, problem: "nested too deeply") }
        }
    }

    static func convert(_ node: Node, depth: Int, count: inout Int) throws(YAMLError) -> YAMLNode {
        let line = node.mark?.line ?? 1
        count += 1
        guard count <= nodesMax else { throw YAMLError(line: line, problem: "too many values") }
        guard depth <= depthMax else { throw YAMLError(line: line, problem: "nested deeper than \(depthMax) levels") }
        switch node {
        case .scalar(let scalar):
            let isQuoted = scalar.style == .singleQuoted || scalar.style == .doubleQuoted
            return .scalar(YAMLScalar(text: scalar.string, isQuoted: isQuoted, line: line))
        case .sequence(let sequence):
            var items: [YAMLNode] = []
            for item in sequence { items.append(try convert(item, depth: depth + 1, count: &count)) }
            return .sequence(items, line: line)
        case .mapping(let mapping):
            var entries: [YAMLNode.Entry] = []
            for (key, value) in mapping {
                guard case .scalar(let name) = key else {
                    throw YAMLError(line: key.mark?.line ?? line, problem: "a key must be a single word")
                }
                let keyLine = key.mark?.line ?? line
                entries.append(
                    .init(key: name.string, line: keyLine, value: try convert(value, depth: depth + 1, count: &count)))
            }
            return .mapping(entries, line: line)
        case .alias:
            throw YAMLError(line: line, problem: "an alias that refers to itself")
        }
    }

    private static func describe(_ error: YamlError) -> YAMLError {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            YAMLError(line: mark.line, problem: problem)
        case .duplicatedKeysInMapping(let duplicates, let context):
            YAMLError(
                line: context.mark.line, problem: "key written twice: \(duplicates.sorted().joined(separator: ", "))")
        case .reader(let problem, _, _, _):
            YAMLError(line: nil, problem: "not text: \(problem)")
        default:
            YAMLError(line: nil, problem: "not readable as YAML")
        }
    }
}
