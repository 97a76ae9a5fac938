/// Finds what somebody meant who mistyped a word.
package enum NearestWord {
    private static let wordBytesMax = 64

    /// The candidate with the fewest edits (insert, delete, replace, swap of neighbours), if they are few
    /// enough to be a slip of the hand.
    package static func nearest(to word: String, among candidates: [String]) -> String? {
        // Nobody mistypes a word into a page of text; to compare one would take long.
        guard word.utf8.count <= wordBytesMax else { return nil }
        let scored = candidates.map { (name: $0, edits: edits(Array(word.lowercased()), Array($0.lowercased()))) }
        guard let best = scored.min(by: { ($0.edits, $0.name) < ($1.edits, $1.name) }) else { return nil }
        return best.edits <= max(2, word.count / 3) ? best.name : nil
    }

    private static func edits(_ left: [Character], _ right: [Character]) -> Int {
        var beforeLast = [Int](repeating: 0, count: right.count + 1)
        var last = Array(0...right.count)
        for (row, leftCharacter) in left.enumerated() {
            var current = [row + 1]
            for (column, rightCharacter) in right.enumerated() {
                var cost = min(
                    last[column + 1] + 1, current[column] + 1,
                    last[column] + (leftCharacter == rightCharacter ? 0 : 1))
                if row > 0, column > 0, leftCharacter == right[column - 1], left[row - 1] == rightCharacter {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                current.append(cost)
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
    }
}
