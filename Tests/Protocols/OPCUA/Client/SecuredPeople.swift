import OPCUAClient
import OPCUACore
import OPCUASecurity
import OPCUAServer
import OPCUATypes

/// A client, a server and a user with certificates; their keys are made once.
struct SecuredPeople: Sendable {
    static let made = Result {
        try SecuredPeople(client: credentials("client"), server: credentials("server", key: RSAPrivateKey(bits: 2048)))
    }
    private static let userMade = Result { try credentials("user", key: RSAPrivateKey(bits: 2048)) }
    private static let keys = Result { () throws in
        try Dictionary(uniqueKeysWithValues: [2048, 3072, 4096].map { ($0, try RSAPrivateKey(bits: $0)) })
    }

    var client: Credentials
    var server: Credentials
    var user: Credentials

    init(client: Credentials, server: Credentials) throws {
        self.client = client
        self.server = server
        user = try Self.userMade.get()
    }

    /// - Parameter bits: of the key, which all of that size share.
    static func credentials(
        _ name: String, bits: Int = 2048, key: RSAPrivateKey? = nil, isAuthority: Bool = false,
        signedBy authority: Credentials? = nil
    ) throws -> Credentials {
        guard let key = try key ?? keys.get()[bits] else { throw OPCUAError(.badInternalError, "no such key") }
        return try Credentials(
            CertificateRequest(
                commonName: name, applicationURI: name == "server" ? "urn:test:server" : "urn:\(name)",
                hosts: ["localhost", "127.0.0.1"], notBefore: DateTime(utcMicroseconds: 1_600_000_000_000_000),
                notAfter: DateTime(utcMicroseconds: 4_000_000_000_000_000), isAuthority: isAuthority),
            key: key, signedBy: authority, serialNumber: Array(name.utf8.prefix(12)))
    }

    func client(
        _ policy: SecurityPolicy, _ mode: MessageSecurityMode, _ identity: UserIdentity = .anonymous,
        _ change: (inout OPCUAClientSecurity) -> Void = { _ in }
    ) -> OPCUAClientSecurity {
        var security = OPCUAClientSecurity(
            policy: policy, mode: mode, allowsDeprecated: true, credentials: client, identity: identity,
            trust: TrustList(trusted: [server.certificate]))
        change(&security)
        return security
    }

    func server(_ change: (inout ServerSecurity) -> Void = { _ in }) -> ServerSecurity {
        let trust = TrustList(trusted: [client.certificate])
        var security = ServerSecurity(
            offers: ServerSecurity.offers(includingNone: true, deprecated: true), credentials: server,
            trust: { trust }, authenticate: { $0 == "operator" && $1 == "geheim" },
            userTrust: TrustList(trusted: [user.certificate]))
        change(&security)
        return security
    }
}
