import NIOConcurrencyHelpers
import ZerobusCore

/// What became of the last streams, for the eyes of tests and of people: `GET /streams`.
final class StreamLog: Sendable {
    /// Older streams are forgotten.
    static let maxEntries = 1000

    /// One stream, in the order of the calls.
    struct Entry: Encodable, Sendable {
        var number: Int
        var table: String
        var streamID: String?
        var records: String?
        /// Microseconds since the epoch.
        var opened: Int64
        var ended: Int64?
        var messages: Int64 = 0
        /// Highest offset that was acknowledged, -1 for none.
        var acknowledged: Int64 = -1
        var acknowledgements = 0
        var closeSignalled = false
        /// `OK`, or code and message.
        var end: String?

        enum CodingKeys: String, CodingKey {
            case number, table, records, opened, ended, messages, acknowledged, acknowledgements, end
            case streamID = "stream_id"
            case closeSignalled = "close_signalled"
        }
    }

    private struct State {
        var entries: [Entry] = []
        var total = 0
    }

    private let state = NIOLockedValueBox(State())

    /// A stream was asked for; its number.
    func asked(_ table: TableName, now: Int64) -> Int {
        state.withLockedValue { state in
            if state.entries.count >= Self.maxEntries { state.entries.removeFirst() }
            state.entries.append(Entry(number: state.total, table: table.description, opened: now))
            state.total += 1
            return state.total - 1
        }
    }

    /// Changes what is known of a stream, if it is not forgotten.
    func note(_ number: Int, _ change: (inout Entry) -> Void) {
        state.withLockedValue { state in
            guard let first = state.entries.first?.number else { return }
            let index = number - first
            guard state.entries.indices.contains(index) else { return }
            change(&state.entries[index])
        }
    }

    /// The streams that are remembered, oldest first, and the number of all.
    var snapshot: (entries: [Entry], total: Int) { state.withLockedValue { ($0.entries, $0.total) } }
}
