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
        /// So many of its frames are durable.
        var done = 0
    }

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
    func group(bytesMax: Int) -> [JournalEntry] {
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

    /// The first `count` frames are durable.
    /// - Returns: for each source whose submissions are complete now, the last one.
    mutating func committed(frames count: Int) -> [Notice] {
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
