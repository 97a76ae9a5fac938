import Foundation
import ProtobufWire
import Synchronization
import ZerobusClient
import ZerobusCore

/// Carries out one order.
enum Delivery {
    /// Sends the rows through a stream of their own; what it took, as a line of JSON.
    static func measure(_ rows: Rows, _ order: Order, through client: IngestClient) async throws -> String {
        let took = Mutex((seconds: 0.0, cpu: 0.0))
        let request = CreateStreamRequest(
            table: order.table, recordType: .proto, descriptor: try Rows.descriptor())
        let end = try await client.withStream(request) { [rows] stream in
            let began = ContinuousClock.now
            let cpu = processorSeconds()
            let last = Int64((rows.count + order.batch - 1) / order.batch) - 1
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await send(rows, batch: order.batch, to: stream) }
                for await offset in stream.acknowledgements where offset == last { break }
                try await group.waitForAll()
            }
            took.withLock { $0 = ((ContinuousClock.now - began) / .seconds(1), processorSeconds() - cpu) }
            stream.finish()
        }
        guard case .finished = end else { throw Wrong("the stream ended: \(end)") }
        let (seconds, cpu) = took.withLock { $0 }
        return "{\"rows\":\(rows.count),\"bytes\":\(rows.bytes),\"seconds\":\(seconds),\"cpu\":\(cpu)}"
    }

    private static func send(_ rows: Rows, batch: Int, to stream: IngestStream) async throws {
        var writer = WireWriter(capacity: 1 << 16)
        for start in stride(from: 0, to: rows.count, by: batch) {
            let offset =
                batch == 1
                ? try await stream.send(record: rows[start])
                : try await stream.send(
                    batchBody: rows.joined(start..<min(start + batch, rows.count), with: &writer),
                    count: min(batch, rows.count - start))
            guard offset != nil else { throw Wrong("the stream takes no more") }
        }
    }

    /// User and system time of this process.
    private static func processorSeconds() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
    }
}
