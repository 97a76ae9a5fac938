/// The tags that a survey found, in its order. They can be taken once, and each is forgotten as it is taken, so that a
/// large server's tags are never there twice.
final class FoundTags {
    private static let portionTags = 4_096
    private var portions: [[TagTable.Found]] = []

    /// - Parameter tag: makes the tag of a place; called once for each, in order.
    init(count: Int, tag: (Int) -> TagTable.Found) {
        for start in stride(from: 0, to: count, by: Self.portionTags) {
            portions.append((start..<min(count, start + Self.portionTags)).map(tag))
        }
    }

    convenience init(_ tags: [TagTable.Found]) { self.init(count: tags.count) { tags[$0] } }

    var count: Int { portions.reduce(0) { $0 + $1.count } }

    /// The handles of tags that are known just so.
    var known: some Sequence<Int> {
        portions.lazy.joined().compactMap { found in
            if case .known(let handle) = found { handle } else { nil }
        }
    }

    /// Hands each tag over and forgets it.
    func take(_ body: (TagTable.Found) -> Void) {
        for index in portions.indices {
            var portion: [TagTable.Found] = []
            swap(&portion, &portions[index])
            portion.forEach(body)
        }
        portions = []
    }
}
