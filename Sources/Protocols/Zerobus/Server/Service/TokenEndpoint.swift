import Foundation
import WebSupport
import ZerobusCore

/// `POST /oidc/v1/token`: checks the form as the service documents it.
struct TokenEndpoint: Sendable {
    let issuer: TokenIssuer
    /// The one service principal that is accepted; nil accepts every id with a non-empty secret.
    let principal: ServicePrincipal?

    /// An OAuth error answer (RFC 6749 section 5.2).
    struct Refusal: Error, Equatable {
        let status: Int
        let error: String
        let description: String
    }

    private struct Detail: Decodable {
        let type: String
        let privileges: [String]
        let objectType: String
        let objectFullPath: String
    }

    /// Answers a request; `now` is in seconds since the epoch.
    func answer(_ request: WebRequest, now: Int) -> WebResponse {
        struct Answer: Encodable {
            var accessToken: String
            var expiresIn: Int
            var scope = "all-apis"
            var tokenType = "Bearer"

            enum CodingKeys: String, CodingKey {
                case accessToken = "access_token"
                case expiresIn = "expires_in"
                case tokenType = "token_type"
                case scope
            }
        }
        struct Failure: Encodable {
            var error: String
            var errorDescription: String

            enum CodingKeys: String, CodingKey {
                case error
                case errorDescription = "error_description"
            }
        }
        do throws(Refusal) {
            try authenticate(request.header("authorization"))
            guard request.header("content-type")?.lowercased().hasPrefix("application/x-www-form-urlencoded") == true
            else {
                throw Refusal(
                    status: 400, error: "invalid_request",
                    description: "the body must be application/x-www-form-urlencoded")
            }
            let scope = try scope(request.bodyText)
            return .json(Answer(accessToken: issuer.issue(scope, now: now), expiresIn: issuer.lifetimeSeconds))
        } catch {
            var response = WebResponse.json(
                Failure(error: error.error, errorDescription: error.description), status: error.status)
            if error.status == 401 { response.headers.append(("WWW-Authenticate", "Basic realm=\"zerobus-local\"")) }
            return response
        }
    }

    private func authenticate(_ header: String?) throws(Refusal) {
        let refusal = Refusal(
            status: 401, error: "invalid_client", description: "HTTP Basic with client id and secret is needed")
        guard let header, header.lowercased().hasPrefix("basic "),
            let data = Data(base64Encoded: String(header.dropFirst(6))),
            let text = String(data: data, encoding: .utf8), let colon = text.firstIndex(of: ":")
        else { throw refusal }
        let given = ServicePrincipal(id: String(text[..<colon]), secret: String(text[text.index(after: colon)...]))
        guard !given.id.isEmpty, !given.secret.isEmpty, principal == nil || principal == given else { throw refusal }
    }

    /// What the form asks for: one table, or the workspace when it names none.
    private func scope(_ form: String) throws(Refusal) -> TokenIssuer.Scope {
        var fields: [String: String] = [:]
        for pair in form.split(separator: "&") {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentDecoder.decode(sides[0], plusIsSpace: true),
                let value = PercentDecoder.decode(sides.count > 1 ? sides[1] : "", plusIsSpace: true)
            else { throw Refusal(status: 400, error: "invalid_request", description: "the form is not well-formed") }
            fields[name] = value
        }
        guard fields["grant_type"] == "client_credentials" else {
            throw Refusal(
                status: 400, error: "unsupported_grant_type", description: "grant_type must be client_credentials")
        }
        guard fields["scope"] == "all-apis" else {
            throw Refusal(status: 400, error: "invalid_scope", description: "scope must be all-apis")
        }
        if fields["resource"] == nil, fields["authorization_details"] == nil { return .workspace }
        try checkResource(fields["resource"])
        return .table(try table(fields["authorization_details"]))
    }

    private func checkResource(_ resource: String?) throws(Refusal) {
        let prefix = "api://databricks/workspaces/"
        let suffix = "/zerobusDirectWriteApi"
        guard let resource, resource.hasPrefix(prefix), resource.hasSuffix(suffix),
            resource.utf8.count > prefix.utf8.count + suffix.utf8.count
        else {
            throw Refusal(
                status: 400, error: "invalid_target", description: "resource must be \(prefix)<workspace id>\(suffix)")
        }
    }

    private func table(_ json: String?) throws(Refusal) -> TableName {
        func refuse(_ what: String) -> Refusal {
            Refusal(status: 400, error: "invalid_authorization_details", description: what)
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let json, let details = try? decoder.decode([Detail].self, from: Data(json.utf8)) else {
            throw refuse("authorization_details must be a JSON array of objects")
        }
        guard details.allSatisfy({ $0.type == "unity_catalog_privileges" }) else {
            throw refuse("every type must be unity_catalog_privileges")
        }
        let tables = details.filter { $0.objectType == "TABLE" }
        guard tables.count == 1, let detail = tables.first, let table = TableName(detail.objectFullPath) else {
            throw refuse("exactly one object of type TABLE with a three-part name is needed")
        }
        guard Set(detail.privileges).isSuperset(of: ["SELECT", "MODIFY"]) else {
            throw refuse("the table needs SELECT and MODIFY")
        }
        let wanted = [
            ("CATALOG", table.catalog, "USE CATALOG"), ("SCHEMA", "\(table.catalog).\(table.schema)", "USE SCHEMA"),
        ]
        for (type, path, privilege) in wanted {
            let fits = details.contains {
                $0.objectType == type && $0.objectFullPath == path && $0.privileges.contains(privilege)
            }
            guard fits else { throw refuse("\(privilege) on \(path) is missing") }
        }
        return table
    }
}
