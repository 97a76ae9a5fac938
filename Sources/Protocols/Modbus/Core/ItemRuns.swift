/// Items of one table in the order of their addresses, those with the same range taken together.
struct ItemRuns {
    private(set) var ranges: [Range<Int>] = []
    /// Indices of the items that have the range at the same place of `ranges`.
    private(set) var members: [[Int]] = []

    var count: Int { ranges.count }

    private init() {}

    /// The runs for which the condition holds, and the others.
    func split(where condition: (Range<Int>) -> Bool) -> (ItemRuns, ItemRuns) {
        var parts = (ItemRuns(), ItemRuns())
        for (range, indices) in zip(ranges, members) {
            if condition(range) {
                parts.0.append(range, indices)
            } else {
                parts.1.append(range, indices)
            }
        }
        return parts
    }

    private mutating func append(_ range: Range<Int>, _ indices: [Int]) {
        ranges.append(range)
        members.append(indices)
    }

    init(_ items: [ReadItem], _ indices: some Sequence<Int>) {
        let sorted = indices.sorted {
            let (left, right) = (items[$0].range, items[$1].range)
            return (left.lowerBound, left.upperBound, $0) < (right.lowerBound, right.upperBound, $1)
        }
        for index in sorted {
            if ranges.last == items[index].range {
                members[members.count - 1].append(index)
            } else {
                append(items[index].range, [index])
            }
        }
    }
}
