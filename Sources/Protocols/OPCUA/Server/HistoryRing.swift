import OPCUATypes

/// The latest values of a variable, in the order of their times; the oldest make room for the newest.
struct HistoryRing: Sendable {
    let capacity: Int
    private var values: [DataValue] = []
    /// Place of the oldest value.
    private var first = 0

    /// - Parameter capacity: most values that are kept; at least 1.
    init(capacity: Int) { self.capacity = max(1, capacity) }

    var count: Int { values.count }

    /// The value at a place, 0 being the oldest.
    subscript(_ place: Int) -> DataValue { values[index(place)] }

    private func index(_ place: Int) -> Int {
        let index = first + place
        return index < values.count ? index : index - values.count
    }

    /// Keeps a value. One that is late is put where its time belongs.
    mutating func append(_ value: DataValue) {
        if values.count < capacity {
            values.append(value)
        } else {
            values[first] = value
            first = first + 1 == values.count ? 0 : first + 1
        }
        var place = values.count - 1
        while place > 0, self[place].historyTime < self[place - 1].historyTime {
            values.swapAt(index(place), index(place - 1))
            place -= 1
        }
    }

    /// The first place whose time is not before another, or, when `after`, is behind it; ``count`` for none.
    func firstPlace(notBefore time: DateTime, after: Bool = false) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            let other = self[middle].historyTime
            if other < time || (after && other == time) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension DataValue {
    /// The time under which a value stands in the history: the source's own, else when the server had it.
    var historyTime: DateTime { sourceTimestamp ?? serverTimestamp ?? .null }
}
