import Testing

@testable import SimulatorPlant
@testable import SimulatorWeb

@Suite struct HistoryBookTests {
    private let limits = HistoryBook.Limits(sensorsMax: 2, samplesMax: 3, keepMicroseconds: 100)

    private func tick(_ number: UInt64, _ values: [Double]) -> Tick {
        Tick(
            number: number, timestamp: Int64(number) * 10, values: values,
            qualities: Array(repeating: .good, count: values.count))
    }

    @Test func onlyWhatIsLookedAtIsKept() {
        var book = HistoryBook(limits: limits, tick(0, [1, 2, 3]))
        book.ticked(tick(1, [4, 5, 6]))
        #expect(book.samples(1).isEmpty && book.sensorCount == 0)
        // Looking twice keeps what there is.
        let looks = [book.lookedAt(1, now: 10), book.lookedAt(1, now: 10)]
        #expect(looks == [true, true])
        book.ticked(tick(2, [7, 8, 9]))
        #expect(book.samples(1).map(\.value) == [5, 8])
        #expect(book.samples(1).map(\.timestamp) == [10, 20])
        #expect(book.samples(0).isEmpty)
    }

    @Test func aFullRingForgetsTheOldest() {
        var book = HistoryBook(limits: limits, tick(0, [0]))
        _ = book.lookedAt(0, now: 0)
        for number in 1...7 { book.ticked(tick(UInt64(number), [Double(number)])) }
        #expect(book.samples(0).map(\.value) == [5, 6, 7])
    }

    @Test func whatNobodyLooksAtGivesWay() {
        var book = HistoryBook(limits: limits, tick(0, [1, 2, 3]))
        let looks = [book.lookedAt(0, now: 0), book.lookedAt(1, now: 50), book.lookedAt(2, now: 100)]
        // The first two are looked at still: a third one finds no room.
        #expect(looks == [true, true, false])
        #expect(book.samples(2).isEmpty && book.sensorCount == 2)
        // Nobody has looked at 0 for more than 100 µs.
        let later = book.lookedAt(2, now: 101)
        #expect(later)
        #expect(book.samples(0).isEmpty && !book.samples(1).isEmpty && book.sensorCount == 2)
    }

    @Test func manyAreLookedAtWhileThereIsRoom() {
        var book = HistoryBook(limits: limits, tick(0, [1, 2, 3, 4]))
        book.lookedAt([0, 3, 1, 2], now: 0)
        #expect(book.sensorCount == 2 && !book.samples(0).isEmpty && !book.samples(3).isEmpty)
        // Those that are kept stay fresh also when the others find no room.
        book.lookedAt([2, 0, 3], now: 90)
        book.lookedAt([1], now: 150)
        #expect(book.samples(1).isEmpty)
    }

    @Test func statisticsAreThoseOfTheTextbook() {
        let facts = Statistics([2, 4, 4, 4, 5, 5, 7, 9])
        #expect(facts.count == 8 && facts.mean == 5 && facts.min == 2 && facts.max == 9)
        #expect(abs((facts.sigma ?? 0) - (32.0 / 7).squareRoot()) < 1e-12)
        #expect(Statistics([]) == Statistics([.nan]) && Statistics([]).mean == nil)
        #expect(Statistics([3]).sigma == nil)
    }
}
