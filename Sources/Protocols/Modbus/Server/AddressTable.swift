/// The addresses that one primary table of a unit has, and their values.
///
/// `areas` are the ranges that exist; everything else answers `illegalDataAddress`.
struct AddressTable<Value: Sendable>: Sendable {
    let areas: [Range<Int>]
    private var values: [Value]

    init(areas: [Range<Int>], initial: Value) {
        precondition(
            areas.allSatisfy { $0.lowerBound >= 0 && $0.upperBound <= 65_536 }, "an address is 0...65535")
        var merged: [Range<Int>] = []
        for area in areas.filter({ !$0.isEmpty }).sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, area.lowerBound <= last.upperBound {
                merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, area.upperBound)
            } else {
                merged.append(area)
            }
        }
        self.areas = merged
        values = [Value](repeating: initial, count: merged.last?.upperBound ?? 0)
    }

    /// Whether every address of the range exists.
    func has(_ range: Range<Int>) -> Bool {
        var low = 0
        var high = areas.count
        while low < high {
            let middle = (low + high) / 2
            if areas[middle].upperBound < range.upperBound { low = middle + 1 } else { high = middle }
        }
        return low < areas.count && areas[low].lowerBound <= range.lowerBound
    }

    /// The values of a range; nil when an address of it does not exist.
    subscript(_ range: Range<Int>) -> ArraySlice<Value>? {
        has(range) ? values[range] : nil
    }

    /// Sets values from an address on; false, and nothing is set, when an address does not exist.
    mutating func set(_ new: some Collection<Value>, at address: Int) -> Bool {
        guard address >= 0, has(address..<address + new.count) else { return false }
        var index = address
        for value in new {
            values[index] = value
            index += 1
        }
        return true
    }

    /// Sets one value whose address is known to exist.
    mutating func set(one value: Value, at address: Int) {
        precondition(has(address..<address + 1), "address \(address) does not exist")
        values[address] = value
    }
}
