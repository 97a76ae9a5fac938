public import OPCUATypes

/// How one secure channel is protected: the policy, the mode, and the keys of both sides as values.
public struct ChannelSecurity: Sendable {
    public var policy: SecurityPolicy
    public var mode: MessageSecurityMode
    /// This side's own; nil for the policy None.
    public var credentials: Credentials?
    /// The other side's; nil for the policy None.
    public var peer: ApplicationCertificate?

    /// Chunks travel as they are.
    public static let none = ChannelSecurity(policy: .none, mode: .none)

    private init(policy: SecurityPolicy, mode: MessageSecurityMode) {
        self.policy = policy
        self.mode = mode
    }

    public init(
        _ policy: SecurityPolicy, _ mode: MessageSecurityMode, credentials: Credentials, peer: ApplicationCertificate
    ) {
        self.policy = policy
        self.mode = mode
        self.credentials = credentials
        self.peer = peer
    }

    public var isSecured: Bool { policy != .none }

    /// What seals OpenSecureChannel messages; nil for the policy None.
    /// - Throws: BadCertificateInvalid when a key does not fit the policy.
    public func asymmetric() throws(OPCUAError) -> AsymmetricSecurity? {
        guard let credentials, let peer else { return nil }
        return try AsymmetricSecurity(policy, own: credentials.privateKey, peer: peer)
    }
}
