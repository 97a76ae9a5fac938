/// Finds numbers counted from 0 by the hash of what they stand for: eight to twelve bytes each, where a dictionary
/// takes the key and twice that. What they stand for is its owner's, who compares.
package struct HashIndex: Sendable {
    private static let free = UInt32.max
    /// A power of two, at most two thirds taken.
    private var places: [UInt32] = []
    package private(set) var count = 0

    package init() {}

    /// The number with this hash for which `isSame` holds.
    package func first(_ hash: Int, where isSame: (Int) -> Bool) -> Int? {
        guard !places.isEmpty else { return nil }
        var place = hash & (places.count - 1)
        while places[place] != Self.free {
            if isSame(Int(places[place])) { return Int(places[place]) }
            place = (place + 1) & (places.count - 1)
        }
        return nil
    }

    /// Whether the index must grow before the next number is added.
    package var isFull: Bool { (count + 1) * 3 > places.count * 2 }

    /// Makes room for as many numbers again.
    /// - Parameter hashOf: the hash of each number that was added.
    package mutating func grow(_ hashOf: (Int) -> Int) {
        places = [UInt32](repeating: Self.free, count: max(16, places.count * 2))
        for number in 0..<count { put(number, hashOf(number)) }
    }

    /// Adds the number ``count``.
    package mutating func append(_ hash: Int) {
        precondition(!isFull, "an index grows before it is full")
        put(count, hash)
        count += 1
    }

    private mutating func put(_ number: Int, _ hash: Int) {
        var place = hash & (places.count - 1)
        while places[place] != Self.free { place = (place + 1) & (places.count - 1) }
        places[place] = UInt32(number)
    }
}
