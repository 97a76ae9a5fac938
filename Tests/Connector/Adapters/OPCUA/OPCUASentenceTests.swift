import ConnectorModel
import Foundation
import OPCUACore
import OPCUAPKI
import OPCUASecurity
import OPCUAServer
import OPCUATypes
import Testing

@testable import OPCUAAdapter

/// What a person reads when the security of a source does not work: what is wrong and what to do.
@Suite(.timeLimit(.minutes(1))) struct OPCUASentenceTests {
    private let site: OPCUASecuredSite

    init() throws { site = try OPCUASecuredSite() }

    private func expect(
        _ words: String, _ server: Credentials?, _ security: OPCUASourceSecurity, trusts: Bool = true,
        offers: [OfferedSecurity]? = nil, _ change: @escaping (inout ServerSecurity) -> Void = { _ in },
        location: SourceLocation = #_sourceLocation
    ) async throws {
        if trusts, let server { try site.folder.trust(server.certificate) }
        try await OPCUASecuredSite.serve(server, offers: offers, change) { [site] port in
            let failure = try await site.failure(port, security)
            #expect(failure.message.contains(words), sourceLocation: location)
            #expect(failure.message.hasPrefix("127.0.0.1:\(port): ") || failure.message.hasPrefix(site.path))
            #expect(failure.disposition == .permanent, sourceLocation: location)
        }
    }

    @Test func aWrongPassword() async throws {
        try await expect(
            "the server refused the user operator; check username and password [BadUserAccessDenied",
            OPCUASecuredSite.credentials(), OPCUASourceSecurity(username: "operator", password: "falsch")
        ) { $0.authenticate = { $1 == "geheim" } }
    }

    @Test func aTokenThatIsNotOffered() async throws {
        try await expect(
            "the server's endpoints do not admit user names, only anonymous users; use one of these, or let the "
                + "server admit user names", OPCUASecuredSite.credentials(),
            OPCUASourceSecurity(username: "operator", password: "geheim"))
        try await expect(
            "the server's endpoints do not admit anonymous users, only user names; use one of these",
            OPCUASecuredSite.credentials(), OPCUASourceSecurity(mode: "Sign")
        ) {
            $0.admitsAnonymous = false
            $0.authenticate = { $1 == "geheim" }
        }
    }

    @Test func anUntrustedServer() async throws {
        let server = try OPCUASecuredSite.credentials()
        let thumbprint = server.certificate.thumbprintText
        try await expect(
            "is not trusted; compare its thumbprint \(thumbprint), then trust it with: penstock certificates trust "
                + "\(thumbprint) --state \(site.path)", server, OPCUASourceSecurity(mode: "Sign"), trusts: false)
        #expect(try site.folder.entries(.rejected).map(\.certificate) == [server.certificate])
    }

    @Test func aCertificateThatEnded() async throws {
        let server = try OPCUASecuredSite.credentials(ended: true)
        let day = server.certificate.notAfter.dateText
        try await expect("expired on \(day); renew it", server, OPCUASourceSecurity(mode: "Sign"))
        // It is known, and so has no place among the unknown.
        #expect(try site.folder.entries(.rejected).isEmpty)
    }

    @Test func anIssuerThatEnded() async throws {
        let root = try OPCUASecuredSite.credentials("root", ended: true, isAuthority: true, ofServer: false)
        try site.folder.trust(root.certificate)
        try await expect(
            "the issuer \(root.certificate.subject) expired on",
            OPCUASecuredSite.credentials(signedBy: root), OPCUASourceSecurity(mode: "Sign"), trusts: false)
    }

    @Test func aWrongApplicationURI() async throws {
        try await expect(
            "carries the ApplicationUri urn:other, the application calls itself urn:test; both must be the same",
            OPCUASecuredSite.credentials(uri: "urn:other"), OPCUASourceSecurity(mode: "Sign"))
    }

    @Test func aWrongHostName() async throws {
        try await expect(
            "is for press.example, not for 127.0.0.1; connect under one of its names, renew it with this one, or pin "
                + "it with security.server_certificate",
            OPCUASecuredSite.credentials(hosts: ["press.example"]), OPCUASourceSecurity(mode: "Sign"))
    }

    @Test func aPolicyThatIsNotOffered() async throws {
        try await expect(
            "the server does not offer Aes128_Sha256_RsaOaep, only Basic256Sha256 (SignAndEncrypt); set "
                + "security.policy to one of these", OPCUASecuredSite.credentials(),
            OPCUASourceSecurity(policy: "Aes128_Sha256_RsaOaep"),
            offers: [OfferedSecurity(.basic256Sha256, .signAndEncrypt)])
        try await expect(
            "the server does not offer the security.mode Sign, only Basic256Sha256 (SignAndEncrypt); set it to one "
                + "of these", OPCUASecuredSite.credentials(), OPCUASourceSecurity(mode: "Sign"),
            offers: [OfferedSecurity(.basic256Sha256, .signAndEncrypt)])
    }

    @Test func noCommonPolicy() async throws {
        try await expect(
            "the server offers no security at all; set security.mode to None to accept that, or switch its security "
                + "on", nil, OPCUASourceSecurity(username: "operator", password: "geheim"))
        let small = try Credentials(
            CertificateRequest(
                commonName: "small", applicationURI: "urn:small", hosts: [], notBefore: DateTime(utcMicroseconds: 0),
                notAfter: DateTime(utcMicroseconds: 4_000_000_000_000_000)), key: RSAPrivateKey(bits: 1024),
            serialNumber: [1])
        let files = try site.write(small, as: "small")
        try await expect(
            "the server offers only Basic256Sha256 (Sign), which does not admit this side's key of 1024 bits; make "
                + "one of 2048 to 4096", OPCUASecuredSite.credentials(),
            OPCUASourceSecurity(certificate: files.certificate, privateKey: files.key),
            offers: [OfferedSecurity(.basic256Sha256, .sign)])
    }

    @Test func deprecatedPolicies() async throws {
        for policy in ["Basic256", "Basic128Rsa15"] {
            let error = #expect(throws: SettingError.self) { try OPCUASourceSecurity(policy: policy) }
            #expect(
                error?.description == "security.policy: \(policy) is deprecated; set allow_deprecated: true to use it, "
                    + "or better Basic256Sha256")
            #expect(throws: Never.self) { try OPCUASourceSecurity(policy: policy, allowDeprecated: true) }
        }
        try await expect(
            "the server offers only Basic256 (SignAndEncrypt), which are deprecated; renew its security, or set "
                + "allow_deprecated", OPCUASecuredSite.credentials(), OPCUASourceSecurity(mode: "SignAndEncrypt"),
            offers: [OfferedSecurity(.basic256, .signAndEncrypt)])
    }

    @Test func filesThatDoNotFit() async throws {
        let server = try OPCUASecuredSite.credentials()
        let one = try site.write(OPCUASecuredSite.credentials("one"), as: "one")
        let two = try site.write(OPCUASecuredSite.credentials("two", ofServer: false), as: "two")
        try await expect(
            "one.der: the private key does not belong to the certificate", server,
            OPCUASourceSecurity(certificate: one.certificate, privateKey: two.key))
        try await expect(
            "/no.der cannot be read: there is no such file", server,
            OPCUASourceSecurity(certificate: site.path + "/no.der", privateKey: one.key))
        try await expect(
            "one.pem: the file holds no certificate, but PRIVATE KEY", server,
            OPCUASourceSecurity(certificate: one.key, privateKey: one.key))
        try await expect(
            "one.der holds no RSA key; PKCS #8 or PKCS #1, in PEM or DER, is read", server,
            OPCUASourceSecurity(certificate: one.certificate, privateKey: one.certificate))
        try await expect(
            "no.pem cannot be read", server, OPCUASourceSecurity(serverCertificate: site.path + "/no.pem"))
    }

    @Test func keysThatBelongTogether() throws {
        let incomplete: [(SettingError?, String)] = [
            (
                #expect(throws: SettingError.self) { try OPCUASourceSecurity(certificate: "a") },
                "security.private_key: is missing; security.certificate and security.private_key belong together"
            ),
            (
                #expect(throws: SettingError.self) { try OPCUASourceSecurity(password: "a") },
                "username: is missing; username and password belong together"
            ),
            (
                #expect(throws: SettingError.self) { try OPCUASourceSecurity(userPrivateKey: "a") },
                "security.user_certificate: is missing; security.user_certificate and security.user_private_key belong "
                    + "together"
            ),
            (
                #expect(throws: SettingError.self) {
                    try OPCUASourceSecurity(mode: "Sign", policy: "None")
                }, "security.mode: Sign and the policy None exclude each other"
            ),
            (
                #expect(throws: SettingError.self) { try OPCUASourceSecurity(mode: "Encrypt") },
                "security.mode: 'Encrypt' is not possible; one of: None, Sign, SignAndEncrypt"
            ),
        ]
        for (error, sentence) in incomplete { #expect(error?.description == sentence) }
    }

    @Test func aServerThatDoesNotTrustUs() async throws {
        let server = try OPCUASecuredSite.credentials()
        try site.folder.trust(server.certificate)
        try await OPCUASecuredSite.serve(server, { $0.trust = { TrustList() } }) { [site] port in
            let failure = try await site.failure(port, OPCUASourceSecurity(mode: "Sign"))
            let own = try #require(try site.folder.own())
            #expect(
                failure.message.contains(
                    "let the server trust the certificate \(own.certificate.thumbprintText) of this client"))
        }
    }
}
