import ConnectorJournal
import ConnectorModel
import DequeModule

/// What sources have submitted and the journal has not made durable yet, in order.
struct PendingFrames {
    /// What is written and synced at once.
    struct Group {
        var entries: [JournalEntry] = []
        /// For the dead letters, each with the number of its source.
        var refused: [(source: UInt32, payload: RefusedPayload)] = []

        var isEmpty: Bool { entries.isEmpty && refused.isEmpty }
    }

    private struct Submission {
        var ticket: Ticket
        var source: UInt32
        var frames: [EncodedFrame]
        var refused: [RefusedPayload]
        var time: Timestamp
        /// So many of its frames are durable or given up.
        var done = 0
    }

    /// So many frames at the front are being written: they cannot be given up.
    private var writing = 0

    /// A source may be told that everything up to the ticket is durable.
    struct Notice: Equatable {
        var source: UInt32
        var ticket: Ticket
    }

    private var submissions: Deque<Submission> = []
    private(set) var records = 0
    private(set) var bytes = 0

    var isEmpty: Bool { submissions.isEmpty }
    var oldest: Timestamp? { submissions.first?.time }

    mutating func append(
        _ frames: [EncodedFrame], refused: [RefusedPayload] = [], source: UInt32, ticket: Ticket, time: Timestamp
    ) {
        submissions.append(
            Submission(ticket: ticket, source: source, frames: frames, refused: refused, time: time))
        bytes += Self.bytes(of: refused)
        for frame in frames {
            records += frame.count
            bytes += frame.entries.count
        }
    }

    /// What is to be written next: at least one frame or payload, up to `bytesMax` bytes.
    mutating func group(bytesMax: Int) -> Group {
        let group = nextGroup(bytesMax: bytesMax)
        writing = group.entries.count
        return group
    }

    private static func bytes(of refused: [RefusedPayload]) -> Int { refused.reduce(0) { $0 + $1.bytes.count } }

    /// The group could not be written.
    mutating func groupFailed() {
        writing = 0
    }

    private func nextGroup(bytesMax: Int) -> Group {
        var group = Group()
        var bytes = 0
        for submission in submissions {
            bytes += Self.bytes(of: submission.refused)
            if bytes > bytesMax, !group.isEmpty { return group }
            for payload in submission.refused { group.refused.append((submission.source, payload)) }
            for frame in submission.frames[submission.done...] {
                let entry = JournalEntry(source: submission.source, frame: frame, time: submission.time)
                bytes += entry.bytes
                if bytes > bytesMax, !group.isEmpty { return group }
                group.entries.append(entry)
            }
        }
        return group
    }

    /// Takes out the oldest frames of a source that are not being written, at least `count` records if there are.
    mutating func dropOldest(of source: UInt32, records count: Int) -> [EncodedFrame] {
        var dropped: [EncodedFrame] = []
        var left = count
        var untouchable = writing
        for index in submissions.indices {
            let first =
                submissions[index].done + min(untouchable, submissions[index].frames.count - submissions[index].done)
            untouchable -= first - submissions[index].done
            guard submissions[index].source == source else { continue }
            while left > 0, first < submissions[index].frames.count {
                let frame = submissions[index].frames.remove(at: first)
                dropped.append(frame)
                left -= frame.count
                records -= frame.count
                bytes -= frame.entries.count
            }
            if left <= 0 { break }
        }
        return dropped
    }

    /// The source whose frames are to be written next.
    var firstSource: UInt32? { submissions.first { $0.done < $0.frames.count }?.source }

    /// The first `count` payloads are among the dead letters. Their submissions are complete only with the group.
    mutating func kept(refused count: Int) {
        var left = count
        for index in submissions.indices {
            guard left > 0 else { return }
            left -= submissions[index].refused.count
            bytes -= Self.bytes(of: submissions[index].refused)
            submissions[index].refused = []
        }
    }

    /// The first `count` frames are durable.
    /// - Returns: for each source whose submissions are complete now, the last one.
    mutating func committed(frames count: Int) -> [Notice] {
        writing = 0
        var left = count
        var notices: [Notice] = []
        while var submission = submissions.first, submission.refused.isEmpty {
            let step = min(left, submission.frames.count - submission.done)
            for frame in submission.frames[submission.done..<submission.done + step] {
                records -= frame.count
                bytes -= frame.entries.count
            }
            submission.done += step
            left -= step
            guard submission.done == submission.frames.count else {
                submissions[submissions.startIndex] = submission
                break
            }
            submissions.removeFirst()
            let notice = Notice(source: submission.source, ticket: submission.ticket)
            if let index = notices.firstIndex(where: { $0.source == notice.source }) {
                notices[index] = notice
            } else {
                notices.append(notice)
            }
        }
        return notices
    }
}
