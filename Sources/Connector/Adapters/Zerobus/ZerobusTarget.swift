package import ConnectorModel
package import Logging
import ZerobusClient
import ZerobusCore

/// A Delta table behind Zerobus: one gRPC stream at a time.
package struct ZerobusTarget: Target {
    private let configuration: ZerobusTargetConfiguration
    private let client: IngestClient

    package init(_ configuration: ZerobusTargetConfiguration, logger: Logger) {
        self.configuration = configuration
        client = IngestClient(configuration: configuration.client, logger: logger)
    }

    package var destination: String { "\(configuration.table) at \(configuration.endpoint)" }

    package func withStream(_ body: @Sendable (any TargetStream) async throws -> Void) async throws {
        let request = CreateStreamRequest(
            table: configuration.tableName, recordType: .proto, descriptor: configuration.layout.descriptor())
        let end = try await withoutActuallyEscaping(body) { body in
            do {
                return try await client.withStream(request) { stream in
                    defer { stream.finish() }
                    try await body(ZerobusTargetStream(stream))
                }
            } catch let error as ZerobusError {
                throw TargetFailure(error)
            }
        }
        // Finished and rotated streams are ordinary; what is not acknowledged goes out on the next one.
        if case .failed(let error) = end { throw TargetFailure(error) }
    }
}

/// One open stream as the forwarder sees it.
struct ZerobusTargetStream: TargetStream {
    private let stream: IngestStream

    init(_ stream: IngestStream) {
        self.stream = stream
    }

    func send(_ batch: RecordBatch) async throws {
        do {
            if try await stream.send(batchBody: batch.body, count: batch.count) != nil { return }
        } catch let error as ZerobusError {
            throw TargetFailure(error)
        }
        // The stream takes no more; the end of its acknowledgements says so and ends this wait.
        while true { try await Task.sleep(for: .seconds(3600)) }
    }

    func nextAcknowledgement() async throws -> Int64? {
        for await offset in stream.acknowledgements { return offset }
        return nil
    }
}

extension TargetFailure {
    init(_ error: ZerobusError) {
        self.init(error.disposition == .transient ? .transient : .permanent, error.message)
    }
}
