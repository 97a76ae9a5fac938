import Foundation
import GRPCCore
import ProtobufWire
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

    /// Serves the messages of a client that goes silent after the last one, and hands back what was said.
    private func serve(
        _ messages: [(after: Duration, bytes: [UInt8])], _ drill: Drill = Drill(),
        failing expected: @escaping (ZerobusError) -> Bool
    ) async throws -> [Said.Word] {
        let path = NSTemporaryDirectory() + "zerobus-serving-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let store = try TableStore(try DataDirectory(path: path, create: true))
        let log = StreamLog()
        let serving = StreamServing(
            table: try Telemetry.table(), tables: StreamTables(store: store, autoCreate: true),
            commits: CommitQueue(store: store, logger: quiet), stopping: StopSignal(), drill: drill.forStream(0),
            log: log, number: log.asked(try Telemetry.table(), now: 0), logger: quiet)
        let said = Said()
        let stream = AsyncThrowingStream<[UInt8], any Error> { continuation in
            let late = Task {
                for (delay, bytes) in messages {
                    if delay > .zero { try await Task.sleep(for: delay) }
                    continuation.yield(bytes)
                }
            }
            continuation.onTermination = { _ in late.cancel() }
        }
        let error = await #expect(throws: ZerobusError.self) {
            try await serving.run(RPCAsyncSequence(wrapping: stream), RPCWriter(wrapping: said))
        }
        if let error { #expect(expected(error), "\(error)") }
        return said.words.withLock { $0 }
    }

    /// The client takes far longer to open its stream than the stream may live: its life begins when it is created.
    @Test func theCloseSignalNeverComesBeforeTheStreamIsCreated() async throws {
        var drill = Drill()
        drill.closeAfter = .milliseconds(1)
        drill.closeGrace = .milliseconds(1)
        let words = try await serve([(.milliseconds(100), try Telemetry.request().encoded())], drill) {
            $0 == StreamDrill.timeIsOver && $0.message.contains("Error Code: 6002")
        }
        #expect(words == [.created, .closing])
    }

    @Test func headerAndRequestMustNameTheSameTable() async throws {
        let words = try await serve([(.zero, try Telemetry.request("main.plant.other").encoded())]) {
            $0.code == .invalidArgument && $0.message.contains("the header names the table main.plant.telemetry")
        }
        #expect(words == [])
    }

    /// One byte more than a message may hold.
    @Test func aMessageBeyondTheLimitIsRefused() async throws {
        var writer = WireWriter()
        let nested = writer.beginNested(2)
        writer.field(1, int64: 0)
        writer.field(2, string: String(repeating: "x", count: ZerobusLimits.maxMessageRecordBytes + 1))
        writer.endNested(nested)
        let create = try Telemetry.request().encoded()
        let words = try await serve([(.zero, create), (.zero, writer.takeBytes())]) {
            $0.code == .invalidArgument && $0.message.contains("bytes")
        }
        #expect(words == [.created])
    }
}
