import ConnectorJournal
import ConnectorModel

/// Records of one source on their way through a lane. Counts of this run, except that ``delivered``, ``deadLetters`` and
/// ``drops`` include what earlier runs left in the journal.
package struct SourceAccount: Hashable, Sendable {
    /// What earlier runs left in the journal.
    package var recovered = 0
    package var submitted = 0
    package var durable = 0
    package var delivered = 0
    /// Refused by the target for good, and kept among the dead letters.
    package var deadLetters = 0
    /// Given up, by reason.
    package var drops = Drops()

    package init(
        submitted: Int = 0, durable: Int = 0, delivered: Int = 0, deadLetters: Int = 0, drops: Drops = Drops()
    ) {
        self.submitted = submitted
        self.durable = durable
        self.delivered = delivered
        self.deadLetters = deadLetters
        self.drops = drops
    }

    /// Given up, for whatever reason.
    package var dropped: Int { drops.total }

    /// Neither delivered nor given up.
    package var waiting: Int { max(0, recovered + submitted - delivered - dropped - deadLetters) }
}

/// Why a lane gave records up.
package enum DropReason: String, Hashable, Sendable, CaseIterable {
    /// Larger than a frame may be.
    case tooLarge = "too_large"
    /// There was no room, and the source's policy is to drop.
    case noRoom = "no_room"
    /// There was no room, and the source's policy is to reject.
    case rejected
    /// More than the source's rate.
    case rateLimit = "rate_limit"
}

/// Records given up, by reason.
package struct Drops: Hashable, Sendable {
    private var counts: [DropReason: Int]

    package init(_ counts: [DropReason: Int] = [:]) {
        self.counts = counts
    }

    package subscript(_ reason: DropReason) -> Int { counts[reason] ?? 0 }
    package var total: Int { counts.values.reduce(0, +) }

    mutating func add(_ records: Int, _ reason: DropReason) {
        guard records > 0 else { return }
        counts[reason, default: 0] += records
    }

    mutating func add(_ other: Drops) {
        for (reason, records) in other.counts { add(records, reason) }
    }
}

/// The accounts of a lane, by the number of the source's name.
struct SourceAccounts {
    private(set) var all: [SourceAccount] = []
    /// Records that had been durable and cannot be read or joined any more.
    private(set) var damagedRecords = 0

    /// All sources together.
    var total: SourceAccount {
        all.reduce(into: SourceAccount()) { total, account in
            total.recovered += account.recovered
            total.submitted += account.submitted
            total.durable += account.durable
            total.delivered += account.delivered
            total.deadLetters += account.deadLetters
            total.drops.add(account.drops)
        }
    }

    mutating func recovered(_ recovery: JournalRecovery) {
        damagedRecords += recovery.lostRecords
        for (source, records) in recovery.recordsBySource {
            reserve(source)
            all[Int(source)].recovered = records
        }
    }

    /// Counts what a source submits and returns what fits into frames of the journal.
    mutating func submitted(_ frames: [EncodedFrame], source: UInt32, frameBytesMax: Int) -> [EncodedFrame] {
        reserve(source)
        var tooLarge = false
        for frame in frames {
            all[Int(source)].submitted += frame.count
            if frame.entries.count > frameBytesMax {
                tooLarge = true
                all[Int(source)].drops.add(frame.count, .tooLarge)
            }
        }
        return tooLarge ? frames.filter { $0.entries.count <= frameBytesMax } : frames
    }

    /// Payloads came of which no reading can be made.
    mutating func refused(_ payloads: Int, of source: UInt32) {
        reserve(source)
        all[Int(source)].submitted += payloads
    }

    /// One of them is among the dead letters.
    mutating func buried(_ source: UInt32) {
        reserve(source)
        all[Int(source)].deadLetters += 1
    }

    /// Dead letters are records again.
    mutating func resubmitted(_ entries: [JournalEntry]) {
        for entry in entries {
            reserve(entry.source)
            all[Int(entry.source)].submitted += entry.frame.count
            all[Int(entry.source)].durable += entry.frame.count
        }
    }

    mutating func durable(_ group: [JournalEntry]) {
        for entry in group { all[Int(entry.source)].durable += entry.frame.count }
    }

    mutating func delivered(_ frame: JournalFrame, buried: Int) {
        reserve(frame.source)
        all[Int(frame.source)].delivered += frame.frame.count - buried
        all[Int(frame.source)].deadLetters += buried
    }

    mutating func dropped(_ records: Int, of source: UInt32, _ reason: DropReason) {
        reserve(source)
        all[Int(source)].drops.add(records, reason)
    }

    mutating func damaged(records: Int) {
        damagedRecords += records
    }

    private mutating func reserve(_ source: UInt32) {
        while all.count <= Int(source) { all.append(SourceAccount()) }
    }
}
