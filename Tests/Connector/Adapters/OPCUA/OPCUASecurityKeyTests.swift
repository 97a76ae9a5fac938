import ConnectorModel
import Foundation
import OPCUACore
import OPCUAPKI
import OPCUASecurity
import OPCUAServer
import OPCUATypes
import Synchronization
import Testing

@testable import OPCUAAdapter

/// Each key of a source's security changes what happens.
@Suite(.timeLimit(.minutes(1))) struct OPCUASecurityKeyTests {
    private let site: OPCUASecuredSite

    init() throws { site = try OPCUASecuredSite() }

    private static let all = ServerSecurity.offers(includingNone: true)

    @Test func withoutCredentialsAndKeysThereIsNone() async throws {
        let server = try OPCUASecuredSite.credentials()
        try await OPCUASecuredSite.serve(server, offers: Self.all) { [site] port in
            try await site.connected(port, .unset)
            #expect(!site.folder.hasOwn)
            // Asked for security, the source wants to trust the server first.
            let failure = try await site.failure(port, OPCUASourceSecurity(mode: "SignAndEncrypt"))
            #expect(failure.message.contains("is not trusted"))
            // Now there are credentials: None only where it is configured.
            #expect(site.folder.hasOwn)
            #expect(try await site.failure(port, .unset).message.contains("is not trusted"))
            try await site.connected(port, OPCUASourceSecurity(mode: "None"))
            try await site.connected(port, OPCUASourceSecurity(policy: "None"))
        }
    }

    @Test func theOwnCertificateIsMadeOnFirstUse() async throws {
        let server = try OPCUASecuredSite.credentials()
        try site.folder.trust(server.certificate)
        // The server has nothing without security: the source helps itself.
        try await OPCUASecuredSite.serve(server) { [site] port in
            try await site.connected(port, .unset)
            let own = try #require(try site.folder.own()).certificate
            let host = ProcessInfo.processInfo.hostName
            #expect(own.applicationURI == "urn:\(host):penstock")
            #expect(own.hostNames == [host])
            #expect(own.daysLeft(at: .now) == 1824 || own.daysLeft(at: .now) == 1825)
            try await site.connected(port, .unset)
            #expect(try site.folder.own()?.certificate == own)
        }
    }

    @Test func certificateAndPrivateKeyAreTheOnesShown() async throws {
        let server = try OPCUASecuredSite.credentials()
        try site.folder.trust(server.certificate)
        let known = try OPCUASecuredSite.credentials("known", ofServer: false)
        let files = try site.write(known, as: "known")
        try await OPCUASecuredSite.serve(server, { $0.trust = { TrustList(trusted: [known.certificate]) } }) {
            [site] port in
            try await site.connected(
                port, OPCUASourceSecurity(certificate: files.certificate, privateKey: files.key))
            #expect(!site.folder.hasOwn)
            #expect(
                try await site.failure(port, OPCUASourceSecurity(mode: "Sign")).message.contains("let the server trust")
            )
        }
    }

    @Test func serverCertificatePinsOne() async throws {
        let server = try OPCUASecuredSite.credentials(hosts: ["press.example"])
        let other = try OPCUASecuredSite.credentials("other")
        let right = try site.write(server, as: "right")
        let wrong = try site.write(other, as: "wrong")
        try site.folder.trust(server.certificate)
        try await OPCUASecuredSite.serve(server) { [site] port in
            try await site.connected(port, OPCUASourceSecurity(serverCertificate: right.certificate))
            let failure = try await site.failure(port, OPCUASourceSecurity(serverCertificate: wrong.certificate))
            #expect(failure.message.contains("security.server_certificate holds another"))
        }
    }

    @Test func usersAreKnownByNameOrCertificate() async throws {
        let server = try OPCUASecuredSite.credentials()
        try site.folder.trust(server.certificate)
        let user = try OPCUASecuredSite.credentials("user", ofServer: false)
        let files = try site.write(user, as: "user")
        try await OPCUASecuredSite.serve(
            server,
            {
                $0.admitsAnonymous = false
                $0.authenticate = { $0 == "operator" && $1 == "geheim" }
                $0.userTrust = TrustList(trusted: [user.certificate])
            }
        ) { [site] port in
            try await site.connected(port, OPCUASourceSecurity(username: "operator", password: "geheim"))
            try await site.connected(
                port, OPCUASourceSecurity(userCertificate: files.certificate, userPrivateKey: files.key))
            #expect(try await site.failure(port, .unset).message.contains("do not admit anonymous users"))
        }
    }

    @Test func allowDeprecatedAdmitsTheOldPolicies() async throws {
        let server = try OPCUASecuredSite.credentials()
        try site.folder.trust(server.certificate)
        for policy in [SecurityPolicy.basic256, .basic128Rsa15] {
            try await OPCUASecuredSite.serve(server, offers: [OfferedSecurity(policy, .signAndEncrypt)]) {
                [site] port in
                try await site.connected(port, OPCUASourceSecurity(policy: policy.name, allowDeprecated: true))
                #expect(try await site.failure(port, .unset).message.contains("which are deprecated"))
            }
        }
    }

    @Test func trustOnFirstUseTrustsOnceOnly() async throws {
        let security = try OPCUASourceSecurity(mode: "SignAndEncrypt", trustOnFirstUse: true)
        let first = try OPCUASecuredSite.credentials()
        try await OPCUASecuredSite.serve(first) { [site] port in
            try await site.connected(port, security)
            #expect(try site.folder.trustList().trusted == [first.certificate])
        }
        // The same application with another certificate: that may be somebody else.
        let second = try OPCUASecuredSite.credentials("second", uri: "urn:test")
        try await OPCUASecuredSite.serve(second) { [site] port in
            let failure = try await site.failure(port, security)
            #expect(failure.message.contains("is not trusted"))
            #expect(try site.folder.trustList().trusted == [first.certificate])
        }
    }

    @Test func revocationListsCountAndCanBeRequired() async throws {
        let root = try OPCUASecuredSite.credentials("root", isAuthority: true, ofServer: false)
        let server = try OPCUASecuredSite.credentials(signedBy: root)
        try site.folder.trust(root.certificate)
        let required = try OPCUASourceSecurity(mode: "Sign", requireCRL: true)
        let folder = site.pki
        @Sendable func list(_ serials: [[UInt8]]) throws {
            let crl = folder + "/crl"
            try FileManager.default.createDirectory(atPath: crl, withIntermediateDirectories: true)
            let now = DateTime.now
            let der = try root.revocationList(
                of: serials, at: DateTime(utcMicroseconds: now.utcMicroseconds - 1_000_000),
                nextUpdate: DateTime(utcMicroseconds: now.utcMicroseconds + 86_400_000_000))
            try Data(der).write(to: URL(fileURLWithPath: crl + "/root.crl"))
        }
        try await OPCUASecuredSite.serve(server) { [site] port in
            try await site.connected(port, OPCUASourceSecurity(mode: "Sign"))
            #expect(
                try await site.failure(port, required).message.contains(
                    "the revocation list of \(root.certificate.subject) is missing; put its newest one into crl/"))
            try list([[1]])
            try await site.connected(port, required)
            try list([server.certificate.serialNumber])
            #expect(
                try await site.failure(port, OPCUASourceSecurity(mode: "Sign")).message.contains("was revoked by"))
        }
    }

    /// While a connection lasts: what else is trusted leaves it alone; what is taken back ends it.
    @Test func changedFilesArePickedUp() async throws {
        let server = try OPCUASecuredSite.credentials()
        let other = try OPCUASecuredSite.credentials("other").certificate
        try site.folder.trust(server.certificate)
        let security = try OPCUASourceSecurity(mode: "Sign")
        try await OPCUASecuredSite.serve(server) { [site] port in
            let ended = await #expect(throws: SourceFailure.self) {
                try await site.connected(port, security) {
                    try site.folder.trust(other)
                    let entry = try #require(
                        try site.folder.entries(.trusted).first { $0.certificate == server.certificate })
                    try site.folder.reject(entry)
                    try await Task.sleep(for: .seconds(30))
                }
            }
            #expect(ended?.message == "certificates are no longer trusted; connecting anew")
            #expect(try await site.failure(port, security).message.contains("is not trusted"))
            try site.folder.trust(server.certificate)
            let renewed = await #expect(throws: SourceFailure.self) {
                try await site.connected(port, security) {
                    _ = try site.folder.createOwn(OwnCertificate.request())
                    try await Task.sleep(for: .seconds(30))
                }
            }
            #expect(renewed?.message == "the own certificate was changed; connecting anew with it")
        }
    }

    @Test func theWatchRenewsAndWarns() throws {
        let now = DateTime.now
        func later(_ days: Int64) -> DateTime {
            DateTime(utcMicroseconds: now.utcMicroseconds + days * 86_400_000_000)
        }
        let first = try site.folder.createOwn(OwnCertificate.request(days: 100)).certificate
        let watch = CertificateWatch(
            pkiFolder: site.pki, sources: [], renewBeforeDays: 40, logger: OPCUATestPlant.logger)
        var expiry = ExpiryWatch()
        #expect(watch.look(&expiry, now: later(50)).isEmpty)
        #expect(try site.folder.own()?.certificate == first)
        #expect(watch.look(&expiry, now: later(61)).isEmpty)
        let second = try #require(try site.folder.own()).certificate
        #expect(second != first && second.applicationURI == first.applicationURI)
        // Another's cannot be renewed here: it is told of.
        let server = try OPCUASecuredSite.credentials().certificate
        try site.folder.trust(server)
        // And an hour: the days that are left are counted whole.
        let sevenDaysBefore = DateTime(utcMicroseconds: server.notAfter.utcMicroseconds - (7 * 24 + 1) * 3_600_000_000)
        #expect(
            watch.look(&expiry, now: sevenDaysBefore) == [
                "the trusted certificate \(server.subject) ends on \(server.notAfter.dateText), in 7 days; renew it before"
            ])
    }
}
