import ZerobusCore

/// Which token to use for a table: the cached one, a fresh one, or the cached one while a fresh one cannot be had.
///
/// A token is refreshed when less than five minutes or half of its life is left, whichever is shorter. `now` is the
/// time on a monotonic clock since any fixed origin.
struct TokenCache: Sendable {
    private struct Entry {
        let token: Token
        let refreshAt: Duration
        let expiresAt: Duration
    }

    private var entries: [TableName: Entry] = [:]

    enum Choice: Equatable {
        case use(String)
        /// Fetch one; when that fails `otherwise` may still be used.
        case fetch(otherwise: String?)
    }

    func tokenRequested(_ table: TableName, now: Duration) -> Choice {
        guard let entry = entries[table], now < entry.expiresAt else { return .fetch(otherwise: nil) }
        return now < entry.refreshAt ? .use(entry.token.value) : .fetch(otherwise: entry.token.value)
    }

    mutating func fetched(_ token: Token, for table: TableName, now: Duration) {
        guard let lifetime = token.lifetime else {
            entries[table] = nil
            return
        }
        let margin = min(.seconds(300), lifetime / 2)
        entries[table] = Entry(token: token, refreshAt: now + lifetime - margin, expiresAt: now + lifetime)
    }

    /// The service refused the token.
    mutating func refused(_ table: TableName) {
        entries[table] = nil
    }
}
