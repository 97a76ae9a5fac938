/// A route's path: literal segments, `{name}` for one segment, and `{name...}` at the end for all that follow.
struct PathPattern: Equatable, Sendable {
    private enum Segment: Equatable {
        case literal(String)
        case one(String)
        case rest(String)
    }

    private let segments: [Segment]

    /// Patterns are written in our own code, so a malformed one is a bug and traps.
    init(_ pattern: String) {
        precondition(pattern.hasPrefix("/"), "a route starts with a slash: \(pattern)")
        let parts = pattern.split(separator: "/").map { part -> Segment in
            guard part.hasPrefix("{"), part.hasSuffix("}") else { return .literal(String(part)) }
            let name = part.dropFirst().dropLast()
            return name.hasSuffix("...") ? .rest(String(name.dropLast(3))) : .one(String(name))
        }
        for part in parts.dropLast() {
            if case .rest = part { preconditionFailure("{…...} must be the last segment: \(pattern)") }
        }
        segments = parts
    }

    /// How exact the pattern is; of several that match, the one with most literal segments answers.
    var literals: Int { segments.count { if case .literal = $0 { true } else { false } } }

    /// The values of the names when `path` fits, else nil.
    func match(_ path: [String]) -> [String: String]? {
        var values: [String: String] = [:]
        var rest = path[...]
        for segment in segments {
            if case .rest(let name) = segment {
                values[name] = rest.joined(separator: "/")
                return values
            }
            guard let next = rest.popFirst() else { return nil }
            switch segment {
            case .literal(let text): if text != next { return nil }
            case .one(let name), .rest(let name): values[name] = next
            }
        }
        return rest.isEmpty ? values : nil
    }
}
