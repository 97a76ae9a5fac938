import ConnectorJournal
import ConnectorModel

/// What each source occupies in its lane, and whether it may have more.
///
/// Half of all room is shared by whoever comes first; the other half is divided evenly and kept for each source, so
/// that a flood never starves its neighbours.
struct SourceLedger {
    /// One source of the lane.
    struct Source {
        var policy: SourcePolicy
        var meter: RateMeter?
        /// Whether it hears of demand, and so counts when room is divided.
        var isAttached = false
        /// The demand that it should know of.
        var isOpen = true
        var pendingRecords = 0
        var pendingBytes = 0
        /// Bytes in the journal that are not acknowledged.
        var journalBytes = 0
    }

    private(set) var sources: [Source] = []
    private let policy: SourcePolicy

    /// - Parameter policy: for sources that bring none of their own.
    init(policy: SourcePolicy) {
        self.policy = policy
    }

    subscript(_ number: UInt32) -> Source {
        Int(number) < sources.count ? sources[Int(number)] : unknown
    }

    var areAllOpen: Bool { sources.allSatisfy(\.isOpen) }

    // MARK: Events

    mutating func attached(_ number: UInt32, _ policy: SourcePolicy?, now: Duration) {
        reserve(number)
        sources[Int(number)].isAttached = true
        guard let policy else { return }
        sources[Int(number)].policy = policy
        sources[Int(number)].meter = policy.rateLimit.map { RateMeter($0, now: now) }
    }

    mutating func recovered(_ recovery: JournalRecovery) {
        for (number, bytes) in recovery.bytesBySource {
            reserve(number)
            sources[Int(number)].journalBytes += bytes
        }
    }

    /// Records came that keep to the rate, or cannot be held back.
    mutating func metered(_ number: UInt32, records: Int, now: Duration) {
        reserve(number)
        sources[Int(number)].meter?.took(records, now: now)
    }

    mutating func pending(_ number: UInt32, _ frame: EncodedFrame, _ sign: Int = 1) {
        reserve(number)
        sources[Int(number)].pendingRecords += sign * frame.count
        sources[Int(number)].pendingBytes += sign * frame.entries.count
    }

    mutating func committed(_ entry: JournalEntry) {
        pending(entry.source, entry.frame, -1)
        sources[Int(entry.source)].journalBytes += entry.bytes
    }

    /// A frame came into the journal past its source.
    mutating func resubmitted(_ entry: JournalEntry) {
        reserve(entry.source)
        sources[Int(entry.source)].journalBytes += entry.bytes
    }

    mutating func released(_ frame: JournalFrame) {
        reserve(frame.source)
        let bytes = JournalFormat.frameHeadBytes + frame.frame.entries.count
        sources[Int(frame.source)].journalBytes = max(0, sources[Int(frame.source)].journalBytes - bytes)
    }

    mutating func dropped(_ number: UInt32, bytes: Int) {
        reserve(number)
        sources[Int(number)].journalBytes = max(0, sources[Int(number)].journalBytes - bytes)
    }

    /// The demand of a source is another one now.
    mutating func told(_ index: Int, open: Bool) {
        sources[index].isOpen = open
    }

    private mutating func reserve(_ number: UInt32) {
        while sources.count <= Int(number) {
            sources.append(unknown)
        }
    }

    /// A source that nothing was heard of yet.
    private var unknown: Source { Source(policy: policy, meter: policy.rateLimit.map { RateMeter($0, now: .zero) }) }

    // MARK: Room

    /// How a kind of room is divided at one moment.
    struct Division {
        var used: Int
        var limit: Int
        /// What is kept for each attached source.
        var share: Int
        /// What all of them together have not used of it.
        var kept: Int

        init(used: Int, limit: Int, own: some Sequence<Int>) {
            let all = Array(own)
            self.used = used
            self.limit = limit
            let share = all.isEmpty ? 0 : limit / (2 * all.count)
            self.share = share
            kept = all.reduce(0) { $0 + max(0, share - $1) }
        }

        /// Whether a source that has `own` of it may have more.
        /// - Parameter reserve: so much must be free beyond it.
        func hasRoom(own: Int, isAttached: Bool, reserve: Int = 0) -> Bool {
            used + kept - (isAttached ? max(0, share - own) : 0) + reserve < limit
        }
    }

    func division(used: Int, limit: Int, _ own: (Source) -> Int) -> Division {
        Division(used: used, limit: limit, own: sources.lazy.filter(\.isAttached).map(own))
    }
}
