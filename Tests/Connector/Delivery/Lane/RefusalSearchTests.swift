import Testing

@testable import ConnectorLane

@Suite struct RefusalSearchTests {
    @Test func oneBatchAtATimeThenHalvesUntilOneRecordIsLeft() {
        var search = RefusalSearch()
        #expect(search.limit == nil)
        #expect(search.refused(batches: 3, records: 24) == .tryAgain)
        #expect(search.limit == .max)
        search.delivered(records: 8)
        #expect(search.refused(batches: 1, records: 8) == .tryAgain)
        #expect(search.limit == 4)
        #expect(search.refused(batches: 1, records: 4) == .tryAgain)
        search.delivered(records: 2)
        #expect(search.limit == 4)
        #expect(search.refused(batches: 1, records: 2) == .tryAgain)
        #expect(search.refused(batches: 1, records: 1) == .bury)
        search.buried()
        #expect(search.limit == 1)
        search.delivered(records: 1)
        #expect(search.limit == 2)
        search.delivered(records: 12)
        #expect(search.limit == nil)
    }

    @Test func aSingleRecordIsTriedOnceMoreAlone() {
        var search = RefusalSearch()
        #expect(search.refused(batches: 1, records: 1) == .tryAgain)
        #expect(search.refused(batches: 1, records: 1) == .bury)
        search.buried()
        #expect(search.limit == nil)
    }

    @Test func deliveriesOutsideASearchMeanNothing() {
        var search = RefusalSearch()
        search.delivered(records: 10)
        #expect(search == RefusalSearch())
    }
}
