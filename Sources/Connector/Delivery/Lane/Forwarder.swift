import ConnectorJournal
import ConnectorModel
import Logging

/// Carries a lane's durable frames to its target, over one stream after the other.
struct Forwarder: Sendable {
    let shared: LaneShared
    let now: @Sendable () -> Duration
    let logger: Logger

    /// Forwards until the task is cancelled. Failures of the target are waited out here.
    func run(_ target: any Target) async {
        while !Task.isCancelled {
            shared.connecting()
            let failure = await runStream(target)
            if Task.isCancelled { break }
            let wait = shared.streamEnded(failure, random: Double.random(in: 0..<1))
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
        shared.forwarderStopped()
    }

    /// Lives one stream.
    /// - Returns: why it ended; nil when the target ended it in good order.
    private func runStream(_ target: any Target) async -> TargetFailure? {
        do {
            try await target.withStream { stream in
                shared.streamOpened()
                logger.info("stream to \(target.destination) is open")
                try await pump(stream)
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
    private func pump(_ stream: any TargetStream) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await send(stream) }
            group.addTask { try await hear(stream) }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func send(_ stream: any TargetStream) async throws {
        var joiner = RecordJoiner(prefixes: shared.tables.prefixes, recordID: shared.batch.recordID)
        var lingered = false
        while !Task.isCancelled {
            switch shared.nextSend(lingered: lingered) {
            case .wait:
                await shared.sendable.wait()
                lingered = false
            case .linger(let duration):
                try await Task.sleep(for: duration)
                lingered = true
            case .send(let frames, let cursor, let recordsMax):
                lingered = false
                if let batch = join(frames, from: cursor, recordsMax: recordsMax, with: &joiner) {
                    try await stream.send(batch)
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
            completes: done > 0 ? frames[done - 1].position : nil,
            partial: done < frames.count ? (frames[done].position, cursor) : nil,
            records: batch?.count ?? 0, lost: joiner.takeLostRecords(), now: now())
        return batch
    }

    private func hear(_ stream: any TargetStream) async throws {
        while let offset = try await stream.nextAcknowledgement() {
            guard shared.acknowledged(offset, now: now()) else {
                throw TargetFailure(.transient, "the target acknowledged offset \(offset), which was never sent")
            }
        }
    }
}
