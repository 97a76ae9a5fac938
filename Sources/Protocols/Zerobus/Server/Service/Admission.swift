import ZerobusCore

/// Decides from a call's headers whether a stream may be opened, and into which table.
struct Admission: Sendable {
    let issuer: TokenIssuer
    /// Tokens that are accepted for every table without having been issued, for clients with tokens of their own.
    let acceptedTokens: Set<String>

    /// The table that the headers name. `now` is in seconds since the epoch.
    func table(authorization: String?, tableHeader: String?, now: Int) throws(ZerobusError) -> TableName {
        guard let authorization, authorization.lowercased().hasPrefix("bearer "), authorization.utf8.count > 7 else {
            throw ZerobusError(.unauthenticated, "the authorization header must hold a bearer token")
        }
        guard let tableHeader, let table = TableName(tableHeader) else {
            throw ZerobusError(
                .invalidArgument, "the header x-databricks-zerobus-table-name must be catalog.schema.table")
        }
        let token = String(authorization.dropFirst(7))
        if acceptedTokens.contains(token) { return table }
        switch issuer.verify(token, now: now) {
        case .valid(.table(let scope)):
            guard scope == table else {
                throw ZerobusError(.permissionDenied, "the token is for \(scope), not for \(table)")
            }
            return table
        case .valid(.workspace):
            throw ZerobusError(.permissionDenied, "the token names no table")
        case .expired:
            throw ZerobusError(.unauthenticated, "the token has expired")
        case .invalid:
            throw ZerobusError(.unauthenticated, "the token is not valid")
        }
    }
}
