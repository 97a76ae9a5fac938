import ConnectorJournal
import ConnectorModel
import DequeModule

/// What sources have submitted and the journal has not made durable yet, in order.
struct PendingFrames {
    private struct Submission {
        var ticket: Ticket
        var source: UInt32
        var frames: [EncodedFrame]
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

    mutating func append(_ frames: [EncodedFrame], source: UInt32, ticket: Ticket, time: Timestamp) {
        submissions.append(Submission(ticket: ticket, source: source, frames: frames, time: time))
        for frame in frames {
            records += frame.count
            bytes += frame.entries.count
        }
    }

    /// The frames to be written next: at least one, up to `bytesMax` bytes.
    mutating func group(bytesMax: Int) -> [JournalEntry] {
        let group = nextGroup(bytesMax: bytesMax)
        writing = group.count
        return group
    }

    /// The group could not be written.
    mutating func groupFailed() {
        writing = 0
    }

    private func nextGroup(bytesMax: Int) -> [JournalEntry] {
        var group: [JournalEntry] = []
        var bytes = 0
        for submission in submissions {
            for frame in submission.frames[submission.done...] {
                let entry = JournalEntry(source: submission.source, frame: frame, time: submission.time)
                bytes += entry.bytes
                if bytes > bytesMax, !group.isEmpty { return group }
                group.append(entry)
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

    /// The first `count` frames are durable.
    /// - Returns: for each source whose submissions are complete now, the last one.
    mutating func committed(frames count: Int) -> [Notice] {
        writing = 0
        var left = count
        var notices: [Notice] = []
        while var submission = submissions.first {
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
