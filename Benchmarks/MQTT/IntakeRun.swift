import ConnectorJournal
import ConnectorKeys
import ConnectorLane
import ConnectorModel
import Foundation
import MQTTAdapter
import Synchronization

/// The source adapter on a stream: every payload is parsed and becomes a record.
///
/// At QoS 0 the records are dropped when they are encoded, as a client that prints drops what it printed. At QoS 1 they
/// go into the journal of a lane before they are acknowledged, and on to a target that takes everything.
struct IntakeRun {
    let port: Int
    let count: Int
    let qos: Int
    let folder: String

    func run() async throws {
        let source = MQTTSource(
            try MQTTSourceConfiguration(
                name: "bench", endpoint: "mqtt://127.0.0.1:\(port)", topics: [.init(filter: "bench/#")], qos: qos,
                cleanSession: true), logger: MQTTBench.logger)
        if qos == 0 {
            let sink = CountingSink()
            try await run(source, Intake(source: source.identity, layout: .rawEvents, sink: sink)) { sink.records }
        } else {
            try await throughJournal(source)
        }
    }

    private func throughJournal(_ source: MQTTSource) async throws {
        let keys = try KeyFile(directory: folder + "/keys").open(create: true)
        let lane = try Lane(
            name: "bench", directory: folder + "/journal", sealing: JournalSealing(keys.ring),
            logger: MQTTBench.logger)
        let intake = Intake(source: source.identity, layout: .rawEvents, sink: lane)
        lane.attach(source: intake.source.name, listener: intake)
        let recipient = Recipient()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await lane.runForwarder(to: recipient) }
            try await run(source, intake) { recipient.records }
            group.cancelAll()
        }
        await lane.close()
    }

    /// Runs the source until every message is a record where it belongs.
    private func run(_ source: MQTTSource, _ intake: Intake, _ records: @escaping @Sendable () -> Int) async throws {
        let count = count
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await source.run(intake) }
            group.addTask {
                while records() < count { try await Task.sleep(for: .milliseconds(10)) }
                MQTTBench.say("{\"messages\":\(source.counts.messages),\"records\":\(records())}")
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}

/// Counts records and forgets them.
private final class CountingSink: FrameSink {
    private let state = Mutex((records: 0, prefixes: UInt32(0), tickets: UInt64(0)))

    var records: Int { state.withLock { $0.records } }

    func register(prefix: [UInt8]) -> UInt32 {
        state.withLock { state in
            defer { state.prefixes += 1 }
            return state.prefixes
        }
    }

    func submit(_ frames: [EncodedFrame], from source: String) -> Ticket {
        state.withLock { state in
            for frame in frames { state.records += frame.count }
            state.tickets += 1
            return Ticket(number: state.tickets)
        }
    }
}

/// A target that takes everything at once.
private final class Recipient: Target, TargetStream {
    private let state = Mutex((records: 0, offset: Int64(0), acknowledged: Int64(0)))
    let destination = "a recipient that counts"

    var records: Int { state.withLock { $0.records } }

    func withStream(_ body: @Sendable (any TargetStream) async throws -> Void) async throws {
        state.withLock { ($0.offset, $0.acknowledged) = (0, 0) }
        try await body(self)
    }

    func send(_ batch: RecordBatch) async throws {
        state.withLock { state in
            state.records += batch.count
            state.offset += 1
        }
    }

    func nextAcknowledgement() async throws -> Int64? {
        while true {
            let offset: Int64? = state.withLock { state in
                guard state.offset > state.acknowledged else { return nil }
                state.acknowledged = state.offset
                return state.offset - 1
            }
            if let offset { return offset }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}
