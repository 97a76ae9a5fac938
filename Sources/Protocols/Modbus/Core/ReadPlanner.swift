/// Finds the cheapest requests that read a list of values.
///
/// Values of one table and unit are taken in the order of their addresses and cut into runs; a run is one request,
/// with whatever lies in the gaps. Some cut into runs is always among the cheapest plans: where two requests overlap,
/// one can take over the other's values in the overlap, and neither becomes longer nor gets a gap that it had not.
/// So trying every cut, shortest remainder first, finds the least cost.
///
/// A plan never splits a value, never exceeds the limits, and never covers a range that the device has refused.
public struct ReadPlanner: Hashable, Sendable {
    /// What one request may hold, and which gaps may be read along.
    public struct Limits: Hashable, Sendable {
        public var registers: Int
        public var bits: Int
        /// The most registers between two values that may be read for nothing; whether they are is a matter of cost.
        public var gapRegisters: Int
        /// The most bits between two values that may be read for nothing.
        public var gapBits: Int

        public init(
            registers: Int = ModbusLimits.registersPerRead, bits: Int = ModbusLimits.bitsPerRead,
            gapRegisters: Int = ModbusLimits.registersPerRead, gapBits: Int = ModbusLimits.bitsPerRead
        ) {
            self.registers = min(max(registers, 1), ModbusLimits.registersPerRead)
            self.bits = min(max(bits, 1), ModbusLimits.bitsPerRead)
            self.gapRegisters = max(gapRegisters, 0)
            self.gapBits = max(gapBits, 0)
        }

        func span(_ type: RegisterType) -> Int { type.isBit ? bits : registers }
        func gap(_ type: RegisterType) -> Int { type.isBit ? gapBits : gapRegisters }
    }

    public var limits: Limits
    public var cost: PlanCost

    public init(limits: Limits = Limits(), cost: PlanCost = .network) {
        self.limits = limits
        self.cost = cost
    }

    /// What a plan costs.
    public func cost(of plan: [ReadBlock], items: [ReadItem]) -> Int {
        plan.reduce(0) { sum, block in
            var gaps = 0
            var end = block.range.lowerBound
            for range in block.members.map({ items[$0.item].range }).sorted(by: { $0.lowerBound < $1.lowerBound }) {
                gaps += max(range.lowerBound - end, 0)
                end = max(end, range.upperBound)
            }
            return sum + cost.of(block.request.type, count: block.range.count, gaps: gaps)
        }
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
            var gaps = 0
            best[first] = cost.of(table.type, count: end - start, gaps: 0) + best[first + 1]
            next[first] = first + 1
            for last in (first + 1)..<runs.count {
                let hole = runs.ranges[last].lowerBound - end
                guard hole <= gap else { break }
                gaps += max(hole, 0)
                end = max(end, runs.ranges[last].upperBound)
                guard end - start <= span, end < barrier else { break }
                let total = cost.of(table.type, count: end - start, gaps: gaps) + best[last + 1]
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
