import ConnectorDeadLetters
import ConnectorJournal
import ConnectorKeys
import ConnectorModel
import Logging
import SimulatedDisk
import Synchronization
import TestRandomness

@testable import ConnectorLane

/// What a source heard.
final class RecordingListener: LaneListener, @unchecked Sendable {
    // Used from one thread only in these tests.
    private(set) var tickets: [UInt64] = []
    private(set) var demands: [Bool] = []

    func durable(upTo ticket: Ticket) { tickets.append(ticket.number) }
    func demand(open: Bool) { demands.append(open) }
}

/// A clock that stands until it is moved.
final class HandClock: Sendable {
    private let time = Mutex(Duration.zero)

    var now: Duration { time.withLock { $0 } }
    func advance(_ duration: Duration) { time.withLock { $0 += duration } }
}

/// One run of a lane without thread, clock or target: the test makes every step.
final class LaneWorld {
    let disk: SimulatedDisk
    let shared: LaneShared
    let worker: LaneWorker
    let letters: DeadLetterStore
    private let forwarders: [Forwarder]
    private let joiners: [Joiner]
    private let clock = HandClock()
    private(set) var sleepsUntil: Duration?

    init(
        on disk: SimulatedDisk, seed: UInt64, limits: LaneLimits = LaneLimits(), batch: BatchLimits = BatchLimits(),
        retry: RetryLimits = RetryLimits(), segmentBytesMax: Int = 4096, sealing: JournalSealing = .none,
        letterStorage: any Storage = MemoryStorage(), isTiered: Bool = false
    ) throws {
        self.disk = disk
        let tiers = isTiered ? TieredStorage(SimulatedStorage(disk)) : nil
        let storage: any Storage = if let tiers { tiers } else { SimulatedStorage(disk) }
        var random = SeededRandom(seed: seed)
        let journal = Journal(
            storage: storage, options: JournalOptions(segmentBytesMax: segmentBytesMax, portionBytesMax: 100),
            sealing: sealing, randomID: { random.next() })
        let recovery = try journal.open()
        let shared = LaneShared(
            limits: limits, batch: batch, retry: retry, tables: journal.tables, recovery: recovery,
            isTiered: isTiered)
        shared.disk { $0.journalOpened(bytes: journal.bytes, segments: journal.state.segments.count) }
        self.shared = shared
        let failures = Failures()
        letters = DeadLetterStore(
            storage: letterStorage, bytesMax: 1 << 20, sealing: sealing, randomID: { random.next() })
        try letters.open()
        worker = LaneWorker(journal: journal, letters: letters, shared: shared, tiers: tiers) { report in
            if case .failed(let failure) = report { failures.all.append(failure) }
        }
        forwarders = shared.sendable.indices.map { [clock] in
            Forwarder(shared: shared, stream: $0, now: { clock.now }, logger: Logger(label: "test"))
        }
        joiners = shared.sendable.indices.map { Joiner(journal.tables.prefixes, shared.tags(of: $0)) }
        collected = failures
    }

    private final class Joiner {
        var joiner: RecordJoiner
        init(_ prefixes: InternedBytes, _ tags: StreamTags) { joiner = RecordJoiner(prefixes: prefixes, tags: tags) }
    }

    var now: Duration { clock.now }

    /// How many streams the target has.
    var streams: Int { forwarders.count }

    private final class Failures {
        var all: [JournalFailure] = []
    }

    private let collected: Failures
    var journalFailures: [JournalFailure] { collected.all }

    @discardableResult
    func submit(
        _ values: some Sequence<Int>, source: String = "source", topic: String? = nil, padding: Int = 0
    ) -> Ticket {
        let prefix = shared.tables.prefixes.register(testPrefix(topic ?? "topic of \(source)"))
        return shared.submit(
            [testFrame(values, prefix: prefix, padding: padding)], from: source,
            time: Timestamp(microseconds: now.components.seconds * 1_000_000), now: now)
    }

    func attach(_ source: String, _ listener: any LaneListener, _ policy: SourcePolicy? = nil) {
        shared.attach(source, listener, policy, now: now)
    }

    /// Lets the lane's thread work until it sleeps.
    func settle() {
        for _ in 0..<10_000 {
            switch worker.step(now: now) {
            case .sleep(let until):
                sleepsUntil = until
                shared.woke()
                return
            case .finish: return
            default: break
            }
        }
    }

    func advance(_ duration: Duration) {
        clock.advance(duration)
        settle()
    }

    /// The next batch, entered as under way; nil when there is none now.
    func takeBatch(_ stream: Int = 0, lingered: Bool = true) throws -> [ReceivedRecord]? {
        while case .send(let frames, let cursor, let recordsMax) = shared.nextSend(stream, lingered: lingered, now: now)
        {
            let batch = forwarders[stream].join(
                frames, from: cursor, recordsMax: recordsMax, with: &joiners[stream].joiner)
            if let batch { return try received(batch) }
        }
        return nil
    }

    /// Everything that can be sent now; between batches the lane's thread works.
    func takeAll(_ stream: Int = 0) throws -> [ReceivedRecord] {
        var all: [ReceivedRecord] = []
        while let batch = try takeBatch(stream) {
            all += batch
            settle()
        }
        return all
    }

    @discardableResult
    func acknowledge(_ offset: Int64, on stream: Int = 0) -> Bool { shared.acknowledged(stream, offset, now: now) }

    /// Opens a stream, unless the breaker holds it back.
    @discardableResult
    func openStream(_ stream: Int = 0) -> Bool {
        guard shared.streamRequested(stream, now: now) == nil else { return false }
        shared.streamOpened(stream)
        return true
    }

    func endStream(_ stream: Int = 0, _ failure: TargetFailure? = TargetFailure(.transient, "gone")) {
        _ = shared.streamEnded(stream, failure, random: 0.5, now: now)
    }

    /// Records that are not acknowledged.
    var waitingRecords: Int { shared.read { $0.pending.records + $0.queue.allRecords } }

    var snapshot: LaneSnapshot { LaneSnapshot(name: "lane", shared: shared) }
}
