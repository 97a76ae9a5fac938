public import NIOCore
public import OPCUACore
public import OPCUASecurity
public import OPCUATypes

/// Where a client connects to and what it asks for.
public struct OPCUAClientConfiguration: Sendable {
    public var endpoint: OPCUAEndpoint
    public var applicationName: String
    public var applicationURI: String
    public var sessionTimeout: TimeAmount
    /// How long connecting may take, the handshake included.
    public var connectTimeout: TimeAmount
    /// How long a call may take.
    public var requestTimeout: TimeAmount
    public var tokenLifetime: TimeAmount
    /// Sizes offered in Hello (Part 6, 7.1.2.3); 0 for message and chunk limits tells those of `decoding`.
    public var transport: TransportLimits
    public var publish: PublishSettings
    public var decoding: DecodingLimits
    public var security: OPCUAClientSecurity

    public init(
        endpoint: OPCUAEndpoint, applicationName: String = "Penstock", applicationURI: String = "urn:penstock:client",
        sessionTimeout: TimeAmount = .seconds(60), connectTimeout: TimeAmount = .seconds(10),
        requestTimeout: TimeAmount = .seconds(15), tokenLifetime: TimeAmount = .hours(1),
        transport: TransportLimits = TransportLimits(), publish: PublishSettings = PublishSettings(),
        decoding: DecodingLimits = DecodingLimits(),
        security: OPCUAClientSecurity = OPCUAClientSecurity()
    ) {
        self.endpoint = endpoint
        self.applicationName = applicationName
        self.applicationURI = applicationURI
        self.sessionTimeout = sessionTimeout
        self.connectTimeout = connectTimeout
        self.requestTimeout = requestTimeout
        self.tokenLifetime = tokenLifetime
        self.transport = transport
        self.publish = publish
        self.decoding = decoding
        self.security = security
    }
}

/// How a client protects its connection, who its user is, and whom it trusts; all of it as values.
public struct OPCUAClientSecurity: Sendable {
    /// nil takes the strongest that both sides can.
    public var policy: SecurityPolicy?
    public var mode: MessageSecurityMode?
    /// Admits Basic128Rsa15 and Basic256, and passwords in clear text.
    public var allowsDeprecated: Bool
    /// This client's certificate and key; without them only the policy None is possible.
    public var credentials: Credentials?
    public var identity: UserIdentity
    public var trust: TrustList
    /// Whether the server's certificate must carry the name under which it is reached.
    public var checksHostName: Bool
    public var passwordFormat: PasswordSecret.Format

    public init(
        policy: SecurityPolicy? = nil, mode: MessageSecurityMode? = nil, allowsDeprecated: Bool = false,
        credentials: Credentials? = nil, identity: UserIdentity = .anonymous, trust: TrustList = TrustList(),
        checksHostName: Bool = true, passwordFormat: PasswordSecret.Format = .legacy
    ) {
        self.policy = policy
        self.mode = mode
        self.allowsDeprecated = allowsDeprecated
        self.credentials = credentials
        self.identity = identity
        self.trust = trust
        self.checksHostName = checksHostName
        self.passwordFormat = passwordFormat
    }

    /// By which an endpoint is chosen.
    public var choice: EndpointChoice {
        EndpointChoice(
            policy: policy, mode: mode, allowsDeprecated: allowsDeprecated, identity: identity.tokenType,
            keyBits: credentials?.privateKey.bits)
    }
}
