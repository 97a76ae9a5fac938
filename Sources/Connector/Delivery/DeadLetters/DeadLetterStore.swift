package import ConnectorJournal
import ConnectorModel

/// The dead letters of one lane on disk, oldest first: a journal of its own, sealed as the lane's is.
///
/// Used by one thread at a time. At its limit the oldest letters are given up, a segment at a time, and counted.
package final class DeadLetterStore {
    private let journal: Journal
    private let bytesMax: Int
    private let randomID: () -> UInt64
    /// Letters that are kept.
    package private(set) var count = 0
    /// Letters given up because the store was full, since it was opened.
    package private(set) var dropped = 0

    package init(
        storage: any Storage, bytesMax: Int = 100 * 1024 * 1024, sealing: JournalSealing = .none,
        randomID: @escaping () -> UInt64
    ) {
        self.bytesMax = max(1, bytesMax)
        self.randomID = randomID
        journal = Journal(
            storage: storage,
            options: JournalOptions(segmentBytesMax: min(4 * 1024 * 1024, max(64 * 1024, bytesMax / 16))),
            sealing: sealing, randomID: randomID)
    }

    package var bytes: Int { journal.bytes }

    /// Takes the directory.
    package func open() throws(JournalFailure) {
        let recovery = try journal.open()
        count = recovery.frames
        first = recovery.first
    }

    private var first: JournalLocation?

    /// Keeps letters, durable when this returns.
    package func append(_ letters: [DeadLetter]) throws(JournalFailure) {
        guard !letters.isEmpty else { return }
        try write(letters.map { (newID(), $0) })
        while journal.bytes > bytesMax, let gone = try journal.dropOldestSegment(mayDrop: { _ in true }) {
            let letters = gone.parts.values.reduce(0) { $0 + $1.frames }
            count -= letters
            dropped += letters
            first =
                count > 0 ? JournalLocation(JournalPosition(segment: gone.number + 1, frame: 0), offset: start) : nil
        }
    }

    private func newID() -> String {
        let digits = String(randomID() & 0xFFFF_FFFF_FFFF, radix: 16)
        return String(repeating: "0", count: 12 - digits.count) + digits
    }

    private func write(_ letters: [(id: String, letter: DeadLetter)]) throws(JournalFailure) {
        let entries = letters.map { id, letter in
            JournalEntry(
                source: journal.tables.sources.register(Array(letter.source.utf8)),
                frame: EncodedFrame(entries: DeadLetterCode.encode(letter, id: id), count: 1), time: letter.time)
        }
        if let commit = try journal.commit(entries), first == nil { first = commit.location }
        count += letters.count
    }

    /// Keeps those letters whose record is not among the dead yet: what is found at every start is kept once.
    package func appendNew(_ letters: [DeadLetter]) throws(JournalFailure) {
        guard !letters.isEmpty else { return }
        var known: Set<String> = []
        try forEach { stored in
            known.insert(stored.letter.recordID)
            return true
        }
        try append(letters.filter { !known.contains($0.recordID) })
    }

    private let start = JournalFormat.bodyStart

    /// Calls `body` with every letter, oldest first, until it returns false.
    package func forEach(_ body: (StoredDeadLetter) -> Bool) throws(JournalFailure) {
        var place = first
        while let from = place {
            let reading = try journal.read(from: from, recordsMax: 1000, bytesMax: 4 * 1024 * 1024)
            for frame in reading.frames {
                let source = journal.tables.sources.string(frame.source) ?? ""
                guard
                    let (letter, id) = DeadLetterCode.decode(frame.frame.entries, source: source, time: frame.time)
                else { continue }
                guard body(StoredDeadLetter(position: frame.position, id: id, letter: letter)) else { return }
            }
            place = reading.next
        }
    }

    /// Takes letters out for good. Those that stay are written behind them anew first: a crash in between leaves them
    /// twice rather than not at all.
    package func remove(_ isGone: (StoredDeadLetter) -> Bool) throws(JournalFailure) -> Int {
        var last: JournalPosition?
        var kept: [(id: String, letter: DeadLetter)] = []
        var removed = 0
        try forEach { stored in
            last = stored.position
            if isGone(stored) { removed += 1 } else { kept.append((stored.id, stored.letter)) }
            return true
        }
        guard removed > 0, let last else { return 0 }
        let before = (first, count)
        (first, count) = (nil, 0)
        do {
            // In portions, so that none needs much memory.
            for start in stride(from: 0, to: kept.count, by: 100) {
                try write(Array(kept[start..<min(start + 100, kept.count)]))
            }
        } catch {
            (first, count) = before
            throw error
        }
        try journal.acknowledged(upTo: last, durable: true)
        return removed
    }

    package func close() throws(JournalFailure) {
        try journal.close()
    }
}
