import Testing

@testable import OPCUAAdapter

@Suite struct FoundTagsTests {
    @Test func tagsAreTakenInTheirOrderAndOnce() {
        // More than a portion, and not a multiple of it.
        let all = 0..<10_001
        let found = FoundTags(count: all.count) { .known($0) }
        #expect(found.count == all.count)
        #expect(Array(found.known) == Array(all))
        var taken: [Int] = []
        found.take { if case .known(let handle) = $0 { taken.append(handle) } }
        #expect(taken == Array(all))
        #expect(found.count == 0 && Array(found.known).isEmpty)
        found.take { _ in Issue.record("a tag was taken twice") }
    }

    @Test func whatIsTakenOverIsForgottenBeforeTheRest() {
        let found = FoundTags(count: 10_000) { .known($0) }
        var left: [Int] = []
        found.take { _ in left.append(found.count) }
        #expect(left.first == 10_000 - 4_096 && left.last == 0)
    }
}
