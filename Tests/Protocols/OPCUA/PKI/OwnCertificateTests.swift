import Foundation
import OPCUAPKI
import OPCUASecurity
import OPCUATypes
import Synchronization
import Testing

@Suite final class OwnCertificateTests {
    private let path = FileManager.default.temporaryDirectory.appendingPathComponent("own-\(UUID().uuidString)").path
    private var folder: PKIFolder { PKIFolder(path: path) }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    private func time(_ day: Int) -> DateTime {
        DateTime(utcMicroseconds: 1_767_225_600_000_000 + Int64(day) * 86_400_000_000)
    }

    private func request(_ name: String = "penstock", from: Int = 0, to: Int = 100, isAuthority: Bool = false)
        -> CertificateRequest
    {
        CertificateRequest(
            commonName: name, applicationURI: "urn:\(name)", hosts: ["localhost"], notBefore: time(from),
            notAfter: time(to), isAuthority: isAuthority)
    }

    @Test func itIsMadeOnceAndRenewedInTimeWithItsKeyAndNames() throws {
        let (made, first) = try folder.own(or: request(), renewBeforeDays: 30, now: time(0))
        #expect(first == .made)
        let (kept, second) = try folder.own(or: request("other"), renewBeforeDays: 30, now: time(70))
        #expect(second == .kept)
        #expect(kept.certificate == made.certificate)
        // Another host name by now: what the servers know stays.
        let (renewed, third) = try folder.own(or: request("other", to: 200), renewBeforeDays: 30, now: time(71))
        #expect(third == .renewed(daysLeft: 29))
        #expect(renewed.certificate.applicationURI == "urn:penstock")
        #expect(renewed.certificate.notAfter == time(200))
        #expect(renewed.privateKey.pem == made.privateKey.pem)
        #expect(try folder.own()?.certificate == renewed.certificate)
    }

    @Test func manySourcesAtOnceMakeOne() async throws {
        let folder = folder
        let request = request()
        let now = time(0)
        let made = try await withThrowingTaskGroup(of: ApplicationCertificate.self) { group in
            for _ in 0..<4 {
                group.addTask { try folder.own(or: request, renewBeforeDays: 30, now: now).credentials.certificate }
            }
            return try await group.reduce(into: Set<ApplicationCertificate>()) { $0.insert($1) }
        }
        #expect(made.count == 1)
    }

    @Test func anotherKeySizeMakesAnotherKey() throws {
        let first = try folder.createOwn(request())
        #expect(first.privateKey.bits == 2048)
        #expect(try folder.createOwn(request(), keyBits: 2048).privateKey.pem == first.privateKey.pem)
        #expect(try folder.createOwn(request(), keyBits: 3072).certificate.keyBits == 3072)
        #expect(try folder.own()?.privateKey.bits == 3072)
    }

    @Test func filesOfAnywhereHoldAChainInAnyOrder() throws {
        let root = try Credentials(request("ca", isAuthority: true), key: RSAPrivateKey(bits: 2048), serialNumber: [1])
        let own = try Credentials(
            request(), key: RSAPrivateKey(bits: 2048), signedBy: root, serialNumber: [2])
        let (certificate, key) = (path + "/chain.pem", path + "/key.pem")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try Data(own.privateKey.pem.utf8).write(to: URL(fileURLWithPath: key))
        func read() throws -> Credentials {
            try folder.credentials(certificate: URL(fileURLWithPath: certificate), key: URL(fileURLWithPath: key))
        }
        for text in [
            own.certificate.pem + "\n" + root.certificate.pem, root.certificate.pem + "\n" + own.certificate.pem,
        ] {
            try Data(text.utf8).write(to: URL(fileURLWithPath: certificate))
            let read = try read()
            #expect(read.certificate == own.certificate)
            #expect(read.issuers == [root.certificate])
        }
        // Issuers of the folder are added.
        try Data(own.certificate.der).write(to: URL(fileURLWithPath: certificate))
        #expect(try read().issuers.isEmpty)
        try folder.trust(root.certificate, asIssuer: true)
        #expect(try read().issuers == [root.certificate])

        try Data(root.privateKey.pem.utf8).write(to: URL(fileURLWithPath: key))
        let wrong = #expect(throws: PKIError.self) { try read() }
        #expect(
            wrong?.description == "\(certificate): the private key does not belong to the certificate "
                + "\(own.certificate.subject); give the key with which it was made, not \(key)")
        let kind = ["ENCRYPTED", "PRIVATE", "KEY"].joined(separator: " ")
        let locks = ["BEGIN", "END"].map { "-----\($0) \(kind)-----" }
        try Data(locks.joined(separator: "\nAAAA\n").utf8).write(to: URL(fileURLWithPath: key))
        let locked = #expect(throws: PKIError.self) { try read() }
        #expect(locked?.description.contains("is protected by a password; take it off: openssl pkey") ?? false)
        try FileManager.default.removeItem(atPath: key)
        let missing = #expect(throws: PKIError.self) { try read() }
        #expect(missing?.description == "\(key) cannot be read: there is no such file")
    }

    @Test func aServersTrustFollowsItsFolder() throws {
        let problems = Problems()
        let trust = TrustFolder(folder) { problem in problems.said.withLock { $0.append(problem.description) } }
        let client = try Credentials(request("client"), key: RSAPrivateKey(bits: 2048), serialNumber: [1]).certificate
        #expect(trust.current().trusted.isEmpty)
        trust.refused(client)
        #expect(try folder.entries(.rejected).map(\.certificate) == [client])
        try folder.trust(client)
        #expect(trust.current().trusted == [client])
        // A file that cannot be read takes no trust away, and is named once.
        try Data("hello".utf8).write(to: URL(fileURLWithPath: path + "/trusted/broken.der"))
        #expect(trust.current().trusted == [client])
        #expect(trust.current().trusted == [client])
        #expect(problems.said.withLock { $0 } == ["\(path)/trusted/broken.der: the file is neither PEM nor DER"])
        try FileManager.default.removeItem(atPath: path + "/trusted/broken.der")
        try folder.reject(try #require(try folder.entries(.trusted).first))
        #expect(trust.current().trusted.isEmpty)
    }

    @Test func theEndIsToldAt30And7And1Days() throws {
        let press = try Credentials(request("press"), key: RSAPrivateKey(bits: 2048), serialNumber: [1]).certificate
        var watch = ExpiryWatch()
        var said: [Int: [String]] = [:]
        for day in 0...105 {
            let sentences = watch.check([("the trusted certificate", press)], now: time(day))
            if !sentences.isEmpty { said[day] = sentences }
        }
        #expect(said.keys.sorted() == [70, 93, 99, 101])
        #expect(
            said[70] == ["the trusted certificate \(press.subject) ends on 2026-04-11, in 30 days; renew it before"])
        #expect(
            said[99] == ["the trusted certificate \(press.subject) ends on 2026-04-11, in one day; renew it before"])
        #expect(
            said[101] == ["the trusted certificate \(press.subject) ended on 2026-04-11 and is refused; renew it"])
        // Gone and back again: it is told again.
        #expect(watch.check([], now: time(94)).isEmpty)
        #expect(watch.check([("the trusted certificate", press)], now: time(94)).count == 1)
    }

    private final class Problems: Sendable {
        let said = Mutex<[String]>([])
    }
}
