package import ConnectorModel
import OPCUASecurity
import OPCUATypes

/// How an OPC UA source protects its connection and who its user is, as configured.
package struct OPCUASourceSecurity: Hashable, Sendable {
    /// Nil takes the strongest that both sides can.
    private(set) var mode: MessageSecurityMode?
    private(set) var policy: SecurityPolicy?
    /// Files of this side's certificate and key; nil takes those of the PKI folder.
    package private(set) var certificate: String?
    package private(set) var privateKey: String?
    /// File of the one server certificate that is trusted, whatever the PKI folder holds.
    package private(set) var serverCertificate: String?
    package private(set) var username: String?
    package private(set) var password: String?
    /// Files of the certificate by which the user is known, and of its key.
    package private(set) var userCertificate: String?
    package private(set) var userPrivateKey: String?
    package private(set) var allowDeprecated = false
    /// Trusts an unknown server for good when no other certificate is trusted for its ApplicationUri.
    package private(set) var trustOnFirstUse = false
    /// Refuses a server certificate whose authority's revocation list is missing.
    package private(set) var requireCRL = false

    /// The mode and the policy as text, as the standard names them; nil when not configured.
    package var modeName: String? { mode?.words }
    package var policyName: String? { policy?.name }

    /// Words that the key `security.policy` may have.
    package static let policyNames = SecurityPolicy.allCases.map(\.name)

    /// Nothing configured.
    package static let unset = OPCUASourceSecurity()

    private init() {}

    /// A checked configuration; mode and policy in any case.
    ///
    /// - Throws: ``SettingError`` for keys that do not go together.
    package init(
        mode modeName: String? = nil, policy policyName: String? = nil, certificate: String? = nil,
        privateKey: String? = nil, serverCertificate: String? = nil, username: String? = nil, password: String? = nil,
        userCertificate: String? = nil, userPrivateKey: String? = nil, allowDeprecated: Bool = false,
        trustOnFirstUse: Bool = false, requireCRL: Bool = false
    ) throws(SettingError) {
        mode = try Self.mode(modeName)
        policy = try Self.policy(policyName, allowDeprecated: allowDeprecated)
        self.certificate = certificate
        self.privateKey = privateKey
        self.serverCertificate = serverCertificate
        self.username = username
        self.password = password
        self.userCertificate = userCertificate
        self.userPrivateKey = userPrivateKey
        self.allowDeprecated = allowDeprecated
        self.trustOnFirstUse = trustOnFirstUse
        self.requireCRL = requireCRL
        try checkWhatBelongsTogether()
    }

    private static func mode(_ name: String?) throws(SettingError) -> MessageSecurityMode? {
        guard let name else { return nil }
        let modes: [MessageSecurityMode] = [.none, .sign, .signAndEncrypt]
        guard let mode = modes.first(where: { $0.words.lowercased() == name.lowercased() }) else {
            throw SettingError(
                key: "security.mode", problem: "'\(name)' is not possible; one of: None, Sign, SignAndEncrypt")
        }
        return mode
    }

    private static func policy(
        _ name: String?, allowDeprecated: Bool
    ) throws(SettingError) -> SecurityPolicy? {
        guard let name else { return nil }
        guard let policy = SecurityPolicy(named: name) else {
            let names = SecurityPolicy.allCases.map(\.name).joined(separator: ", ")
            throw SettingError(
                key: "security.policy", problem: "'\(name)' is not possible; one of: \(names)")
        }
        if policy.isDeprecated, !allowDeprecated {
            throw SettingError(
                key: "security.policy",
                problem: "\(policy.name) is deprecated; set allow_deprecated: true to use it, or better "
                    + SecurityPolicy.basic256Sha256.name)
        }
        return policy
    }

    private func checkWhatBelongsTogether() throws(SettingError) {
        if let mode, let policy, (mode == .none) != (policy == .none) {
            throw SettingError(
                key: "security.mode", problem: "\(mode.words) and the policy \(policy.name) exclude each other")
        }
        let pairs = [
            ("security.certificate", certificate, "security.private_key", privateKey),
            ("username", username, "password", password),
            ("security.user_certificate", userCertificate, "security.user_private_key", userPrivateKey),
        ]
        for (one, first, other, second) in pairs where (first == nil) != (second == nil) {
            throw SettingError(
                key: first == nil ? one : other, problem: "is missing; \(one) and \(other) belong together")
        }
        if username != nil, userCertificate != nil {
            throw SettingError(
                key: "security.user_certificate",
                problem: "a user is known by a certificate or by username, not by both")
        }
    }

    /// Whether the configuration says that there shall be none.
    var isNone: Bool { mode == MessageSecurityMode.none || policy == SecurityPolicy.none }

    /// Whether the configuration asks for some.
    var isWanted: Bool {
        !isNone
            && (mode != nil || policy != nil || certificate != nil || serverCertificate != nil || username != nil
                || userCertificate != nil)
    }
}
