import ConnectorModel
import ProtobufWire
import Synchronization

/// A target that can be away, and that checks the records which reach it: each tag counts up by one.
final class Recipient: Target, TargetStream {
    struct Found: Sendable {
        var records = 0
        /// Records that repeat a number of their tag, come too early, or cannot be read.
        var repeated = 0
        var skipped = 0
        var unreadable = 0
        /// The last number of each tag.
        var last: [Int64]
    }

    private struct State: Sendable {
        var isUp = true
        var offset: Int64 = 0
        var acknowledged: Int64 = 0
        var found: Found
    }

    let destination = "a recipient that counts"
    private let state: Mutex<State>

    init(tags: Int) {
        state = Mutex(State(found: Found(last: Array(repeating: 0, count: tags))))
    }

    var found: Found { state.withLock { $0.found } }

    func set(up: Bool) { state.withLock { $0.isUp = up } }

    func withStream(_ body: @Sendable (any TargetStream) async throws -> Void) async throws {
        try state.withLock { state throws(TargetFailure) in
            guard state.isUp else { throw TargetFailure(.transient, "the recipient is away") }
            state.offset = 0
            state.acknowledged = 0
        }
        try await body(self)
    }

    func send(_ batch: RecordBatch) async throws {
        try state.withLock { state throws(TargetFailure) in
            guard state.isUp else { throw TargetFailure(.transient, "the recipient went away") }
            batch.body.withUnsafeBytes { Self.take($0, &state.found) }
            state.offset += 1
        }
    }

    /// Everything that was sent is safe; looks once a millisecond, as this is no measure of latency.
    func nextAcknowledgement() async throws -> Int64? {
        while true {
            let offset: Int64? = try state.withLock { state throws(TargetFailure) in
                guard state.isUp else { throw TargetFailure(.transient, "the recipient went away") }
                guard state.offset > state.acknowledged else { return nil }
                state.acknowledged = state.offset
                return state.offset - 1
            }
            if let offset { return offset }
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    // MARK: Records

    private static func take(_ body: UnsafeRawBufferPointer, _ found: inout Found) {
        var batch = WireReader(body)
        do throws(WireError) {
            while try batch.tag() != nil {
                found.records += 1
                guard let (tag, number) = try reading(of: try batch.lengthDelimited()), found.last.indices.contains(tag)
                else {
                    found.unreadable += 1
                    continue
                }
                let next = found.last[tag] + 1
                if number < next { found.repeated += 1 } else if number > next { found.skipped += 1 }
                found.last[tag] = max(number, found.last[tag])
            }
        } catch {
            found.unreadable += 1
        }
    }

    /// The tag and the number of a `raw_events` record: `topic_or_path` (6) ends in the one, `value_num` (9) is the
    /// other.
    private static func reading(of record: UnsafeRawBufferPointer) throws(WireError) -> (tag: Int, number: Int64)? {
        var reader = WireReader(record)
        var tag: Int?
        var number: Int64?
        while let field = try reader.tag() {
            switch (field.field, field.type) {
            case (6, .lengthDelimited):
                tag = try reader.lengthDelimited().reduce(0) { sum, byte in
                    (48...57).contains(byte) ? sum * 10 + Int(byte - 48) : 0
                }
            case (9, .fixed64): number = Int64(exactly: Double(bitPattern: try reader.fixed64()))
            default: try reader.skip(field.type)
            }
        }
        guard let tag, let number else { return nil }
        return (tag, number)
    }
}
