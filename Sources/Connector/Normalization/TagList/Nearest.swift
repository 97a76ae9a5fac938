/// Finds what somebody may have meant.
enum Nearest {
    /// The word with the fewest slips, at most two or a third of its letters; nil when none is near.
    static func word(to text: String, among words: [String]) -> String? {
        guard text.count <= 40 else { return nil }
        let distances = words.map { (word: $0, slips: slips(Array(text.unicodeScalars), Array($0.unicodeScalars))) }
        guard let best = distances.min(by: { ($0.slips, $0.word) < ($1.slips, $1.word) }),
            best.slips <= max(2, best.word.count / 3)
        else { return nil }
        return best.word
    }

    /// Letters to add, take away or exchange (Levenshtein).
    private static func slips(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
        var row = Array(0...right.count)
        for (index, letter) in left.enumerated() {
            var corner = row[0]
            row[0] = index + 1
            for (place, other) in right.enumerated() {
                let above = row[place + 1]
                row[place + 1] = min(above + 1, row[place] + 1, corner + (letter == other ? 0 : 1))
                corner = above
            }
        }
        return row[right.count]
    }
}
