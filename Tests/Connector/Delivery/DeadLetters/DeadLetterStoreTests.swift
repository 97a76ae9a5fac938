import ConnectorJournal
import ConnectorModel
import SimulatedDisk
import TestRandomness
import Testing

@testable import ConnectorDeadLetters

@Suite struct DeadLetterStoreTests {
    private func letter(_ number: Int, padding: Int = 0) -> DeadLetter {
        DeadLetter(
            stage: .target, reason: "refused \(number)", source: "press \(number % 2)", recordID: "a-\(number)",
            time: Timestamp(microseconds: Int64(number)), prefix: [1, 2], content: [UInt8](repeating: 7, count: padding)
        )
    }

    private func store(_ disk: SimulatedDisk, seed: UInt64, bytesMax: Int = 1 << 20) throws -> DeadLetterStore {
        var random = SeededRandom(seed: seed)
        let store = DeadLetterStore(
            storage: SimulatedStorage(disk), bytesMax: bytesMax, randomID: { random.next() })
        try store.open()
        return store
    }

    private func all(_ store: DeadLetterStore) throws -> [DeadLetter] {
        var letters: [DeadLetter] = []
        try store.forEach { stored in
            letters.append(stored.letter)
            return true
        }
        return letters
    }

    @Test func lettersAreKeptInOrderOverCrashes() throws {
        let disk = SimulatedDisk(seed: 1)
        for run in 0..<3 {
            let store = try store(disk, seed: UInt64(run))
            #expect(store.count == run * 2)
            try store.append([letter(run * 2), letter(run * 2 + 1, padding: 100)])
            disk.crash()
        }
        let store = try store(disk, seed: 9)
        #expect(try all(store) == (0..<6).map { letter($0, padding: $0 % 2 * 100) })
        try store.close()
    }

    @Test func lettersAreTakenOutOneByOneAndAllAtOnce() throws {
        let disk = SimulatedDisk(seed: 1)
        let first = try store(disk, seed: 1)
        try first.append((0..<10).map { letter($0) })
        #expect(try first.remove { $0.letter.recordID == "a-4" || $0.letter.recordID == "a-9" } == 2)
        #expect(try first.remove { _ in false } == 0)
        #expect(first.count == 8)
        disk.crash()
        let second = try store(disk, seed: 2)
        #expect(try all(second) == [0, 1, 2, 3, 5, 6, 7, 8].map { letter($0) })
        #expect(try second.remove { _ in true } == 8)
        #expect(try all(second) == [])
        disk.crash()
        #expect(try store(disk, seed: 3).count == 0)
    }

    @Test func aLetterKeepsItsNameWhenOthersGo() throws {
        let store = try store(SimulatedDisk(seed: 1), seed: 1)
        try store.append((0..<250).map { letter($0) })
        func ids() throws -> [String] {
            var ids: [String] = []
            try store.forEach { stored in
                ids.append(stored.id)
                return true
            }
            return ids
        }
        let before = try ids()
        #expect(Set(before).count == 250)
        #expect(try store.remove { $0.id == before[3] } == 1)
        let rest = Array(before[..<3]) + Array(before[4...])
        #expect(try ids() == rest)
    }

    @Test func whatCannotBeWrittenAnewStaysWhereItIs() throws {
        let disk = SimulatedDisk(seed: 1)
        let store = try store(disk, seed: 1)
        try store.append((0..<20).map { letter($0, padding: 5000) })
        disk.capacityBytes = disk.usedBytes
        #expect(throws: JournalFailure.self) { try store.remove { $0.letter.recordID == "a-1" } }
        #expect(try all(store) == (0..<20).map { letter($0, padding: 5000) } && store.count == 20)
        disk.capacityBytes = .max
        #expect(try store.remove { $0.letter.recordID == "a-1" } == 1)
        #expect(try all(store).count == 19 && store.count == 19)
    }

    /// Taking one out of a store that is nearly full writes all others anew: that must not push any out.
    @Test func takingOneOutOfAFullStoreCostsNoOther() throws {
        let store = try store(SimulatedDisk(seed: 1), seed: 1, bytesMax: 300_000)
        for number in 0..<50 { try store.append([letter(number, padding: 5000)]) }
        #expect(try store.remove { $0.letter.recordID == "a-7" } == 1)
        #expect(store.count == 49 && store.dropped == 0)
        #expect(try all(store).count == 49)
    }

    @Test func atItsLimitTheOldestGo() throws {
        let store = try store(SimulatedDisk(seed: 1), seed: 1, bytesMax: 300_000)
        for number in 0..<200 { try store.append([letter(number, padding: 5000)]) }
        #expect(store.bytes <= 300_000)
        #expect(store.dropped > 100)
        #expect(store.count + store.dropped == 200)
        #expect(try all(store).map(\.recordID) == (store.dropped..<200).map { "a-\($0)" })
    }

    @Test func whatIsNoLetterIsPassedOver() {
        #expect(DeadLetterCode.decode([0xFF], source: "", time: Timestamp(microseconds: 0)) == nil)
        #expect(DeadLetterCode.decode([0x0A, 1, 0x78], source: "", time: Timestamp(microseconds: 0)) == nil)
    }
}
