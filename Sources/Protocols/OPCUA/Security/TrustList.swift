/// Whom an application trusts (Part 12, 7.8.2): a value, read from a PKI folder or made by hand.
public struct TrustList: Hashable, Sendable {
    /// Applications, or authorities all of whose certificates are trusted.
    public var trusted: [ApplicationCertificate]
    /// Authorities that complete a chain without being trusted themselves.
    public var issuers: [ApplicationCertificate]
    public var revocations: [RevocationList]
    /// Refuses a certificate whose authority's revocation list is missing. One that is there is always heeded.
    public var requiresRevocationLists: Bool
    /// The one certificate that is trusted, whatever else the list holds. It is known by itself, so that the name under
    /// which its owner is reached does not matter; all other checks hold.
    public var pinned: ApplicationCertificate?
    /// No certificate is checked. For tests, and for closed networks that say so.
    public var acceptsAll: Bool

    public init(
        trusted: [ApplicationCertificate] = [], issuers: [ApplicationCertificate] = [],
        revocations: [RevocationList] = [], requiresRevocationLists: Bool = false,
        pinned: ApplicationCertificate? = nil, acceptsAll: Bool = false
    ) {
        self.trusted = trusted
        self.issuers = issuers
        self.revocations = revocations
        self.requiresRevocationLists = requiresRevocationLists
        self.pinned = pinned
        self.acceptsAll = acceptsAll
    }
}

/// What is expected of a certificate besides that it is trusted.
public struct CertificateExpectation: Hashable, Sendable {
    /// Whose certificate it is, for sentences: `the server's certificate`.
    public var owner: String
    public var policy: SecurityPolicy
    /// What the application calls itself; nil when it did not say yet.
    public var applicationURI: String?
    /// Name or address under which the application was reached; nil where it does not matter.
    public var host: String?
    /// Application certificates must be fit for signing and for keys; those of users need not.
    public var isApplication: Bool

    public init(
        owner: String, policy: SecurityPolicy, applicationURI: String? = nil, host: String? = nil,
        isApplication: Bool = true
    ) {
        self.owner = owner
        self.policy = policy
        self.applicationURI = applicationURI
        self.host = host
        self.isApplication = isApplication
    }
}
