import ConnectorJournal
import ConnectorModel
import Logging

/// Carries what is its part of a lane's durable frames to the target, over one stream after the other.
struct Forwarder: Sendable {
    let shared: LaneShared
    /// The number of its streams among those that are open at the same time.
    let stream: Int
    let now: @Sendable () -> Duration
    let logger: Logger

    /// Forwards until the task is cancelled. Failures of the target are waited out here.
    func run(_ target: any Target) async {
        while !Task.isCancelled {
            if let wait = shared.streamRequested(stream, now: now()) {
                // The breaker is open; a cancelled wait ends the loop by its own condition.
                try? await Task.sleep(for: wait)
                continue
            }
            let failure = await runStream(target)
            if Task.isCancelled { break }
            let wait = shared.streamEnded(stream, failure, random: Double.random(in: 0..<1), now: now())
            if let failure {
                logger.warning(
                    "stream to \(target.destination) ended: \(failure.message)",
                    metadata: ["retry_in": "\(wait)", "refused": "\(failure.disposition != .transient)"])
            } else {
                logger.debug("stream to \(target.destination) ended in good order")
            }
            do {
                try await Task.sleep(for: wait)
            } catch {
                break
            }
        }
        shared.forwarderStopped(stream)
    }

    /// Lives one stream.
    /// - Returns: why it ended; nil when the target ended it in good order.
    private func runStream(_ target: any Target) async -> TargetFailure? {
        do {
            try await target.withStream { open in
                shared.streamOpened(stream)
                logger.info("stream to \(target.destination) is open")
                try await pump(open)
            }
            return nil
        } catch let failure as TargetFailure {
            return failure
        } catch {
            // Cancellation ends up here too; the caller sees it.
            return TargetFailure(.transient, "the stream broke: \(error)")
        }
    }

    /// Sends and hears acknowledgements, until one of the two ends.
    private func pump(_ open: any TargetStream) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await send(open) }
            group.addTask { try await hear(open) }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func send(_ open: any TargetStream) async throws {
        var joiner = RecordJoiner(
            prefixes: shared.tables.prefixes, recordID: shared.batch.recordID, tags: shared.tags(of: stream))
        var lingered = false
        while !Task.isCancelled {
            switch shared.nextSend(stream, lingered: lingered, now: now()) {
            case .wait:
                await shared.sendable[stream].wait()
                lingered = false
            case .linger(let duration):
                try await Task.sleep(for: duration)
                lingered = true
            case .send(let frames, let cursor, let recordsMax):
                lingered = false
                if let batch = join(frames, from: cursor, recordsMax: recordsMax, with: &joiner) {
                    try await open.send(batch)
                }
            }
        }
    }

    /// Joins one batch and enters it as under way; nil when nothing of the frames can be sent.
    func join(
        _ frames: [JournalFrame], from start: FrameQueue.Cursor, recordsMax: Int, with joiner: inout RecordJoiner
    ) -> RecordBatch? {
        var cursor = start
        var done = 0
        for frame in frames {
            let outcome = joiner.join(
                frame, from: &cursor, recordsMax: recordsMax, bytesMax: shared.batch.bytesMax)
            guard outcome == .frameDone else { break }
            cursor = FrameQueue.Cursor()
            done += 1
        }
        let batch = joiner.isEmpty ? nil : joiner.take()
        // Entered before it is sent: its acknowledgement may come before `send` returns.
        shared.batchJoined(
            stream, completes: done > 0 ? frames[done - 1].position : nil,
            partial: done < frames.count ? (frames[done].position, cursor) : nil,
            records: batch?.count ?? 0, lost: joiner.takeLostRecords(), now: now())
        return batch
    }

    private func hear(_ open: any TargetStream) async throws {
        while let offset = try await open.nextAcknowledgement() {
            guard shared.acknowledged(stream, offset, now: now()) else {
                throw TargetFailure(.transient, "the target acknowledged offset \(offset), which was never sent")
            }
        }
    }
}
