public import OPCUACore
public import OPCUASecurity
import OPCUATypes

/// How a server protects its endpoints and whom it lets in.
public struct ServerSecurity: Sendable {
    /// One endpoint each.
    public var offers: [OfferedSecurity]
    /// The server's certificate and key; needed when anything but None is offered.
    public var credentials: Credentials?
    /// Whom the server trusts; asked for each new connection, so that a certificate trusted meanwhile counts.
    public var trust: @Sendable () -> TrustList
    public var admitsAnonymous: Bool
    /// Says whether a password is a user's; nil when users have none.
    public var authenticate: (@Sendable (_ user: String, _ password: String) -> Bool)?
    /// Users known by a certificate; nil when none are.
    public var userTrust: TrustList?
    /// Whether anonymous clients may take over each other's subscriptions on channels without security, by application
    /// URI alone. The standard asks for a signed channel (Part 4, 5.14.7.1), which a server that offers none cannot have.
    public var transfersUnsecured = true
    /// Told the certificates that were refused.
    public var refused: @Sendable (ApplicationCertificate) -> Void

    public init(
        offers: [OfferedSecurity] = [.none], credentials: Credentials? = nil,
        trust: @escaping @Sendable () -> TrustList = { TrustList() }, admitsAnonymous: Bool = true,
        authenticate: (@Sendable (_ user: String, _ password: String) -> Bool)? = nil, userTrust: TrustList? = nil,
        refused: @escaping @Sendable (ApplicationCertificate) -> Void = { _ in }
    ) {
        self.offers = offers
        self.credentials = credentials
        self.trust = trust
        self.admitsAnonymous = admitsAnonymous
        self.authenticate = authenticate
        self.userTrust = userTrust
        self.refused = refused
    }

    /// None, open to everybody.
    public static let none = ServerSecurity()

    /// Every policy that is not deprecated, signed and encrypted, and None too when asked for.
    public static func offers(includingNone: Bool, deprecated: Bool = false) -> [OfferedSecurity] {
        let secured = SecurityPolicy.allCases.filter { $0 != .none && (deprecated || !$0.isDeprecated) }
        return (includingNone ? [.none] : [])
            + secured.flatMap { [OfferedSecurity($0, .sign), OfferedSecurity($0, .signAndEncrypt)] }
    }
}
