import TestRandomness
import Testing

@testable import ModbusCore

@Suite struct ReadPlannerTests {
    private func item(
        _ address: Int, _ count: Int = 1, _ type: RegisterType = .holding, unit: UnitID = 1
    ) throws -> ReadItem {
        try ReadItem(unit: unit, type: type, address: UInt16(address), count: count)
    }

    private func ranges(_ plan: [ReadBlock]) -> [Range<Int>] { plan.map(\.range) }

    @Test func neighboursAreReadTogether() throws {
        let items = [try item(12, 2), try item(10, 2), try item(14)]
        let plan = ReadPlanner().plan(items)
        #expect(ranges(plan) == [10..<15])
        #expect(
            plan.first?.members == [.init(item: 1, offset: 0), .init(item: 0, offset: 2), .init(item: 2, offset: 4)])
    }

    @Test func smallGapsAreReadAlongAndLargeOnesAreNot() throws {
        let items = [try item(0), try item(17), try item(35)]
        #expect(ranges(ReadPlanner().plan(items)) == [0..<36])
        #expect(ranges(ReadPlanner(limits: .init(gapRegisters: 16)).plan(items)) == [0..<18, 35..<36])
        #expect(ranges(ReadPlanner(cost: .init(gapWord: 2)).plan(items)) == [0..<1, 17..<18, 35..<36])
        #expect(ranges(ReadPlanner(limits: .init(gapRegisters: 0)).plan(items)) == [0..<1, 17..<18, 35..<36])
        // Where a request costs less than the gap, the gap is not read.
        #expect(ranges(ReadPlanner(cost: .init(request: 4)).plan(items)) == [0..<1, 17..<18, 35..<36])
    }

    @Test func unitsAndTablesAreKeptApart() throws {
        let items = [
            try item(0), try item(0, 1, .input), try item(1, unit: 2), try item(0, 1, .coil), try item(1, 1, .coil),
        ]
        #expect(
            ReadPlanner().plan(items).map { [Int($0.unit.rawValue), Int($0.request.count)] } == [
                [1, 2], [1, 1], [1, 1], [2, 1],
            ])
    }

    @Test func limitsAreFilledAndNotExceeded() throws {
        let registers = try (0..<250).map { try item($0) }
        #expect(ReadPlanner().plan(registers).map { Int($0.request.count) } == [125, 125])
        let bits = try (0..<4001).map { try item($0, 1, .discrete) }
        #expect(ReadPlanner().plan(bits).count == 3)
        #expect(ReadPlanner().plan(bits).allSatisfy { $0.range.count <= 2000 })
    }

    @Test func aValueIsNeverSplit() throws {
        let items = try (0..<63).map { try item(1 + 2 * $0, 2) }
        let plan = ReadPlanner().plan(items)
        #expect(plan.count == 2)
        #expect(plan.allSatisfy { $0.range.lowerBound % 2 == 1 && $0.range.count % 2 == 0 })
    }

    @Test func aValueThatNoRequestCanHoldIsRefused() {
        #expect(throws: RequestError.count(126, limit: 125)) { try item(0, 126) }
        #expect(throws: RequestError.range(address: 65_534, count: 4)) { try item(65_534, 4) }
    }

    /// The cost of reading a group, in the order of its addresses, by one request; nil where that is not allowed.
    private func cost(
        _ group: some Sequence<Range<Int>>, _ planner: ReadPlanner, _ refused: [Range<Int>]
    ) -> Int? {
        var whole: Range<Int>?
        var gaps = 0
        var count = 0
        for range in group {
            count += 1
            let before = whole ?? range
            let hole = range.lowerBound - before.upperBound
            guard hole <= planner.limits.gapRegisters else { return nil }
            gaps += max(hole, 0)
            whole = before.lowerBound..<max(before.upperBound, range.upperBound)
        }
        guard let whole else { return nil }
        if count > 1 {
            guard whole.count <= planner.limits.registers else { return nil }
            for bad in refused where bad.lowerBound >= whole.lowerBound && bad.upperBound <= whole.upperBound {
                return nil
            }
        }
        return planner.cost.of(.holding, count: whole.count, gaps: gaps)
    }

    /// The ranges whose bits are set.
    private struct Members: Sequence, IteratorProtocol {
        let ranges: [Range<Int>]
        var rest: Int

        init(of ranges: [Range<Int>], in set: Int) {
            self.ranges = ranges
            rest = set
        }

        mutating func next() -> Range<Int>? {
            guard rest != 0 else { return nil }
            defer { rest &= rest - 1 }
            return ranges[rest.trailingZeroBitCount]
        }
    }

    /// The least cost of all ways to distribute the values over requests, neighbours or not.
    private func bruteForce(_ items: [ReadItem], _ planner: ReadPlanner, _ refused: [Range<Int>]) -> Int {
        let ranges = Set(items.map(\.range)).sorted { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }
        let all = 1 << ranges.count
        var alone = [Int?](repeating: nil, count: all)
        for set in 1..<all {
            alone[set] = cost(Members(of: ranges, in: set), planner, refused)
        }
        var best = [Int](repeating: 0, count: all)
        for set in 1..<all {
            // Some request reads the first value of the set: any part of the set that contains it.
            let first = set & -set
            let others = set ^ first
            var least = Int.max
            var part = others
            while true {
                if let cost = alone[part | first] { least = min(least, cost + best[others ^ part]) }
                if part == 0 { break }
                part = (part - 1) & others
            }
            best[set] = least
        }
        return best[all - 1]
    }

    @Test func noPlanIsCheaperOnAThousandLayouts() throws {
        var random = SeededRandom(seed: 3)
        for round in 0..<1_000 {
            // Trying everything for 12 values takes a hundred times as long as for 8, so there are fewer of those.
            let count = round % 20 == 0 ? Int.random(in: 9...12, using: &random) : .random(in: 1...8, using: &random)
            let items = try (0..<count).map { _ in
                try item(.random(in: 0...60, using: &random), .random(in: 1...6, using: &random))
            }
            let planner = ReadPlanner(
                limits: .init(
                    registers: .random(in: 6...24, using: &random), gapRegisters: .random(in: 0...8, using: &random)),
                cost: .init(request: .random(in: 0...30, using: &random), gapWord: .random(in: 0...3, using: &random)))
            var memory = RefusalMemory()
            var refused: [Range<Int>] = []
            if Bool.random(using: &random), let block = planner.plan(items).randomElement(using: &random) {
                refused = [block.range]
                _ = memory.blockRefused(block, with: .illegalDataAddress, items: items)
            }
            let plan = planner.plan(items, avoiding: memory)
            #expect(planner.cost(of: plan, items: items) == bruteForce(items, planner, refused), "round \(round)")
        }
    }

    /// What gateways do: values are joined while the gap to the next is at most so many registers.
    private func fixedGap(_ items: [ReadItem], _ gap: Int, _ planner: ReadPlanner) -> (requests: Int, cost: Int) {
        var requests = 0
        var sum = 0
        var group: [Range<Int>] = []
        func end() {
            guard !group.isEmpty else { return }
            requests += 1
            sum += cost(group, planner, []) ?? 0
            group = []
        }
        for range in items.map(\.range).sorted(by: { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) })
        {
            if let start = group.first?.lowerBound, let last = group.map(\.upperBound).max(),
                range.lowerBound - last > gap || max(last, range.upperBound) - start > planner.limits.registers
            {
                end()
            }
            group.append(range)
        }
        end()
        return (requests, sum)
    }

    @Test(arguments: [4_000, 12_000, 30_000, 60_000]) func scatteredRegistersAreNeverDearerThanTheBestFixedGap(
        space: Int
    ) throws {
        var random = SeededRandom(seed: UInt64(space))
        let items = try (0..<2_000).map { _ in
            try item(.random(in: 0..<space, using: &random), [1, 1, 2, 2, 4].randomElement(using: &random) ?? 1)
        }
        for cost in [PlanCost.network, .serialLine(.standard, framing: .rtu), .init(request: 30, gapWord: 1)] {
            let planner = ReadPlanner(cost: cost)
            let plan = planner.plan(items)
            let ours = planner.cost(of: plan, items: items)
            let (gap, best) = try #require(
                (0...125).map { ($0, fixedGap(items, $0, planner)) }.min { $0.1.cost < $1.1.cost })
            let single = items.reduce(0) { $0 + planner.cost.of(.holding, count: $1.count) }
            #expect(ours <= best.cost)
            print(
                "2000 values in \(space) registers, request \(cost.request), gap word \(cost.gapWord): planned "
                    + "\(plan.count) requests, cost \(ours); best fixed gap \(gap): \(best.requests) requests, "
                    + "cost \(best.cost); one request each: cost \(single)")
        }
    }

    @Test func everyValueIsReadOnceWithinTheLimits() throws {
        var random = SeededRandom(seed: 4)
        for _ in 0..<50 {
            let items = try (0..<400).map { _ in
                try item(.random(in: 0...3000, using: &random), .random(in: 1...8, using: &random))
            }
            let plan = ReadPlanner().plan(items)
            var seen = [Int](repeating: 0, count: items.count)
            for block in plan {
                #expect(block.range.count <= 125)
                for member in block.members {
                    seen[member.item] += 1
                    let start = block.range.lowerBound + member.offset
                    #expect(items[member.item].range == start..<start + items[member.item].count)
                    #expect(block.range.upperBound >= start + items[member.item].count)
                }
            }
            #expect(seen.allSatisfy { $0 == 1 })
        }
    }
}
