import OPCUATypes
import SwiftASN1
import Testing
import X509

@testable import OPCUASecurity

/// What authorities may sign, what certificates are for, and which one is pinned.
@Suite struct PathTests {
    private static let expected = CertificateExpectation(
        owner: "the server's certificate", policy: .basic256Sha256, applicationURI: "urn:press", host: "press.example")

    private func error(_ trust: TrustList, _ chain: [ApplicationCertificate]) -> OPCUAError? {
        do throws(OPCUAError) {
            try trust.check(chain, Self.expected, now: newYear)
            return nil
        } catch {
            return error
        }
    }

    private func made(
        _ name: String, _ extensions: [Certificate.Extension], key: RSAPrivateKey = Keys.usual,
        signedBy authority: Credentials? = nil
    ) throws -> Credentials {
        try Credentials(
            CertificateRequest(
                commonName: name, applicationURI: "urn:\(name)", hosts: ["press.example"], notBefore: days(-1),
                notAfter: days(9)),
            extensions, key: key, signedBy: authority, serialNumber: [9])
    }

    private func authority(_ name: String, maxPathLength: Int?, key: RSAPrivateKey, signedBy: Credentials? = nil) throws
        -> Credentials
    {
        try made(
            name,
            [
                Certificate.Extension(
                    BasicConstraints.isCertificateAuthority(maxPathLength: maxPathLength), critical: true),
                Certificate.Extension(KeyUsage(keyCertSign: true, cRLSign: true), critical: true),
            ], key: key, signedBy: signedBy)
    }

