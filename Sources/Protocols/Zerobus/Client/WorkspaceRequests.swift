import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import ZerobusCore

/// Requests to the workspace: over its proxy, trusting its authority, each in its own short time.
struct WorkspaceRequests: Sendable {
    let configuration: IngestClientConfiguration

    /// Sends a request; status and body of at most 1 MiB.
    func execute(_ request: HTTPClientRequest) async throws -> (UInt, [UInt8]) {
        var settings = HTTPClient.Configuration()
        settings.redirectConfiguration = .disallow
        // The caller waits between attempts; a refused connection is to be known at once.
        settings.connectionPool.retryConnectionEstablishment = false
        if let proxy = configuration.proxy.proxy(for: configuration.workspace) {
            settings.proxy = .server(
                host: proxy.host, port: proxy.port,
                authorization: proxy.authorization.map { .basic(credentials: String($0.dropFirst("Basic ".count))) })
        }
        if let file = configuration.trustedRootsFile {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .file(file)
            settings.tlsConfiguration = tls
        }
        // One short-lived client per request: they are rare, and nothing stays open in between.
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
        do {
            let response = try await client.execute(request, timeout: .nanoseconds(timeoutNanoseconds))
            let body = try await response.body.collect(upTo: 1 << 20)
            try await client.shutdown()
            return (response.status.code, Array(body.readableBytesView))
        } catch {
            try? await client.shutdown()
            throw error
        }
    }

    /// Half of the time in which a stream is to be opened.
    private var timeoutNanoseconds: Int64 {
        let (seconds, attoseconds) = (configuration.openTimeout / 2).components
        return min(max(seconds, 0), 3600) * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
