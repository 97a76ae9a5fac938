import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
public import ZerobusCore

/// What Unity Catalog says of tables.
public struct TableCatalog: Sendable {
    private let configuration: IngestClientConfiguration

    public init(configuration: IngestClientConfiguration) {
        self.configuration = configuration
    }

    /// The names of a table's columns in their order; nil when the catalog knows no such table.
    /// - Throws: `ZerobusError` when the catalog cannot be asked, or does not let us look.
    public func columns(of table: TableName) async throws(ZerobusError) -> [String]? {
        var request = HTTPClientRequest(
            url: "\(configuration.workspace)/api/2.1/unity-catalog/tables/\(table)")
        request.headers.add(name: "Authorization", value: "Bearer \(try await token())")
        let (status, body) = try await answer(request)
        switch status {
        case 200: break
        case 404: return nil
        case 401, 403:
            throw ZerobusError(.permissionDenied, "the catalog does not show \(table) (\(status))")
        default: throw ZerobusError(.unavailable, "the catalog answered \(status)")
        }
        struct Definition: Decodable {
            struct Column: Decodable { let name: String }
            let columns: [Column]
        }
        guard let definition = try? JSONDecoder().decode(Definition.self, from: Data(body)) else {
            throw ZerobusError(.unavailable, "the catalog's answer about \(table) is not understood")
        }
        return definition.columns.map(\.name)
    }

    /// A token of the workspace: the catalog is asked before there is one for the table.
    private func token() async throws(ZerobusError) -> String {
        guard case .servicePrincipal(let id, let secret) = configuration.credentials else {
            if case .bearer(let token) = configuration.credentials { return token }
            throw ZerobusError(.unauthenticated, "no credentials")
        }
        var request = HTTPClientRequest(url: "\(configuration.workspace)/oidc/v1/token")
        request.method = .POST
        request.headers.add(
            name: "Authorization", value: "Basic \(Data("\(id):\(secret)".utf8).base64EncodedString())")
        request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
        request.body = .bytes(ByteBuffer(string: "grant_type=client_credentials&scope=all-apis"))
        let (status, body) = try await answer(request)
        guard status == 200, let token = Token(json: body) else {
            throw ZerobusError(.unavailable, "the workspace gives no token for its catalog (\(status))")
        }
        return token.value
    }

    private func answer(_ request: HTTPClientRequest) async throws(ZerobusError) -> (UInt, [UInt8]) {
        do {
            return try await WorkspaceRequests(configuration: configuration).execute(request)
        } catch {
            throw ZerobusError(.unavailable, "the workspace at \(configuration.workspace) cannot be reached: \(error)")
        }
    }
}