    @Test func anAuthorityAdmitsSoManyBelowItself() throws {
        for (most, isRight) in [(nil, true), (1, true), (0, false)] as [(Int?, Bool)] {
            let root = try authority("root", maxPathLength: most, key: Keys.other)
            let middle = try authority("middle", maxPathLength: 0, key: Keys.large, signedBy: root)
            let press = try credentials(signedBy: middle)
            let found = error(TrustList(trusted: [root.certificate]), [press.certificate, middle.certificate])
            #expect((found == nil) == isRight)
            if !isRight { #expect(found?.status == .badCertificateIssuerUseNotAllowed) }
        }
    }

    @Test func anAuthorityThatRenewedItsCertificateHasTwo() throws {
        let old = try credentials("root", key: Keys.other, from: days(-100), to: days(-50), isAuthority: true)
        let new = try credentials("root", key: Keys.other, from: days(-60), isAuthority: true, serial: 7)
        let press = try credentials(signedBy: new)
        for trusted in [[old, new], [new, old]] {
            #expect(error(TrustList(trusted: trusted.map(\.certificate)), [press.certificate]) == nil)
        }
    }

    private func press(adding entry: Certificate.Extension, removing oid: ASN1ObjectIdentifier? = nil) throws
        -> ApplicationCertificate
    {
        let request = CertificateRequest(
            commonName: "press", applicationURI: "urn:press", hosts: ["press.example"], notBefore: days(-1),
            notAfter: days(9))
        let usual = try Credentials.extensions(request).filter { $0.oid != entry.oid && $0.oid != oid }
        return try made("press", usual + [entry]).certificate
    }

    @Test func certificatesForOtherPurposesAreRefused() throws {
        for (purposes, isRight) in [
            ([.serverAuth], true), ([.clientAuth], true), ([.any], true), ([.codeSigning], false),
            ([.emailProtection, .timeStamping], false),
        ] as [([ExtendedKeyUsage.Usage], Bool)] {
            let press = try press(adding: Certificate.Extension(ExtendedKeyUsage(purposes), critical: true))
            let found = error(TrustList(trusted: [press]), [press])
            #expect((found == nil) == isRight, "\(purposes)")
            if !isRight { #expect(found?.reason.contains("serverAuth or clientAuth") ?? false) }
        }
        let signing = try press(adding: Certificate.Extension(KeyUsage(digitalSignature: true), critical: true))
        #expect(error(TrustList(trusted: [signing]), [signing])?.status == .badCertificateUseNotAllowed)
    }

    @Test func whatIsCriticalAndNotUnderstoodIsRefused() throws {
        for (critical, isRight) in [(true, false), (false, true)] {
            let press = try press(
                adding: Certificate.Extension(oid: [2, 5, 29, 30], critical: critical, value: [0x30, 0x00]))
            let found = error(TrustList(trusted: [press]), [press])
            #expect((found == nil) == isRight)
            if !isRight { #expect(found?.reason.contains("critical extension 2.5.29.30") ?? false) }
        }
    }

    @Test func aPinnedCertificateIsTheOnlyOne() throws {
        let press = try credentials(hosts: ["other.example"]).certificate
        let another = try credentials(key: Keys.other).certificate
        // Its host name does not matter, as it is known by itself.
        #expect(error(TrustList(pinned: press), [press]) == nil)
        let found = error(TrustList(trusted: [another], pinned: press), [another])
        #expect(found?.status == .badCertificateUntrusted)
        #expect(found?.reason.contains("has the thumbprint \(another.thumbprintText), security.server_cert") ?? false)
        let old = try credentials(to: days(-1)).certificate
        #expect(error(TrustList(pinned: old), [old])?.status == .badCertificateTimeInvalid)
        let signed = try credentials(signedBy: credentials("ca", key: Keys.other, isAuthority: true)).certificate
        #expect(error(TrustList(pinned: signed), [signed]) == nil)
    }

    @Test func theSentenceOfAWrongHostNameSaysAllWaysOut() throws {
        let press = try credentials(hosts: ["a.example", "10.0.0.7"]).certificate
        #expect(
            error(TrustList(trusted: [press]), [press])?.reason
                == "the server's certificate is for a.example, 10.0.0.7, "
                + "not for press.example; connect under one of its names, renew it with this one, or pin it with "
                + "security.server_certificate")
    }

    @Test func filesMayHoldAChain() throws {
        let root = try credentials("root", key: Keys.other, isAuthority: true)
        let middle = try credentials("middle", key: Keys.large, isAuthority: true, signedBy: root, serial: 2)
        let press = try credentials(signedBy: middle, serial: 3)
        let chain = [press, middle, root].map(\.certificate)
        let text = "Subject: press\n" + chain.map(\.pem).joined(separator: "\n") + "\n"
        #expect(try ApplicationCertificate.chain(pemOrDER: Array(text.utf8)) == chain)
        #expect(try ApplicationCertificate.chain(pemOrDER: chain.flatMap(\.der)) == chain)
        #expect(try ApplicationCertificate(pemOrDER: Array(text.utf8)) == press.certificate)
        let key = Array(Keys.usual.pem.utf8)
        let none = #expect(throws: OPCUAError.self) { try ApplicationCertificate.chain(pemOrDER: key) }
        #expect(none?.reason == "the file holds no certificate, but PRIVATE KEY")
        let many = Array(String(repeating: root.certificate.pem + "\n", count: 9).utf8)
        #expect(throws: OPCUAError.self) { try ApplicationCertificate.chain(pemOrDER: many) }

        // Issuers that are known are sent along, whatever their order.
        let alone = try Credentials(certificate: press.certificate, privateKey: Keys.usual)
        #expect(alone.completed(with: [root.certificate, middle.certificate]).issuers == Array(chain.dropFirst()))
        #expect(alone.completed(with: [root.certificate]).issuers.isEmpty)
        #expect(press.completed(with: chain).issuers == Array(chain.dropFirst()))
    }

    @Test func whatPeopleSeeOfACertificate() throws {
        let root = try credentials("root", isAuthority: true).certificate
        #expect(root.uses == ["authority"])
        let press = try credentials().certificate
        #expect(press.uses == ["server", "client", "signing", "encrypting"])
        #expect(press.sha256Text.count == 64 && press.serialText == "410201")
        #expect(press.signatureName == "RSA with SHA-256")
    }
}
