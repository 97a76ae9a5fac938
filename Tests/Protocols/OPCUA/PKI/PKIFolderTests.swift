import Foundation
import OPCUAPKI
import OPCUASecurity
import OPCUATypes
import Testing

@Suite struct PKIFolderTests {
    private let path = FileManager.default.temporaryDirectory.appendingPathComponent("pki-\(UUID().uuidString)").path

    private func request(_ name: String) -> CertificateRequest {
        CertificateRequest(
            commonName: name, applicationURI: "urn:\(name)", hosts: ["localhost"],
            notBefore: DateTime(utcMicroseconds: 1_700_000_000_000_000),
            notAfter: DateTime(utcMicroseconds: 1_900_000_000_000_000))
    }

    @Test func anOwnCertificateIsMadeOnceAndKeepsItsKey() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let folder = PKIFolder(path: path)
        #expect(!folder.hasOwn)
        let made = try folder.createOwn(request("penstock"))
        let read = try #require(try folder.own())
        #expect(read.certificate == made.certificate)
        let renewed = try folder.createOwn(request("penstock"))
        #expect(renewed.certificate != made.certificate)
        #expect(renewed.privateKey.pem == made.privateKey.pem)
        let key = try FileManager.default.attributesOfItem(atPath: path + "/own/private_key.pem")
        #expect(key[.posixPermissions] as? Int == 0o600)
        #expect(try folder.entries(.own).map(\.certificate) == [renewed.certificate])
    }

    @Test func aRejectedCertificateIsTrustedAndTakenBack() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let folder = PKIFolder(path: path)
        let press = try PKIFolder(path: path + "/elsewhere").createOwn(request("press")).certificate
        #expect(try folder.keepRejected(press))
        #expect(try !folder.keepRejected(press))
        #expect(try folder.trustList().trusted.isEmpty)
        try folder.trust(press)
        #expect(try folder.trustList().trusted == [press])
        #expect(try folder.entries(.rejected).isEmpty)
        try folder.reject(try #require(try folder.entries(.trusted).first))
        #expect(try folder.trustList().trusted.isEmpty)
        #expect(try folder.entries(.rejected).map(\.certificate) == [press])
    }

    @Test func aFileThatIsNoCertificateIsNamed() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        try FileManager.default.createDirectory(atPath: path + "/trusted", withIntermediateDirectories: true)
        try Data("hello".utf8).write(to: URL(fileURLWithPath: path + "/trusted/press.der"))
        let error = #expect(throws: PKIError.self) { try PKIFolder(path: path).trustList() }
        #expect(error?.description == "\(path)/trusted/press.der: the file is neither PEM nor DER")
    }
}
