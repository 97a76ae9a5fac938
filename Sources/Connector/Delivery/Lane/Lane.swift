import ConnectorDeadLetters
package import ConnectorJournal
package import ConnectorModel
package import Logging

/// All that stands between sources and one target: admission, memory, journal and forwarder.
///
/// A lane is open from the start; ``close()`` comes last, after the sources have stopped and the task of
/// ``runForwarder(to:)`` was cancelled. Frames go to disk on the lane's own thread.
package final class Lane: FrameSink {
    package let name: String
    private let shared: LaneShared
    private let logger: Logger
    private let now: @Sendable () -> Duration
    /// Signalled when the lane's thread has ended.
    private let ended = Gate()

    /// Takes the journal's directory, finds out what it holds and starts the lane's thread.
    /// - Throws: when another process has the directory, it cannot be used, a newer version wrote it, or its key is
    ///   missing.
    package init(
        name: String, directory: String, store: LaneStore = .journal, limits: LaneLimits = LaneLimits(),
        batch: BatchLimits = BatchLimits(),
        retry: RetryLimits = RetryLimits(), sealing: JournalSealing = .none,
        letters: DeadLetterPlace = DeadLetterPlace(),
        logger: Logger
    ) throws(JournalFailure) {
        var logger = logger
        logger[metadataKey: "lane"] = "\(name)"
        self.name = name
        self.logger = logger
        let start = ContinuousClock.now
        now = { ContinuousClock.now - start }
        let storage = store.storage(directory)
        let tiers = storage as? TieredStorage
        // In memory a segment is let go only as a whole.
        let segmentBytesMax = tiers == nil ? limits.segmentBytesMax : min(limits.segmentBytesMax, 1024 * 1024)
        let journal = Journal(
            storage: storage, options: JournalOptions(segmentBytesMax: segmentBytesMax), sealing: sealing,
            randomID: { UInt64.random(in: 1 ... .max) })
        let recovery = try journal.open()
        Self.log(recovery, logger)
        let letters = letters.store(sealing: sealing)
        do {
            try letters.open()
            try letters.appendNew(journal.letters(of: recovery.damage))
        } catch {
            // The failure that led here is the one to report; the lock goes with the journal.
            journal.abandon()
            throw error
        }
        shared = LaneShared(
            limits: limits, batch: batch, retry: retry, tables: journal.tables, recovery: recovery,
            isTiered: tiers != nil)
        shared.disk { $0.journalOpened(bytes: journal.bytes, segments: journal.state.segments.count) }
        let worker = LaneWorker(
            journal: journal, letters: letters, shared: shared, tiers: tiers, report: Self.reporter(logger))
        startThread(worker)
    }

    // A lane that nobody closed still ends its thread.
    deinit { shared.close() }

    private func startThread(_ worker: sending LaneWorker) {
        let (shared, now, ended) = (shared, now, ended)
        LaneThread.start(worker) { worker in
            while true {
                switch worker.step(now: now()) {
                case .sleep(let until):
                    shared.work.wait(atMost: until.map { max(.zero, $0 - now()) })
                    shared.woke()
                case .finish:
                    ended.signal()
                    return
                default: break
                }
            }
        }
    }

    // MARK: Sources

    /// Names who hears of a source's durability and of demand, on the lane's thread. A listener believes in open
    /// demand until it hears otherwise.
    /// - Parameter policy: nil for that of the lane.
    package func attach(source: String, listener: any LaneListener, policy: SourcePolicy? = nil) {
        shared.attach(source, listener, policy, now: now())
    }

    package func detach(source: String) {
        shared.detach(source)
    }

    package func register(prefix: [UInt8]) -> UInt32 {
        shared.tables.prefixes.register(prefix)
    }

    package func submit(_ frames: [EncodedFrame], from source: String) -> Ticket {
        shared.submit(frames, from: source, time: .now(), now: now())
    }

    package func refuse(_ payloads: [RefusedPayload], from source: String) -> Ticket {
        shared.refuse(payloads, from: source, time: .now(), now: now())
    }

    /// Has something done on the lane's thread, between its own work.
    @concurrent
    func onThread<Result: Sendable>(
        _ body: @escaping @Sendable (LaneWorker, Duration) throws(JournalFailure) -> Result
    ) async throws(JournalFailure) -> Result {
        typealias Outcome = Swift.Result<Result, JournalFailure>
        let result = await withCheckedContinuation { (continuation: CheckedContinuation<Outcome, Never>) in
            let errand = LaneErrand { worker, now in
                do throws(JournalFailure) {
                    continuation.resume(returning: .success(try body(worker, now)))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
            if !shared.send(errand) {
                continuation.resume(returning: .failure(JournalFailure(.device, "the lane \(name) is closed")))
            }
        }
        return try result.get()
    }

    // MARK: Target

    /// Forwards to the target, over all streams, until the task is cancelled. One call at a time.
    @concurrent
    package func runForwarder(to target: any Target) async {
        await withTaskGroup(of: Void.self) { group in
            for stream in shared.sendable.indices {
                var logger = logger
                if shared.sendable.count > 1 { logger[metadataKey: "stream"] = "\(stream)" }
                let forwarder = Forwarder(shared: shared, stream: stream, now: now, logger: logger)
                group.addTask { await forwarder.run(target) }
            }
        }
    }

    /// Waits until everything submitted so far is acknowledged, or the time is over; the rest stays in the journal.
    /// - Returns: whether everything was delivered.
    @concurrent
    package func drain(within limit: Duration) async -> Bool {
        shared.hurry()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled, !self.shared.read({ $0.isDrained }) { await self.shared.drained.wait() }
            }
            group.addTask {
                do { try await Task.sleep(for: limit) } catch { return }
            }
            await group.next()
            group.cancelAll()
        }
        return shared.read { $0.isDrained }
    }

    /// Writes what is pending and the watermark, and gives the directory back.
    @concurrent
    package func close() async {
        shared.close()
        await ended.wait()
        // For whoever closes once more.
        ended.signal()
    }

    package func snapshot() -> LaneSnapshot {
        LaneSnapshot(name: name, shared: shared)
    }

    // MARK: Log

    private static func log(_ recovery: JournalRecovery, _ logger: Logger) {
        if recovery.records > 0 {
            logger.notice("journal holds \(recovery.records) records from earlier runs")
        }
        for damage in recovery.damage {
            logger.log(level: damage.kind == .torn ? .info : .error, "journal: \(damage)")
        }
        if recovery.lostTags > 0 {
            logger.error("journal: \(recovery.lostTags) tags cannot be read; their waiting records are lost")
        }
    }

    /// Logs changes of the disk's health once each, not every attempt.
    private static func reporter(_ logger: Logger) -> (LaneReport) -> Void {
        var reported: JournalFailure?
        var wasOpen = true
        return { report in
            switch report {
            case .demand(let open):
                guard open != wasOpen else { return }
                wasOpen = open
                logger.notice(open ? "room again: sources go on" : "no room: sources are asked to pause")
            case .writes:
                if reported != nil { logger.notice("journal writes again") }
                reported = nil
            case .failed(let failure):
                if failure != reported { logger.error("journal: \(failure.message)") }
                reported = failure
            case .damaged(let damage):
                logger.error("journal: \(damage)")
            case .buried(let letter):
                logger.error(
                    "a record is refused and goes to the dead letters: \(letter.reason)",
                    metadata: ["source": "\(letter.source)", "record_id": "\(letter.recordID)"])
            case .dropped(let records):
                logger.warning("no room: the oldest \(records) records were given up")
            }
        }
    }
}
