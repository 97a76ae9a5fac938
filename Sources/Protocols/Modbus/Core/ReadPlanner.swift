/// Finds the cheapest requests that read a list of values.
///
/// Values of one table and unit are taken in the order of their addresses and cut into runs; a run is one request,
/// with whatever lies in the gaps. Some cut into runs is always among the cheapest plans: if a value lay between two
/// others of a request without being part of it, one of the requests could give a value away and be no dearer. So
/// trying every cut, shortest remainder first, finds the least cost.
///
/// A plan never splits a value, never exceeds the limits, and never covers a range that the device has refused.
public struct ReadPlanner: Hashable, Sendable {
    /// What one request may hold, and which gaps may be read along.
    public struct Limits: Hashable, Sendable {
        public var registers: Int
        public var bits: Int
        /// Registers between two values that may be read for nothing.
        public var gapRegisters: Int
        /// Bits between two values that may be read for nothing.
        public var gapBits: Int

        public init(
            registers: Int = ModbusLimits.registersPerRead, bits: Int = ModbusLimits.bitsPerRead,
            gapRegisters: Int = 16, gapBits: Int = 256
        ) {
            self.registers = min(max(registers, 1), ModbusLimits.registersPerRead)
            self.bits = min(max(bits, 1), ModbusLimits.bitsPerRead)
            self.gapRegisters = max(gapRegisters, 0)
            self.gapBits = max(gapBits, 0)
        }

        func span(_ type: RegisterType) -> Int { type.isBit ? bits : registers }
        func gap(_ type: RegisterType) -> Int { type.isBit ? gapBits : gapRegisters }
    }

    /// What a request costs, in the time that one byte takes.
    public struct Cost: Hashable, Sendable {
        /// A request with its round trip, whatever it reads.
        public var request: Int
        /// One byte of data.
        public var byte: Int

        public init(request: Int = 64, byte: Int = 1) {
            self.request = max(request, 0)
            self.byte = max(byte, 0)
        }

        /// The cost of reading so many registers or bits at once.
        public func of(_ type: RegisterType, count: Int) -> Int {
            request + byte * (type.isBit ? (count + 7) / 8 : 2 * count)
        }
    }

    public var limits: Limits
    public var cost: Cost

    public init(limits: Limits = Limits(), cost: Cost = Cost()) {
        self.limits = limits
        self.cost = cost
    }

    /// The requests for a list of items, each in exactly one of them; ordered by unit, table and address.
    public func plan(_ items: [ReadItem], avoiding refusals: RefusalMemory = RefusalMemory()) -> [ReadBlock] {
        var byTable: [RefusalMemory.Table: [Int]] = [:]
        for (index, item) in items.enumerated() {
            byTable[RefusalMemory.Table(unit: item.unit, type: item.type), default: []].append(index)
        }
        return byTable.sorted { $0.key < $1.key }.flatMap { table, indices in
            planTable(items, indices, table: table, refusals: refusals)
        }
    }

    private func planTable(
        _ items: [ReadItem], _ indices: [Int], table: RefusalMemory.Table, refusals: RefusalMemory
    ) -> [ReadBlock] {
        let span = min(limits.span(table.type), refusals.countLimit(of: table) ?? .max)
        let gap = limits.gap(table.type)
        // A value that is refused by itself, or wider than the device takes, can share a request with no other.
        let (lone, shared) = ItemRuns(items, indices).split { range in
            range.upperBound >= refusals.barrier(from: range.lowerBound, of: table) || range.count > span
        }
        let blocks = lone.members + cut(shared, table: table, span: span, gap: gap, refusals: refusals)
        return blocks.compactMap { ReadBlock(covering: $0, of: items) }
            .sorted { $0.range.lowerBound < $1.range.lowerBound }
    }

    /// The cheapest cut of runs into requests, as the items of each.
    private func cut(
        _ runs: ItemRuns, table: RefusalMemory.Table, span: Int, gap: Int, refusals: RefusalMemory
    ) -> [[Int]] {

        // best[i]: the least cost of everything from run i on; next[i]: where the run after that request begins.
        var best = [Int](repeating: 0, count: runs.count + 1)
        var next = [Int](repeating: 0, count: runs.count)
        for first in stride(from: runs.count - 1, through: 0, by: -1) {
            let start = runs.ranges[first].lowerBound
            let barrier = refusals.barrier(from: start, of: table)
            var end = runs.ranges[first].upperBound
            best[first] = cost.of(table.type, count: end - start) + best[first + 1]
            next[first] = first + 1
            for last in (first + 1)..<runs.count {
                guard runs.ranges[last].lowerBound - end <= gap else { break }
                end = max(end, runs.ranges[last].upperBound)
                guard end - start <= span, end < barrier else { break }
                let total = cost.of(table.type, count: end - start) + best[last + 1]
                if total < best[first] {
                    best[first] = total
                    next[first] = last + 1
                }
            }
        }

        var groups: [[Int]] = []
        var first = 0
        while first < runs.count {
            groups.append(runs.members[first..<next[first]].flatMap { $0 })
            first = next[first]
        }
        return groups
    }
}

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
