package import ConnectorModel
package import Logging
import ZerobusClient
import ZerobusCore

/// A Delta table behind Zerobus: one gRPC stream at a time.
package struct ZerobusTarget: Target {
    private let configuration: ZerobusTargetConfiguration
    private let client: IngestClient
    private let logger: Logger

    package init(_ configuration: ZerobusTargetConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        client = IngestClient(configuration: configuration.client, logger: logger)
    }

    package var destination: String { "\(configuration.table) at \(configuration.endpoint)" }

    package func withStream(_ body: @Sendable (any TargetStream) async throws -> Void) async throws {
        let shape = await shape()
        let request =
            switch shape.form {
            case .protobuf:
                CreateStreamRequest(
                    table: configuration.tableName, recordType: .proto, descriptor: shape.layout.descriptor())
            case .json: CreateStreamRequest(table: configuration.tableName, recordType: .json)
            }
        let end = try await withoutActuallyEscaping(body) { body in
            do {
                let limits = ClientIngestStream.Limits(progressTimeout: configuration.progressTimeout)
                return try await client.withStream(request, limits: limits) { stream in
                    defer { stream.finish() }
                    try await body(ZerobusTargetStream(stream, shape))
                }
            } catch let error as ZerobusError {
                throw TargetFailure(error)
            }
        }
        // Finished and rotated streams are ordinary; what is not acknowledged goes out on the next one.
        if case .failed(let error) = end { throw TargetFailure(error) }
    }

    /// What the table takes. It is looked up before every stream, because tables grow.
    private func shape() async -> RecordShape {
        let form = configuration.form
        switch configuration.columns {
        case .named(let names): return RecordShape(configuration.layout, columns: Set(names), form: form)
        case .automatic:
            do {
                let found = try await TableCatalog(configuration: configuration.client).columns(
                    of: configuration.tableName)
                let own = Set(configuration.layout.columns.map(\.name))
                // A table that has none of them is another table; its own refusal says so best.
                let common = found.map { own.intersection($0) }.flatMap { $0.isEmpty ? nil : $0 }
                if let common, common.count < own.count {
                    logger.notice(
                        "the table lacks \(own.subtracting(common).sorted().joined(separator: ", ")); left out")
                }
                return RecordShape(configuration.layout, columns: common, form: form)
            } catch {
                logger.debug("all columns are sent: \(error)")
                return RecordShape(configuration.layout, columns: nil, form: form)
            }
        }
    }
}

/// One open stream as the forwarder sees it.
struct ZerobusTargetStream: TargetStream {
    private let stream: IngestStream
    private let shape: RecordShape

    init(_ stream: IngestStream, _ shape: RecordShape) {
        self.stream = stream
        self.shape = shape
    }

    func send(_ batch: RecordBatch) async throws {
        let batch = try shape.shaped(batch)
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
        let disposition: Disposition =
            switch error.disposition {
            case .transient: .transient
            case .permanent: .refused
            case .fatal: .permanent
            }
        self.init(disposition, error.message)
    }
}
