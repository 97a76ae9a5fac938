import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import ZerobusCore

/// Gets and keeps the tokens of a client, one per table.
actor TokenSource {
    private let configuration: IngestClientConfiguration
    private var cache = TokenCache()
    private let start = ContinuousClock.now
    /// Requests under way: callers for the same table share one.
    private var underway: [TableName: [CheckedContinuation<Result<String, ZerobusError>, Never>]] = [:]

    init(configuration: IngestClientConfiguration) {
        self.configuration = configuration
    }

    /// The value of the `authorization` header without `Bearer`.
    func token(for table: TableName) async throws(ZerobusError) -> String {
        guard case .servicePrincipal(let id, let secret) = configuration.credentials else {
            if case .bearer(let token) = configuration.credentials { return token }
            throw ZerobusError(.unauthenticated, "no credentials")
        }
        switch cache.tokenRequested(table, now: start.duration(to: .now)) {
        case .use(let token):
            return token
        case .fetch(let otherwise):
            do throws(ZerobusError) {
                return try await shared(table, id: id, secret: secret)
            } catch {
                // An old token that is still valid is better than none.
                if let otherwise, error.disposition == .transient { return otherwise }
                throw error
            }
        }
    }

    /// The service refused the table's token; the next one is fresh.
    func refused(_ table: TableName) {
        cache.refused(table)
    }

    private func shared(_ table: TableName, id: String, secret: String) async throws(ZerobusError) -> String {
        if underway[table] != nil {
            return try await withCheckedContinuation { underway[table, default: []].append($0) }.get()
        }
        underway[table] = []
        let result: Result<String, ZerobusError>
        do throws(ZerobusError) {
            let token = try await fetch(table, id: id, secret: secret)
            cache.fetched(token, for: table, now: start.duration(to: .now))
            result = .success(token.value)
        } catch {
            result = .failure(error)
        }
        for waiting in underway.removeValue(forKey: table) ?? [] { waiting.resume(returning: result) }
        return try result.get()
    }

    private func fetch(_ table: TableName, id: String, secret: String) async throws(ZerobusError) -> Token {
        let address = configuration.workspace
        var request = HTTPClientRequest(url: "\(address)/oidc/v1/token")
        request.method = .POST
        let basic = Data("\(id):\(secret)".utf8).base64EncodedString()
        request.headers.add(name: "Authorization", value: "Basic \(basic)")
        request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
        let form = TokenRequest(table: table, workspaceID: configuration.endpoint.firstLabel).formBody
        request.body = .bytes(ByteBuffer(string: form))
        let (status, body): (UInt, [UInt8])
        do {
            (status, body) = try await WorkspaceRequests(configuration: configuration).execute(request)
        } catch let error as ZerobusError {
            throw error
        } catch {
            throw ZerobusError(.unavailable, "the token endpoint at \(address) cannot be reached: \(error)")
        }
        switch status {
        case 200:
            guard let token = Token(json: body) else {
                throw ZerobusError(.unavailable, "the token endpoint at \(address) answered without access_token")
            }
            return token
        case 400..<500 where status != 408 && status != 429:
            throw ZerobusError(
                .unauthenticated,
                "the token endpoint at \(address) refused the request for \(table) (\(status)): \(Self.reason(body))")
        default:
            throw ZerobusError(.unavailable, "the token endpoint at \(address) answered \(status)")
        }
    }

    /// `error_description` or `error` of an OAuth error answer, cut short; never the request.
    private static func reason(_ body: [UInt8]) -> String {
        struct Answer: Decodable {
            let error: String?
            let errorDescription: String?
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let answer = try? decoder.decode(Answer.self, from: Data(body))
        return String((answer?.errorDescription ?? answer?.error ?? "no reason given").prefix(300))
    }
}
