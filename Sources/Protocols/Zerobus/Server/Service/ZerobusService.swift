import Foundation
import GRPCCore
import Logging
import ZerobusCore

/// The gRPC service; only `EphemeralStream` is there, the rest answers UNIMPLEMENTED.
struct ZerobusService: RegistrableRPCService {
    let admission: Admission
    let tables: StreamTables
    let commits: CommitQueue
    let stopping: StopSignal
    let drill: Drill
    let log: StreamLog
    let logger: Logger

    private static let method = MethodDescriptor(
        fullyQualifiedService: "databricks.zerobus.Zerobus", method: "EphemeralStream")

    /// Takes and gives messages as bytes; records are decoded where they are stored.
    struct Bytes: MessageSerializer, MessageDeserializer {
        func serialize<Buffer: GRPCContiguousBytes>(_ message: [UInt8]) throws -> Buffer { Buffer(message) }
        func deserialize<Buffer: GRPCContiguousBytes>(_ bytes: Buffer) throws -> [UInt8] {
            bytes.withUnsafeBytes { Array($0) }
        }
    }

    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
        router.registerHandler(forMethod: Self.method, deserializer: Bytes(), serializer: Bytes()) {
            request, _ in ephemeralStream(request)
        }
    }

    /// Microseconds since the epoch.
    private static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1e6) }

    private func ended(_ number: Int, _ how: String) {
        log.note(number) { entry in
            entry.end = how
            entry.ended = Self.now
        }
    }

    private func ephemeralStream(_ request: StreamingServerRequest<[UInt8]>) -> StreamingServerResponse<[UInt8]> {
        func header(_ name: String) -> String? { request.metadata[stringValues: name].first { _ in true } }
        let table: TableName
        do throws(ZerobusError) {
            table = try admission.table(
                authorization: header("authorization"), tableHeader: header("x-databricks-zerobus-table-name"),
                now: Int(Date().timeIntervalSince1970))
        } catch {
            logger.info("stream refused: \(error)")
            return StreamingServerResponse(error: RPCError(error))
        }
        // The headers leave before the first message is read: the official client waits for them before it sends
        // create_stream.
        return StreamingServerResponse { writer in
            let number = log.asked(table, now: Self.now)
            let session = StreamServing(
                table: table, tables: tables, commits: commits, stopping: stopping, drill: drill.forStream(number),
                log: log, number: number, logger: logger)
            do {
                try await session.run(request.messages, writer)
                ended(number, "OK")
                return [:]
            } catch let error as ZerobusError {
                ended(number, error.description)
                throw RPCError(error)
            } catch {
                ended(number, "the client is gone")
                throw error
            }
        }
    }
}

extension RPCError {
    init(_ error: ZerobusError) {
        self.init(
            code: Code(Status.Code(rawValue: error.code.rawValue) ?? .unknown) ?? .unknown, message: error.message)
    }
}
