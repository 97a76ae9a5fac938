import ConnectorModel
import ProtobufWire
import Synchronization

/// A lane that keeps everything in memory and becomes durable when the test says so.
final class MQTTFakeSink: FrameSink {
    private struct State {
        var prefixes: [[UInt8]] = []
        var frames: [EncodedFrame] = []
        var submissions: UInt64 = 0
        var refused: [RefusedPayload] = []
        var rejects = false
    }

    private let state = Mutex(State())

    func register(prefix: [UInt8]) -> UInt32 {
        state.withLock { state in
            state.prefixes.append(prefix)
            return UInt32(state.prefixes.count - 1)
        }
    }

    func submit(_ frames: [EncodedFrame], from source: String) -> Ticket {
        state.withLock { state in
            state.submissions += 1
            if state.rejects { return Ticket(number: state.submissions, isRejected: true) }
            state.frames += frames
            return Ticket(number: state.submissions)
        }
    }

    func refuse(_ payloads: [RefusedPayload], from source: String) -> Ticket {
        state.withLock { state in
            state.refused += payloads
            state.submissions += 1
            return Ticket(number: state.submissions)
        }
    }

    /// What went to the dead letters.
    var refused: [RefusedPayload] { state.withLock { $0.refused } }

    /// Whether there is no room, and the policy is to reject.
    func setRejecting(_ rejects: Bool) { state.withLock { $0.rejects = rejects } }

    /// The ticket of the latest submission; 0 stands for none.
    var latest: Ticket { Ticket(number: state.withLock { $0.submissions }) }

    var count: Int { state.withLock { state in state.frames.reduce(0) { $0 + $1.count } } }

    /// The rows as the target gets them.
    func rows() throws -> [[String: RecordDecoder.ColumnValue]] {
        let decoder = RecordDecoder(layout: .rawEvents)
        let (prefixes, frames) = state.withLock { ($0.prefixes, $0.frames) }
        return try frames.flatMap { frame in
            try frame.entries.withUnsafeBytes { bytes in
                var reader = WireReader(bytes)
                var rows: [[String: RecordDecoder.ColumnValue]] = []
                while !reader.isAtEnd {
                    let prefix = try reader.varint()
                    let record = prefixes[Int(prefix)] + Array(try reader.lengthDelimited())
                    let values = try record.withUnsafeBytes { try decoder.columns(of: $0) }
                    let named = zip(RecordLayout.rawEvents.columns, values).compactMap { column, value in
                        value.map { (column.name, $0) }
                    }
                    rows.append(Dictionary(uniqueKeysWithValues: named))
                }
                return rows
            }
        }
    }
}

/// A sink whose every submission is durable before `submit` returns: the quickest lane there can be.
final class MQTTInstantSink: FrameSink {
    let sink = MQTTFakeSink()
    private let intake = Mutex<Intake?>(nil)

    func attach(_ intake: Intake) { self.intake.withLock { $0 = intake } }

    func register(prefix: [UInt8]) -> UInt32 { sink.register(prefix: prefix) }

    func submit(_ frames: [EncodedFrame], from source: String) -> Ticket {
        let ticket = sink.submit(frames, from: source)
        intake.withLock { $0 }?.durable(upTo: ticket)
        return ticket
    }
}

/// Asks again and again, up to ten seconds.
func mqttEventually(_ condition: () throws -> Bool) async throws -> Bool {
    for _ in 0..<2000 {
        if try condition() { return true }
        try await Task.sleep(for: .milliseconds(5))
    }
    return false
}
