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
        #expect(ranges(ReadPlanner().plan(items)) == [0..<18, 35..<36])
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

    /// Every cut of the values into groups, each group one request: the least cost there is.
    private func bruteForce(_ items: [ReadItem], _ planner: ReadPlanner, _ refused: [Range<Int>]) -> Int {
        var best = Int.max
        var groups: [[Int]] = []
        func allowed(_ group: [Int]) -> Range<Int>? {
            let sorted = group.map { items[$0].range }.sorted { $0.lowerBound < $1.lowerBound }
            guard var whole = sorted.first else { return nil }
            for range in sorted.dropFirst() {
                guard range.lowerBound - whole.upperBound <= planner.limits.gapRegisters else { return nil }
                whole = whole.lowerBound..<max(whole.upperBound, range.upperBound)
            }
            if Set(sorted).count == 1 { return whole }
            guard whole.count <= planner.limits.registers else { return nil }
            let crosses = refused.contains { $0.lowerBound >= whole.lowerBound && $0.upperBound <= whole.upperBound }
            return crosses ? nil : whole
        }
        func place(_ index: Int) {
            guard index < items.count else {
                let spans = groups.map(allowed)
                guard !spans.contains(nil) else { return }
                best = min(best, spans.reduce(0) { $0 + planner.cost.of(.holding, count: $1?.count ?? 0) })
                return
            }
            for group in groups.indices {
                groups[group].append(index)
                place(index + 1)
                groups[group].removeLast()
            }
            groups.append([index])
            place(index + 1)
            groups.removeLast()
        }
        place(0)
        return best
    }

    @Test func noPlanIsCheaper() throws {
        var random = SeededGenerator(seed: 3)
        for round in 0..<150 {
            let items = try (0..<Int.random(in: 1...6, using: &random)).map { _ in
                try item(.random(in: 0...30, using: &random), .random(in: 1...6, using: &random))
            }
            let planner = ReadPlanner(
                limits: .init(
                    registers: .random(in: 6...16, using: &random), gapRegisters: .random(in: 0...8, using: &random)),
                cost: .init(request: .random(in: 0...30, using: &random)))
            var memory = RefusalMemory()
            var refused: [Range<Int>] = []
            if Bool.random(using: &random), let block = planner.plan(items).randomElement(using: &random) {
                refused = [block.range]
                _ = memory.blockRefused(block, with: .illegalDataAddress, items: items)
            }
            let plan = planner.plan(items, avoiding: memory)
            let cost = plan.reduce(0) { $0 + planner.cost.of(.holding, count: $1.range.count) }
            #expect(cost == bruteForce(items, planner, refused), "round \(round)")
        }
    }

    @Test func everyValueIsReadOnceWithinTheLimits() throws {
        var random = SeededGenerator(seed: 4)
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
