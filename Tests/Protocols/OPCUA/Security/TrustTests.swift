import OPCUATypes
import Testing

@testable import OPCUASecurity

@Suite struct TrustTests {
    private static let expected = CertificateExpectation(
        owner: "the server's certificate", policy: .basic256Sha256, applicationURI: "urn:press", host: "press.example")

    private func status(
        _ trust: TrustList, _ chain: [ApplicationCertificate], _ expected: CertificateExpectation = expected,
        at time: DateTime = newYear
    ) -> StatusCode? {
        do throws(OPCUAError) {
            try trust.check(chain, expected, now: time)
            return nil
        } catch {
            return error.status
        }
    }

    @Test func aMadeCertificateSaysWhatWasAsked() throws {
        let made = try credentials().certificate
        let read = try ApplicationCertificate(der: made.der)
        #expect(read.applicationURI == "urn:press")
        #expect(read.hostNames == ["press.example", "10.0.0.7"])
        #expect(read.notBefore == days(-1))
        #expect(read.notAfter == days(365))
        #expect(read.keyBits == 2048)
        #expect(!read.isAuthority)
        #expect(read.isSigned(by: read))
        #expect(read.thumbprintText.count == 40)
    }

    @Test func calendarGoesBothWays() {
        for day in stride(from: -200_000, to: 200_000, by: 997) {
            let (year, month, date, _, _, _) = days(day).calendar
            #expect(DateTime(year: year, month: month, day: date, hour: 0, minute: 0, second: 0) == days(day))
        }
        let late = DateTime(year: 2050, month: 2, day: 28, hour: 23, minute: 59, second: 58)
        #expect(late.dateText == "2050-02-28")
    }

    @Test func certificatesAfter2049HaveTheLongForm() throws {
        let made = try credentials(to: days(40 * 365)).certificate
        #expect(made.notAfter == days(40 * 365))
    }

    @Test func aTrustedCertificatePassesAndAnUnknownOneIsNamed() throws {
        let press = try credentials().certificate
        #expect(status(TrustList(trusted: [press]), [press]) == nil)
        #expect(status(TrustList(), [press]) == .badCertificateUntrusted)
        let error = #expect(throws: OPCUAError.self) { try TrustList().check([press], Self.expected, now: newYear) }
        #expect(error?.reason.contains("penstock certificates trust \(press.thumbprintText)") ?? false)
        #expect(status(TrustList(acceptsAll: true), [press]) == nil)
    }

    @Test func validityNamesAndUseAreChecked() throws {
        let press = try credentials().certificate
        let trust = TrustList(trusted: [press])
        #expect(status(trust, [press], at: days(366)) == .badCertificateTimeInvalid)
        #expect(status(trust, [press], at: days(-2)) == .badCertificateTimeInvalid)
        var expected = Self.expected
        expected.host = "other.example"
        #expect(status(trust, [press], expected) == .badCertificateHostNameInvalid)
        expected.host = "10.0.0.7"
        #expect(status(trust, [press], expected) == nil)
        expected.host = "PRESS.example"
        #expect(status(trust, [press], expected) == nil)
        expected.applicationURI = "urn:other"
        #expect(status(trust, [press], expected) == .badCertificateUriInvalid)
        let authority = try credentials("press", isAuthority: true).certificate
        #expect(status(TrustList(trusted: [authority]), [authority]) != nil)
    }

    @Test func chainsLeadToATrustedAuthority() throws {
        let root = try credentials("root", key: Keys.other, isAuthority: true)
        let middle = try credentials("middle", key: Keys.large, isAuthority: true, signedBy: root, serial: 2)
        let press = try credentials(signedBy: middle, serial: 3)
        let chain = [press.certificate, middle.certificate]
        #expect(status(TrustList(trusted: [root.certificate]), chain) == nil)
        #expect(status(TrustList(trusted: [middle.certificate], issuers: [root.certificate]), chain) == nil)
        #expect(status(TrustList(issuers: [root.certificate]), chain) == .badCertificateUntrusted)
        #expect(status(TrustList(trusted: [middle.certificate]), chain) == .badCertificateChainIncomplete)
        #expect(status(TrustList(trusted: [root.certificate]), [press.certificate]) == .badCertificateChainIncomplete)
        // One trusted by itself needs no issuer.
        #expect(status(TrustList(trusted: [press.certificate]), [press.certificate]) == nil)
        let whole = try ApplicationCertificate.chain(press.chainBytes.bytes)
        #expect(whole == [press.certificate, middle.certificate, root.certificate])
    }

    @Test func anExpiredOrUnfitIssuerIsRefused() throws {
        let root = try credentials("root", key: Keys.other, to: days(10), isAuthority: true)
        let press = try credentials(signedBy: root)
        let trust = TrustList(trusted: [root.certificate])
        #expect(status(trust, [press.certificate], at: days(11)) == .badCertificateIssuerTimeInvalid)
        let plain = try credentials("plain", key: Keys.other)
        let signed = try credentials(signedBy: plain)
        #expect(
            status(TrustList(trusted: [plain.certificate]), [signed.certificate])
                == .badCertificateIssuerUseNotAllowed)
    }

    @Test func aKeyMustFitItsCertificate() throws {
        let press = try credentials().certificate
        #expect(throws: OPCUAError.self) { try Credentials(certificate: press, privateKey: Keys.other) }
    }

    /// Whatever the bytes, reading a certificate or a list ends in a value or an error.
    @Test func alteredBytesNeverTrap() throws {
        let authority = try credentials("ca", isAuthority: true)
        let list = try authority.revocationList(of: [[1, 2, 3]], at: newYear, nextUpdate: days(1))
        var state: UInt64 = 7
        for base in [authority.certificate.der, list] {
            for _ in 0..<3000 {
                var bytes = base
                for _ in 0..<2 {
                    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    bytes[Int(state >> 33) % bytes.count] = UInt8(truncatingIfNeeded: state >> 24)
                }
                if let read = try? ApplicationCertificate.chain(bytes).first {
                    _ = (read.applicationURI, read.hostNames, read.isAuthority, read.keyBits)
                    _ = status(TrustList(trusted: [authority.certificate]), [read])
                }
                _ = try? RevocationList(der: bytes)
            }
        }
        #expect(throws: OPCUAError.self) { try ApplicationCertificate.chain([]) }
        #expect(throws: OPCUAError.self) { try ApplicationCertificate.chain([0x30, 0x82, 0xFF]) }
    }

    @Test(
        arguments: [
            ("10.0.0.7", [10, 0, 0, 7]), ("::1", [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
            ("fe80::2:3", [0xFE, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 3]),
        ] as [(String, [UInt8])])
    func addressesAreRead(text: String, bytes: [UInt8]) {
        #expect(addressBytes(text) == bytes)
    }

    @Test(arguments: ["press", "1.2.3", "1.2.3.256", "1::2::3", ":::", "1:2:3:4:5:6:7"])
    func namesAreNoAddresses(text: String) {
        #expect(addressBytes(text) == nil)
    }
}
