import ConnectorDeadLetters
import ConnectorJournal
import ConnectorModel

/// The part of a lane that touches the disk. One thread at a time uses it: the lane's own, or a simulation.
final class LaneWorker {
    let journal: Journal
    let letters: DeadLetterStore
    let shared: LaneShared
    private let tiers: TieredStorage?
    private let report: (LaneReport) -> Void

    init(
        journal: Journal, letters: DeadLetterStore, shared: LaneShared, tiers: TieredStorage? = nil,
        report: @escaping (LaneReport) -> Void
    ) {
        self.journal = journal
        self.letters = letters
        self.shared = shared
        self.tiers = tiers
        self.report = report
        tellLetters()
    }

    /// Tells the state how full the store of dead letters is.
    func tellLetters() {
        let kept = LettersKept(count: letters.count, bytes: letters.bytes, dropped: letters.dropped)
        shared.disk { $0.lettersKept(kept) }
    }

    /// Does the next thing there is to do.
    /// - Returns: what it was; after `.sleep` there is nothing more now, after `.finish` never again.
    func step(now: Duration) -> LaneState.Work {
        let work = shared.nextWork(now: now)
        switch work {
        case .announceDemand(let open):
            shared.announceDemand()
            report(.demand(open: open))
        case .makeRoom: makeRoom(now: now)
        case .bury: bury(now: now)
        case .errand: shared.takeErrand()?.body(self, now)
        case .changePlace(let usesDisk): changePlace(usesDisk: usesDisk, now: now)
        case .commit: commit(now: now)
        case .refill(let wanted): refill(wanted, now: now)
        case .saveWatermark(let position, let durable): save(position, durable: durable, now: now)
        case .sleep: break
        case .finish: close()
        }
        return work
    }

    func commit(now: Duration) {
        let group = shared.group()
        do {
            if !group.refused.isEmpty { try keep(group) }
            let commit = try journal.commit(group.entries)
            shared.groupCommitted(
                group.entries, commit, journalBytes: journal.bytes, segments: journal.state.segments.count)
            report(.writes)
        } catch {
            shared.disk { $0.groupFailed(error, now: now) }
            report(.failed(error))
        }
    }

    private func changePlace(usesDisk: Bool, now: Duration) {
        do {
            if usesDisk { try tiers?.spill() } else { tiers?.stopSpilling() }
            shared.disk { $0.placeChanged(usesDisk: usesDisk) }
        } catch {
            shared.disk { $0.groupFailed(error, now: now) }
            report(.failed(error))
        }
    }

    /// Puts payloads of which no reading can be made among the dead letters.
    private func keep(_ group: PendingFrames.Group) throws(JournalFailure) {
        let dead = group.refused.map { source, payload in
            DeadLetter(payload, source: journal.tables.sources.string(source) ?? "")
        }
        try letters.append(dead)
        shared.disk { $0.refusedKept(group) }
        tellLetters()
        for letter in dead { report(.buried(letter)) }
    }

    private func refill(_ wanted: FrameQueue.Refill, now: Duration) {
        do {
            // A portion at a time, so that commits are not kept waiting.
            var reading = try journal.read(
                from: wanted.from, recordsMax: wanted.recordsMax, bytesMax: min(wanted.bytesMax, Self.refillBytesMax))
            if let until = wanted.until { reading.cut(at: until) }
            shared.refilled(reading)
            for damage in reading.damage { report(.damaged(damage)) }
            try letters.append(journal.letters(of: reading.damage))
            if !reading.damage.isEmpty { tellLetters() }
        } catch {
            shared.disk { $0.refillFailed(error, now: now) }
            report(.failed(error))
        }
    }

    private static let refillBytesMax = 4 * 1024 * 1024

    private func save(_ position: JournalPosition, durable: Bool, now: Duration) {
        do {
            try journal.acknowledged(upTo: position, durable: durable)
            let (bytes, segments) = (journal.bytes, journal.state.segments.count)
            shared.disk {
                $0.watermarkSaved(
                    upTo: position, durable: durable, journalBytes: bytes, segments: segments, now: now)
            }
        } catch {
            shared.disk { $0.watermarkFailed(error, now: now) }
            report(.failed(error))
        }
    }

    /// Puts the record that the target refuses among the dead letters; only then the stream goes on behind it.
    private func bury(now: Duration) {
        guard let burial = shared.read({ $0.delivery.burial }) else { return }
        let tags = shared.tags(of: burial.stream)
        guard
            let found = RecordJoiner.firstRecord(
                of: burial.frames, from: burial.from, tags: tags, prefixes: journal.tables.prefixes)
        else { return shared.disk { $0.burialImpossible(burial.stream) } }
        let frame = found.frame
        let letter = DeadLetter(
            stage: .target, reason: burial.reason.message, source: journal.tables.sources.string(frame.source) ?? "",
            recordID: RecordName.text(
                segmentID: frame.segmentID, index: UInt64(frame.firstRecord) + UInt64(found.next.records - 1)),
            time: .now(), prefix: found.prefix, content: found.suffix)
        do {
            try letters.append([letter])
            tellLetters()
            shared.buried(burial.stream, at: frame.position, next: found.next, now: now)
            report(.buried(letter))
        } catch {
            shared.disk { $0.burialFailed(error, now: now) }
            report(.failed(error))
        }
    }

    private func makeRoom(now: Duration) {
        let givingUp = shared.read { $0.givingUp }
        do {
            let dropped = try journal.dropOldestSegment { givingUp.contains($0) }
            let (bytes, segments) = (journal.bytes, journal.state.segments.count)
            shared.disk { $0.segmentDropped(dropped, journalBytes: bytes, segments: segments) }
            if let dropped { report(.dropped(records: dropped.parts.values.reduce(0) { $0 + $1.records })) }
        } catch {
            shared.disk { $0.dropFailed(error, now: now) }
            report(.failed(error))
        }
    }

    private func close() {
        do {
            try letters.close()
        } catch {
            report(.failed(error))
        }
        do {
            try journal.close()
        } catch {
            report(.failed(error))
        }
    }
}

/// What happens on a lane's thread, for its log.
enum LaneReport {
    case demand(open: Bool)
    /// A group is durable.
    case writes
    case failed(JournalFailure)
    case damaged(JournalDamage)
    /// A record or a payload was refused for good.
    case buried(DeadLetter)
    /// Records were given up to make room.
    case dropped(records: Int)
}

extension JournalReading {
    /// Leaves out what lies at or behind `end`; nothing follows then.
    mutating func cut(at end: JournalPosition) {
        let isCut = next.map { $0.position >= end } ?? true || frames.last.map { $0.position >= end } ?? false
        guard isCut else { return }
        frames.removeAll { $0.position >= end }
        damage.removeAll { JournalPosition(segment: $0.segment, frame: $0.firstFrame) >= end }
        next = nil
    }
}
