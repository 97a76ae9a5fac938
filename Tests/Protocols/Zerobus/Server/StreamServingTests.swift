import Foundation
import GRPCCore
import Synchronization
import Testing

@testable import ZerobusCore
@testable import ZerobusServer

/// One stream served by hand: the test is the connection.
@Suite struct StreamServingTests {
    /// What the stream said, in order, by kind.
    private final class Said: RPCWriterProtocol {
        enum Word: Equatable { case created, closing, acknowledged, other }
        let words = Mutex<[Word]>([])

        func write(_ message: [UInt8]) async throws {
            let word: Word =
                switch try ServerMessage(message) {
                case .created: .created
                case .closeSignal: .closing
                case .acknowledged: .acknowledged
                case .unknown: .other
                }
            words.withLock { $0.append(word) }
        }

        func write(contentsOf messages: some Sequence<[UInt8]>) async throws {
            for message in messages { try await write(message) }
        }
    }

    /// The client takes far longer to open its stream than the stream may live: its life begins when it is created.
    @Test func theCloseSignalNeverComesBeforeTheStreamIsCreated() async throws {
        let path = NSTemporaryDirectory() + "zerobus-serving-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let store = try TableStore(try DataDirectory(path: path, create: true))
        let log = StreamLog()
        var drill = Drill()
        drill.closeAfter = .milliseconds(1)
        drill.closeGrace = .milliseconds(1)
        let serving = StreamServing(
            table: try Telemetry.table(), tables: StreamTables(store: store, autoCreate: true),
            commits: CommitQueue(store: store, logger: quiet), stopping: StopSignal(), drill: drill.forStream(0),
            log: log, number: log.asked(try Telemetry.table(), now: 0), logger: quiet)
        let said = Said()
        let create = try Telemetry.request().encoded()
        let messages = AsyncThrowingStream<[UInt8], any Error> { continuation in
            let late = Task {
                try await Task.sleep(for: .milliseconds(100))
                continuation.yield(create)
            }
            continuation.onTermination = { _ in late.cancel() }
        }
        await #expect(throws: StreamDrill.timeIsOver) {
            try await serving.run(RPCAsyncSequence(wrapping: messages), RPCWriter(wrapping: said))
        }
        #expect(said.words.withLock { $0 } == [.created, .closing])
    }
}
