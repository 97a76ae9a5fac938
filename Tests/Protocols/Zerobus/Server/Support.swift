import Foundation
import Logging
import ProtobufWire
import SwiftProtobuf
import Testing

@testable import ZerobusClient
@testable import ZerobusCore
@testable import ZerobusServer

/// Tests look at answers, not at logs.
let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// A server of our own on ports of the system's choice, in a folder of its own.
enum LocalWorld {
    /// Runs a server for as long as `body` runs.
    static func with<Result: Sendable>(
        directory: String? = nil, configure: @Sendable (inout LocalServerConfiguration) -> Void = { _ in },
        _ body: @escaping @Sendable (LocalServer.Ports, String) async throws -> Result
    ) async throws -> Result {
        let path = directory ?? NSTemporaryDirectory() + "zerobus-test-\(UUID().uuidString)"
        defer { if directory == nil { try? FileManager.default.removeItem(atPath: path) } }
        var configuration = LocalServerConfiguration(grpcPort: 0, httpPort: 0, dataDirectory: path)
        configure(&configuration)
        let server = LocalServer(configuration: configuration, logger: quiet)
        let (ports, port) = AsyncStream<LocalServer.Ports>.makeStream()
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                defer { port.finish() }
                try await server.run { port.yield($0) }
                return nil
            }
            group.addTask {
                for await ports in ports { return try await body(ports, path) }
                return nil
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }

    static func client(_ ports: LocalServer.Ports, credentials: Credentials? = nil) throws -> IngestClient {
        IngestClient(
            configuration: IngestClientConfiguration(
                endpoint: try ServiceAddress("http://127.0.0.1:\(ports.grpc)"),
                workspace: try ServiceAddress("http://127.0.0.1:\(ports.http)"),
                credentials: credentials ?? .servicePrincipal(id: "client", secret: "secret")),
            logger: quiet)
    }
}

/// The table of the tests: tag, time, value, quality.
enum Telemetry {
    static let descriptor: [UInt8] = {
        let message = Google_Protobuf_DescriptorProto.with {
            $0.name = "Telemetry"
            $0.field = [
                RowDecoderTests.field("tag", 1, .string), RowDecoderTests.field("event_time", 2, .int64),
                RowDecoderTests.field("value", 3, .double), RowDecoderTests.field("quality", 4, .int32),
            ]
        }
        return (try? message.serializedBytes()) ?? []
    }()

    static func record(_ number: Int, into writer: inout WireWriter) {
        writer.field(1, string: "tag-\(number % 10)")
        writer.field(2, int64: Int64(1_760_000_000_000_000 + number))
        writer.field(3, double: Double(number) / 2)
        writer.field(4, int64: 192)
    }

    static func batch(_ numbers: Range<Int>) -> [UInt8] {
        var writer = WireWriter()
        for number in numbers {
            let nested = writer.beginNested(1)
            record(number, into: &writer)
            writer.endNested(nested)
        }
        return writer.takeBytes()
    }

    static func jsonBatch(_ numbers: Range<Int>) -> [UInt8] {
        var writer = WireWriter()
        for number in numbers {
            writer.field(1, string: #"{"tag":"tag-\#(number % 10)","event_time":\#(number),"value":\#(number)}"#)
        }
        return writer.takeBytes()
    }

    static func table(_ text: String = "main.plant.telemetry") throws -> TableName { try #require(TableName(text)) }

    static func request(_ table: String = "main.plant.telemetry") throws -> CreateStreamRequest {
        CreateStreamRequest(table: try self.table(table), recordType: .proto, descriptor: descriptor)
    }
}
