import OPCUATypes
import SwiftASN1
import Testing

@testable import OPCUASecurity

/// root → middle → press, and lists of what the two authorities took back.
@Suite struct RevocationTests {
    private static let expected = CertificateExpectation(owner: "the server's certificate", policy: .basic256Sha256)

    private let root: Credentials
    private let middle: Credentials
    private let press: Credentials

    init() throws {
        root = try credentials("root", key: Keys.other, isAuthority: true)
        middle = try credentials("middle", key: Keys.large, isAuthority: true, signedBy: root, serial: 2)
        press = try credentials(signedBy: middle, serial: 3)
    }

    private func list(
        of authority: Credentials, _ revoked: [Credentials] = [], at time: DateTime = newYear,
        nextUpdate: DateTime = days(1)
    ) throws -> RevocationList {
        try RevocationList(
            der: authority.revocationList(
                of: revoked.map(\.certificate.form.serialNumber), at: time, nextUpdate: nextUpdate))
    }

    private func error(_ lists: [RevocationList], requires: Bool = false, at time: DateTime = newYear) -> OPCUAError? {
        do throws(OPCUAError) {
            try TrustList(trusted: [root.certificate], revocations: lists, requiresRevocationLists: requires)
                .check([press.certificate, middle.certificate], Self.expected, now: time)
            return nil
        } catch {
            return error
        }
    }

    @Test func theRevokedAreRefused() throws {
        let leaf = error([try list(of: middle, [press])])
        #expect(leaf?.status == .badCertificateRevoked)
        #expect(leaf?.reason.contains("was revoked by \(middle.certificate.subject); it needs a new") ?? false)
        #expect(error([try list(of: root, [middle])])?.status == .badCertificateIssuerRevoked)
        #expect(error([try list(of: root), try list(of: middle)]) == nil)
    }

    @Test func aListOfSomebodyElseSaysNothing() throws {
        // The name of the authority, another key.
        let forger = try credentials("middle", isAuthority: true)
        #expect(error([try list(of: forger, [press])]) == nil)
        #expect(error([try list(of: forger)], requires: true)?.status == .badCertificateRevocationUnknown)
    }

    @Test func aListPastItsDayIsNotEnough() throws {
        let both = [try list(of: root, nextUpdate: days(9)), try list(of: middle, nextUpdate: days(2))]
        #expect(error(both, at: days(2)) == nil)
        let stale = error(both, at: days(3))
        #expect(stale?.status == .badCertificateRevocationUnknown)
        #expect(stale?.reason.contains("ended on 2026-01-03; put its newest one into crl/") ?? false)
        // A newer one beside it will do; an old one that names the certificate holds all the same.
        let newer = try list(of: middle, at: days(3), nextUpdate: days(9))
        #expect(error(both + [newer], at: days(3)) == nil)
        let once = try list(of: middle, [press], nextUpdate: days(1))
        #expect(error([once, newer], at: days(4))?.status == .badCertificateRevoked)
        let issuer = [try list(of: root, nextUpdate: days(1)), try list(of: middle, nextUpdate: days(9))]
        #expect(error(issuer, at: days(2))?.status == .badCertificateIssuerRevocationUnknown)
        let future = try list(of: middle, at: days(1), nextUpdate: days(9))
        #expect(error([future])?.reason.contains("holds only from 2026-01-02 on") ?? false)
    }

    @Test func aMissingListCountsWhereListsAreRequired() throws {
        #expect(error([]) == nil)
        #expect(error([], requires: true)?.status == .badCertificateRevocationUnknown)
        let leafOnly = error([try list(of: middle)], requires: true)
        #expect(leafOnly?.status == .badCertificateIssuerRevocationUnknown)
        #expect(leafOnly?.reason.contains("of \(root.certificate.subject) is missing") ?? false)
        #expect(error([try list(of: middle), try list(of: root)], requires: true) == nil)
    }

    @Test func listsAreReadFromPEMToo() throws {
        let list = try list(of: middle, [press])
        let text = PEMDocument(type: "X509 CRL", derBytes: list.der).pemString
        #expect(try RevocationList(pemOrDER: Array(text.utf8)) == list)
        #expect(try RevocationList(pemOrDER: list.der) == list)
        #expect(list.revokedCount == 1 && list.nextUpdate == days(1) && list.thisUpdate == newYear)
        #expect(throws: OPCUAError.self) { try RevocationList(pemOrDER: Array(press.certificate.pem.utf8)) }
        #expect(throws: OPCUAError.self) { try RevocationList(pemOrDER: []) }
    }
}
