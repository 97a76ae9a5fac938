import ConnectorJournal
import ConnectorModel

/// Records of one source on their way through a lane. Counts of this run, except that ``delivered`` includes what
/// earlier runs left in the journal.
package struct SourceAccount: Hashable, Sendable {
    package var submitted = 0
    package var durable = 0
    package var delivered = 0
    /// Given up: larger than a frame may be.
    package var dropped = 0
}

/// The accounts of a lane, by the number of the source's name.
struct SourceAccounts {
    private(set) var all: [SourceAccount] = []
    /// Records that had been durable and cannot be read or joined any more.
    private(set) var damagedRecords = 0

    /// All sources together.
    var total: SourceAccount {
        all.reduce(into: SourceAccount()) { total, account in
            total.submitted += account.submitted
            total.durable += account.durable
            total.delivered += account.delivered
            total.dropped += account.dropped
        }
    }

    mutating func recovered(_ recovery: JournalRecovery) {
        damagedRecords += recovery.lostRecords
    }

    /// Counts what a source submits and returns what fits into frames of the journal.
    mutating func submitted(_ frames: [EncodedFrame], source: UInt32, frameBytesMax: Int) -> [EncodedFrame] {
        reserve(source)
        var tooLarge = false
        for frame in frames {
            all[Int(source)].submitted += frame.count
            if frame.entries.count > frameBytesMax {
                tooLarge = true
                all[Int(source)].dropped += frame.count
            }
        }
        return tooLarge ? frames.filter { $0.entries.count <= frameBytesMax } : frames
    }

    mutating func durable(_ group: [JournalEntry]) {
        for entry in group { all[Int(entry.source)].durable += entry.frame.count }
    }

    mutating func delivered(_ frame: JournalFrame) {
        reserve(frame.source)
        all[Int(frame.source)].delivered += frame.frame.count
    }

    mutating func damaged(records: Int) {
        damagedRecords += records
    }

    private mutating func reserve(_ source: UInt32) {
        while all.count <= Int(source) { all.append(SourceAccount()) }
    }
}
