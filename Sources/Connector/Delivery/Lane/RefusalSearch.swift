/// Finds the records that a target refuses among those under way, while the others pass.
///
/// After a refusal one batch at a time is sent, so that the next refusal names its batch; a refused batch is halved
/// until it is one record, which goes to the dead letters. Every delivery doubles the size again, and once
/// everything that was under suspicion is delivered or buried the search is over.
struct RefusalSearch: Equatable {
    /// What follows from a refusal.
    enum Action: Equatable {
        /// Send again, in smaller batches.
        case tryAgain
        /// The record at the front is the one.
        case bury
        /// Too many in a row: that is no matter of single records. Wait before going on.
        case pause
    }

    private struct Search: Equatable {
        /// Records of the next batch at most.
        var limit: Int
        /// Records under suspicion.
        var suspects: Int
    }

    /// A target that refuses so many single records one after the other refuses all.
    static let buriedInARowMax = 20

    private var search: Search?
    private var buriedInARow = 0

    /// Records of the next batch at most, and one batch under way at a time; nil when nothing is searched for.
    var limit: Int? { search?.limit }

    /// The target refused what is under way.
    /// - Parameters:
    ///   - batches, records: what was under way.
    mutating func refused(batches: Int, records: Int) -> Action {
        guard var search, batches == 1 else {
            self.search = Search(limit: .max, suspects: max(records, self.search?.suspects ?? 0))
            return .tryAgain
        }
        guard records <= 1 else {
            search.limit = records / 2
            self.search = search
            return .tryAgain
        }
        if buriedInARow >= Self.buriedInARowMax {
            buriedInARow = 0
            return .pause
        }
        return .bury
    }

    /// The record at the front went to the dead letters.
    mutating func buried() {
        buriedInARow += 1
        passed(1)
    }

    /// The target took so many records.
    mutating func delivered(records: Int) {
        guard records > 0 else { return }
        buriedInARow = 0
        guard let limit = search?.limit else { return }
        search?.limit = limit > Int.max / 2 ? .max : limit * 2
        passed(records)
    }

    private mutating func passed(_ records: Int) {
        search?.suspects -= records
        if let search, search.suspects <= 0 { self.search = nil }
    }
}
