import Testing

@testable import ModbusCore

/// A device that refuses, and a poll that tries smaller requests until every value is read or known to be bad.
@Suite struct RefusalMemoryTests {
    /// One poll: how many requests it took, the values that could be read, and those that could not.
    private func poll(
        _ items: [ReadItem], _ memory: inout RefusalMemory, device: (ReadBlock) -> ExceptionCode?
    ) -> (requests: Int, good: Set<Int>, bad: Set<Int>) {
        var waiting = ReadPlanner().plan(items, avoiding: memory)
        var result = (requests: 0, good: Set<Int>(), bad: Set<Int>())
        while let block = waiting.popLast() {
            result.requests += 1
            guard let code = device(block) else {
                memory.blockAnswered(block)
                result.good.formUnion(block.members.map(\.item))
                continue
            }
            switch memory.blockRefused(block, with: code, items: items) {
            case .retry(let blocks): waiting += blocks
            case .giveUp: result.bad.formUnion(block.members.map(\.item))
            }
        }
        return result
    }

    private func registers(_ range: Range<Int>) throws -> [ReadItem] {
        try range.map { try ReadItem(unit: 1, type: .holding, address: UInt16($0), count: 1) }
    }

    @Test func aBadRegisterIsIsolatedAndNeverCrossedAgain() throws {
        let items = try registers(0..<100)
        var memory = RefusalMemory()
        let device = { (block: ReadBlock) in block.range.contains(37) ? ExceptionCode.illegalDataAddress : nil }
        let first = poll(items, &memory, device: device)
        #expect(first.bad == [37])
        #expect(first.good.count == 99)
        #expect(first.requests <= 2 * 7 + 1)
        let second = poll(items, &memory, device: device)
        #expect(second.bad == [37])
        #expect(second.good.count == 99)
        #expect(second.requests == 3)
    }

    @Test func aHoleBetweenValuesIsLeftOut() throws {
        let items = try registers(0..<10) + registers(20..<30)
        var memory = RefusalMemory()
        let device = { (block: ReadBlock) in block.range.overlaps(10..<20) ? ExceptionCode.illegalDataAddress : nil }
        #expect(poll(items, &memory, device: device).bad.isEmpty)
        let second = poll(items, &memory, device: device)
        #expect(second.bad.isEmpty)
        #expect(second.requests == 2)
    }

    @Test func aBorderThatMayNotBeCrossedIsFound() throws {
        let items = try registers(0..<60)
        var memory = RefusalMemory()
        let device = { (block: ReadBlock) in
            block.range.contains(40) && block.range.contains(39) ? ExceptionCode.illegalDataAddress : nil
        }
        #expect(poll(items, &memory, device: device).bad.isEmpty)
        #expect(poll(items, &memory, device: device).requests == 2)
    }

    @Test func aDeviceThatTakesShortRequestsOnlyGetsThem() throws {
        let items = try registers(0..<100)
        var memory = RefusalMemory()
        let device = { (block: ReadBlock) in block.range.count > 16 ? ExceptionCode.illegalDataValue : nil }
        let first = poll(items, &memory, device: device)
        #expect(first.bad.isEmpty)
        #expect(first.good.count == 100)
        // Halving 100 finds 12 or 13; from then on nothing is refused.
        let second = poll(items, &memory) { block in
            #expect(block.range.count <= 16)
            return device(block)
        }
        #expect(second.good.count == 100)
        #expect(second.requests == 8)
    }

    @Test func otherExceptionsSplitNothing() throws {
        let items = try registers(0..<10)
        var memory = RefusalMemory()
        let result = poll(items, &memory) { _ in .serverDeviceBusy }
        #expect(result.requests == 1)
        #expect(result.bad.count == 10)
        #expect(memory.isEmpty)
    }
}
