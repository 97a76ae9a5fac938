import Crypto
import Foundation
import SwiftASN1
import X509

/// An authority that nobody else knows, whose certificates lie as PEM files in a folder of their own.
package final class TestAuthority {
    /// What a certificate is made for.
    package enum Flavour {
        case valid
        case expired
        case otherName
        case selfSigned
        case client
    }

    package struct Files: Sendable {
        package var certificate: String
        package var key: String
    }

    private let folder: String
    /// Its own certificate.
    package var root: String { folder + "/ca.pem" }
    private let rootKey = P256.Signing.PrivateKey()
    private let rootName: DistinguishedName
    private let now = Date()

    package init() throws {
        folder = FileManager.default.temporaryDirectory.path + "/penstock-tls-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        rootName = try DistinguishedName { CommonName("Test authority") }
        let certificate = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: .init(rootKey.publicKey),
            notValidBefore: now - 3600, notValidAfter: now + 86_400, issuer: rootName, subject: rootName,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try .init {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                Critical(KeyUsage(keyCertSign: true))
            },
            issuerPrivateKey: .init(rootKey))
        try write(certificate.serializeAsPEM().pemString, root)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Makes a certificate and its key.
    package func issue(_ flavour: Flavour) throws -> Files {
        let name = "\(flavour)"
        let files = Files(certificate: "\(folder)/\(name).pem", key: "\(folder)/\(name).key")
        let key = P256.Signing.PrivateKey()
        let subject = try DistinguishedName { CommonName(name) }
        let names: [GeneralName] =
            flavour == .otherName
            ? [.dnsName("elsewhere.example")]
            : [.dnsName("localhost"), .ipAddress(.init(contentBytes: [127, 0, 0, 1]))]
        let isOwn = flavour == .selfSigned
        let certificate = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: .init(key.publicKey),
            notValidBefore: now - 7200, notValidAfter: flavour == .expired ? now - 3600 : now + 86_400,
            issuer: isOwn ? subject : rootName, subject: subject, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try .init {
                SubjectAlternativeNames(names)
                try ExtendedKeyUsage([flavour == .client ? .clientAuth : .serverAuth])
            },
            issuerPrivateKey: .init(isOwn ? key : rootKey))
        try write(certificate.serializeAsPEM().pemString, files.certificate)
        try write(key.pemRepresentation, files.key)
        return files
    }

    private func write(_ text: String, _ file: String) throws {
        try text.write(toFile: file, atomically: true, encoding: .utf8)
    }
}
