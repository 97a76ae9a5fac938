import GRPCCore
import GRPCNIOTransportHTTP2Posix
public import Logging
import NIOSSL
public import ZerobusCore

/// Opens streams into tables. Resending and waiting between attempts are the caller's.
public struct IngestClient: Sendable {
    private let configuration: IngestClientConfiguration
    private let tokens: TokenSource
    private let logger: Logger

    public init(configuration: IngestClientConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        tokens = TokenSource(configuration: configuration)
    }

    /// Opens a stream on a connection of its own, runs `body` with it, and says how the stream ended. When it could
    /// not be opened `body` does not run. When the stream ends while `body` runs, its
    /// ``IngestStream/acknowledgements`` end and ``IngestStream/send(batchBody:count:)`` returns nil: `body` is to
    /// return then. What is unacknowledged when `body` returns may be lost. Throws what `body` throws, and when
    /// cancelled. `body` and its child tasks run on the connection's event loop where no actor says otherwise: what
    /// blocks a thread does not belong there.
    public func withStream(
        _ request: CreateStreamRequest, limits: ClientIngestStream.Limits = .init(),
        _ body: @escaping @Sendable (IngestStream) async throws -> Void
    ) async throws -> StreamEnd {
        var attempt = 0
        while true {
            attempt += 1
            let (end, didOpen) = try await once(request, limits, body)
            guard case .failed(let error) = end,
                error.code == .unauthenticated || error.code == .permissionDenied,
                case .servicePrincipal = configuration.credentials
            else { return end }
            // A cached token may have been revoked: no other stream is opened with it, and a fresh one is tried at
            // once, but only at the opening and only once.
            await tokens.refused(request.table)
            guard attempt == 1, !didOpen else { return end }
            logger.debug("token refused, trying a fresh one: \(error)")
        }
    }

    private func once(
        _ request: CreateStreamRequest, _ limits: ClientIngestStream.Limits,
        _ body: @escaping @Sendable (IngestStream) async throws -> Void
    ) async throws -> (StreamEnd, didOpen: Bool) {
        let session = StreamSession(limits: limits, recordType: request.recordType)
        let call = StreamCall(configuration: configuration, tokens: tokens, session: session)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask { await call.run(request) }
            let opening = Task.isCancelled ? nil : try await opened(session)
            guard let streamID = opening else {
                let end = session.end ?? .failed(Self.openingTimedOut(configuration))
                group.cancelAll()
                try await group.waitForAll()
                try Task.checkCancellation()
                return (end, false)
            }
            // What is sent and what is acknowledged crosses no thread between the caller's tasks and the connection.
            try await withTaskExecutorPreference(call.executor) {
                try await body(IngestStream(streamID: streamID, session: session))
            }
            session.stop()
            try await drain(&group)
            try Task.checkCancellation()
            return (session.end ?? .failed(ZerobusError(.cancelled, "the stream was given up")), true)
        }
    }

    /// The stream's id, or nil when it failed or took too long.
    private func opened(_ session: StreamSession) async throws -> String? {
        try await withThrowingTaskGroup(of: String?.self) { group in
            group.addTask { await session.waitUntilOpen() }
            group.addTask { [timeout = configuration.openTimeout] in
                try await Task.sleep(for: timeout)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }

    /// Gives the server a moment to end the stream in order.
    private func drain(_ group: inout ThrowingTaskGroup<Void, any Error>) async throws {
        group.addTask { [timeout = configuration.closeTimeout] in try? await Task.sleep(for: timeout) }
        _ = try await group.next()
        group.cancelAll()
        try await group.waitForAll()
    }

    private static func openingTimedOut(_ configuration: IngestClientConfiguration) -> ZerobusError {
        ZerobusError(
            .deadlineExceeded, "no stream from \(configuration.endpoint) within \(configuration.openTimeout)")
    }
}
