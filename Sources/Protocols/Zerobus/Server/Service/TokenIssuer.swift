import Crypto
import Foundation
package import ZerobusCore

/// Makes and checks access tokens: a signed text of client, table and end of life. Nothing is kept, so tokens stay
/// valid when the server restarts.
package struct TokenIssuer: Sendable {
    /// What a token is good for.
    package enum Scope: Equatable, Sendable {
        /// Ingesting into one table.
        case table(TableName)
        /// Reading table definitions.
        case workspace
    }

    /// What became of a token.
    package enum Verdict: Equatable, Sendable {
        case valid(Scope)
        case expired
        case invalid
    }

    private static let prefix = "zl1"

    private let key: SymmetricKey
    /// Life of a new token in seconds.
    package let lifetimeSeconds: Int

    /// `key` has 32 bytes.
    package init(key: [UInt8], lifetimeSeconds: Int = 3600) {
        self.key = SymmetricKey(data: key)
        self.lifetimeSeconds = lifetimeSeconds
    }

    /// A new token; `now` is in seconds since the epoch.
    package func issue(_ scope: Scope, now: Int) -> String {
        let name: String =
            switch scope {
            case .table(let table): table.description
            case .workspace: ""
            }
        let payload = Self.encode(Array("\(now + lifetimeSeconds)|\(name)".utf8))
        let signed = "\(Self.prefix).\(payload)"
        let code = HMAC<SHA256>.authenticationCode(for: Array(signed.utf8), using: key)
        return "\(signed).\(Self.encode(Array(code)))"
    }

    /// Checks a token; `now` is in seconds since the epoch.
    package func verify(_ token: String, now: Int) -> Verdict {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == Self.prefix, let code = Self.decode(parts[2]),
            HMAC<SHA256>.isValidAuthenticationCode(
                code, authenticating: Array("\(parts[0]).\(parts[1])".utf8), using: key),
            let payload = Self.decode(parts[1])
        else { return .invalid }
        let fields = String(decoding: payload, as: UTF8.self).split(
            separator: "|", maxSplits: 1, omittingEmptySubsequences: false)
        guard fields.count == 2, let expiry = Int(fields[0]) else { return .invalid }
        guard now < expiry else { return .expired }
        if fields[1].isEmpty { return .valid(.workspace) }
        return TableName(fields[1]).map { .valid(.table($0)) } ?? .invalid
    }

    /// Base64 for URLs without padding (RFC 4648 section 5).
    private static func encode(_ bytes: [UInt8]) -> String {
        let text = Data(bytes).base64EncodedString()
        return String(text.compactMap { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 == "=" ? nil : $0 })
    }

    private static func decode(_ text: Substring) -> [UInt8]? {
        var plain = String(text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
        while plain.utf8.count % 4 != 0 { plain += "=" }
        return Data(base64Encoded: plain).map { Array($0) }
    }
}
