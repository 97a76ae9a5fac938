import ConnectorModel
import Foundation
import Logging
import ProtobufWire
import TestKit
import Testing
import ZerobusAdapter
import ZerobusServer

/// Our own service and targets on it, for tests.
enum ZerobusWorld {
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    static func withService(
        _ configure: @Sendable (inout LocalServerConfiguration) -> Void = { _ in },
        _ body: @escaping @Sendable (LocalServer.Ports) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { folder in
            var configuration = LocalServerConfiguration(grpcPort: 0, httpPort: 0, dataDirectory: folder + "/data")
            configure(&configuration)
            let server = LocalServer(configuration: configuration, logger: logger)
            let (ports, port) = AsyncStream<LocalServer.Ports>.makeStream()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    defer { port.finish() }
                    try await server.run { port.yield($0) }
                }
                var didRun = false
                for await ports in ports {
                    try await body(ports)
                    didRun = true
                    break
                }
                #expect(didRun, "the service did not start")
                group.cancelAll()
                // How it ends when it is cancelled is not what is tested here.
                while await group.nextResult() != nil {}
            }
        }
    }

    static func target(
        _ grpc: Int, _ http: Int, secret: String = "secret", columns: TargetColumns = .automatic,
        format: RecordFormat = .protobuf
    ) throws -> ZerobusTarget {
        ZerobusTarget(
            try ZerobusTargetConfiguration(
                table: "main.plant.raw_events", layout: .rawEvents, workspace: "http://127.0.0.1:\(http)",
                endpoint: "http://127.0.0.1:\(grpc)", clientID: "client", clientSecret: secret,
                allowPlaintext: false, columns: columns, recordFormat: format), logger: logger)
    }

    /// Rows of the table with a tag and a value.
    static func batch(_ values: Range<Int>) -> RecordBatch {
        var writer = WireWriter()
        for value in values {
            let record = writer.beginNested(1)
            writer.field(1, int64: 1_700_000_000_000_000)
            writer.field(6, string: "plant/t")
            writer.field(9, double: Double(value))
            writer.endNested(record)
        }
        return RecordBatch(body: writer.takeBytes(), count: values.count)
    }
}
