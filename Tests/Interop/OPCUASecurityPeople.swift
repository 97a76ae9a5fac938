import Foundation
import OPCUAClient
import OPCUACore
import OPCUASecurity
import OPCUAServer
import OPCUATypes
import TestKit

/// Certificates and keys of a client, a server and a user, in files for the peers.
struct SecurityPeople {
    var clientCredentials: Credentials
    var serverCredentials: Credentials
    var user: Credentials

    init(in folder: String) throws {
        func made(_ name: String) throws -> Credentials {
            let credentials = try Self.made(name)
            try Data(credentials.certificate.der).write(to: URL(filePath: "\(folder)/\(name).der"))
            try write(credentials.privateKey.pem, to: "\(folder)/\(name).pem")
            return credentials
        }
        clientCredentials = try made("client")
        serverCredentials = try made("server")
        user = try made("user")
    }

    static func made(
        _ name: String, isAuthority: Bool = false, signedBy authority: Credentials? = nil
    ) throws -> Credentials {
        let now = Int64(Date().timeIntervalSince1970 * 1e6)
        return try Credentials(
            CertificateRequest(
                commonName: name, applicationURI: "urn:\(name)",
                hosts: ["localhost", "127.0.0.1", ProcessInfo.processInfo.hostName],
                notBefore: DateTime(utcMicroseconds: now - 86_400_000_000),
                notAfter: DateTime(utcMicroseconds: now + 86_400_000_000), isAuthority: isAuthority),
            key: RSAPrivateKey(bits: 2048), signedBy: authority, serialNumber: Array(name.utf8.prefix(16)))
    }

    func client(
        _ test: (policy: SecurityPolicy, mode: MessageSecurityMode, identity: String), _ endpoint: OPCUAEndpoint
    ) -> OPCUAClientConfiguration {
        let identity: UserIdentity =
            switch test.identity {
            case "user": .userName("operator", password: "geheim")
            case "certificate": .certificate(user)
            default: .anonymous
            }
        return OPCUAClientConfiguration(
            endpoint: endpoint, applicationURI: "urn:client",
            security: OPCUAClientSecurity(
                policy: test.policy, mode: test.mode, allowsDeprecated: true, credentials: clientCredentials,
                identity: identity, trust: TrustList(trusted: [serverCredentials.certificate])))
    }

    var server: ServerSecurity {
        let trust = TrustList(trusted: [clientCredentials.certificate])
        return ServerSecurity(
            offers: ServerSecurity.offers(includingNone: true, deprecated: true), credentials: serverCredentials,
            trust: { trust }, authenticate: { $0 == "operator" && $1 == "geheim" },
            userTrust: TrustList(trusted: [user.certificate]))
    }
}
