import ConnectorModel
import ProtobufWire
import Synchronization
import Testing

/// Collects what an intake submits and joins it as the forwarder does.
final class CollectingSink: FrameSink {
    struct State {
        var prefixes: [[UInt8]] = []
        var frames: [EncodedFrame] = []
        var tickets: UInt64 = 0
        var refused: [RefusedPayload] = []
    }
    let state = Mutex(State())

    func register(prefix: [UInt8]) -> UInt32 {
        state.withLock { state in
            state.prefixes.append(prefix)
            return UInt32(state.prefixes.count - 1)
        }
    }

    func submit(_ frames: [EncodedFrame], from source: String) -> Ticket {
        state.withLock { state in
            state.frames += frames
            state.tickets += 1
            return Ticket(number: state.tickets)
        }
    }

    func refuse(_ payloads: [RefusedPayload], from source: String) -> Ticket {
        state.withLock { $0.refused += payloads }
        return submit([], from: source)
    }

    func records() throws -> [[UInt8]] {
        try state.withLock { state in
            try state.frames.flatMap { frame in
                try frame.entries.withUnsafeBytes { bytes in
                    var reader = WireReader(bytes)
                    var records: [[UInt8]] = []
                    while !reader.isAtEnd {
                        let prefix = try reader.varint()
                        records.append(state.prefixes[Int(prefix)] + Array(try reader.lengthDelimited()))
                    }
                    #expect(records.count == frame.count)
                    return records
                }
            }
        }
    }
}
