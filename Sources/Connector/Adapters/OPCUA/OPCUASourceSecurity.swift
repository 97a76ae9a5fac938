import OPCUASecurity
import OPCUATypes

/// How an OPC UA source protects its connection and who its user is, as configured.
package struct OPCUASourceSecurity: Hashable, Sendable {
    /// Nil takes the strongest that both sides can.
    let mode: MessageSecurityMode?
    let policy: SecurityPolicy?
    /// Files of this side's certificate and key; nil takes those of the PKI folder.
    package let certificate: String?
    package let privateKey: String?
    /// File of the one server certificate that is trusted besides those of the PKI folder.
    package let serverCertificate: String?
    package let username: String?
    package let password: String?
    package let allowDeprecated: Bool
    /// Trusts an unknown server for good when no other certificate is trusted for its ApplicationUri.
    package let trustOnFirstUse: Bool

    /// The mode and the policy as text, as the standard names them; nil when not configured.
    package var modeName: String? { mode?.words }
    package var policyName: String? { policy?.name }

    /// A checked configuration; mode and policy in any case.
    ///
    /// - Throws: ``OPCUAConfigurationError`` for keys that do not go together.
    package init(
        mode modeName: String? = nil, policy policyName: String? = nil, certificate: String? = nil,
        privateKey: String? = nil, serverCertificate: String? = nil, username: String? = nil, password: String? = nil,
        allowDeprecated: Bool = false, trustOnFirstUse: Bool = false
    ) throws(OPCUAConfigurationError) {
        func refuse(_ key: String, _ problem: String) -> OPCUAConfigurationError {
            OPCUAConfigurationError(key: key, problem: problem)
        }
        let modes: [MessageSecurityMode] = [.none, .sign, .signAndEncrypt]
        let mode = modeName.flatMap { name in modes.first { $0.words.lowercased() == name.lowercased() } }
        if let modeName, mode == nil {
            throw refuse("security.mode", "'\(modeName)' is not possible; one of: None, Sign, SignAndEncrypt")
        }
        let policy = policyName.flatMap { SecurityPolicy(named: $0) }
        if let policyName, policy == nil {
            let names = SecurityPolicy.allCases.map(\.name).joined(separator: ", ")
            throw refuse("security.policy", "'\(policyName)' is not possible; one of: \(names)")
        }
        if let policy, policy.isDeprecated, !allowDeprecated {
            throw refuse("security.policy", "\(policy.name) is deprecated; set allow_deprecated: true to use it")
        }
        if let mode, let policy, (mode == .none) != (policy == .none) {
            throw refuse("security.mode", "\(mode.words) and the policy \(policy.name) exclude each other")
        }
        if (certificate == nil) != (privateKey == nil) {
            throw refuse("security.certificate", "certificate and private_key belong together")
        }
        if (username == nil) != (password == nil) {
            throw refuse(username == nil ? "password" : "username", "username and password belong together")
        }
        self.mode = mode
        self.policy = policy
        self.certificate = certificate
        self.privateKey = privateKey
        self.serverCertificate = serverCertificate
        self.username = username
        self.password = password
        self.allowDeprecated = allowDeprecated
        self.trustOnFirstUse = trustOnFirstUse
    }

    /// Nothing configured.
    package static let unset = OPCUASourceSecurity()

    private init() {
        mode = nil
        policy = nil
        certificate = nil
        privateKey = nil
        serverCertificate = nil
        username = nil
        password = nil
        allowDeprecated = false
        trustOnFirstUse = false
    }

    /// Whether the configuration says that there shall be none.
    var isNone: Bool { mode == MessageSecurityMode.none || policy == SecurityPolicy.none }

    /// Whether the configuration asks for some.
    var isWanted: Bool { !isNone && (mode != nil || policy != nil || certificate != nil || username != nil) }
}
