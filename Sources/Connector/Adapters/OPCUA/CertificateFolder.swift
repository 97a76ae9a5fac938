import Foundation
import OPCUAPKI
import OPCUASecurity
import OPCUATypes

/// The folder of OPC UA certificates as a person at a terminal sees it.
package struct CertificateFolder {
    private let folder: PKIFolder

    package init(path: String) { folder = PKIFolder(path: path) }

    /// Makes the own certificate, or makes it anew with the same key.
    /// - Returns: what was made, in lines.
    package func create() throws -> [String] {
        let now = DateTime(utcMicroseconds: Int64(Date().timeIntervalSince1970 * 1e6))
        return Self.description(try folder.createOwn(SecurityFiles.request(now: now)).certificate)
    }

    /// One line per certificate: its place, thumbprint, end of validity and subject.
    package func list() throws -> [String] {
        try entries().map { entry in
            let certificate = entry.certificate
            let place = entry.store.rawValue.padding(toLength: 8, withPad: " ", startingAt: 0)
            return "\(place)  \(certificate.thumbprintText)  \(certificate.notAfter.dateText)  \(certificate.subject)"
        }
    }

    /// All that is known of a certificate, in lines.
    /// - Parameter name: a thumbprint, its first digits, or a file.
    package func info(_ name: String) throws -> [String] { Self.description(try certificate(name)) }

    /// Trusts a certificate from now on.
    /// - Parameter name: a thumbprint, its first digits, or a file.
    package func trust(_ name: String) throws -> String {
        let certificate = try certificate(name)
        try folder.trust(certificate)
        return "trusted: \(certificate.thumbprintText) \(certificate.subject)"
    }

    /// Trusts a certificate no longer.
    package func reject(_ name: String) throws -> String {
        guard let entry = try found(name, in: folder.entries(.trusted)) else {
            throw CertificateFolderError(description: "no trusted certificate has the thumbprint \(name)")
        }
        try folder.reject(entry)
        return "rejected: \(entry.certificate.thumbprintText) \(entry.certificate.subject)"
    }

    private func entries() throws -> [PKIFolder.Entry] {
        try PKIFolder.Store.allCases.flatMap { try folder.entries($0) }
    }

    private func certificate(_ name: String) throws -> ApplicationCertificate {
        if let entry = try found(name, in: entries()) { return entry.certificate }
        guard FileManager.default.fileExists(atPath: name) else {
            throw CertificateFolderError(
                description: "'\(name)' is neither a file nor a thumbprint of a certificate in \(folder.folder.path); "
                    + "penstock certificates list shows them")
        }
        return try PKIFolder.certificate(at: URL(fileURLWithPath: name))
    }

    private func found(_ name: String, in entries: [PKIFolder.Entry]) throws -> PKIFolder.Entry? {
        let digits = name.uppercased().filter { $0 != ":" && $0 != " " }
        guard digits.count >= 4, digits.allSatisfy(\.isHexDigit) else { return nil }
        let fitting = entries.filter { $0.certificate.thumbprintText.hasPrefix(digits) }
        guard Set(fitting.map(\.certificate)).count <= 1 else {
            throw CertificateFolderError(description: "several certificates begin with \(name); give more digits")
        }
        return fitting.first
    }

    private static func description(_ certificate: ApplicationCertificate) -> [String] {
        [
            "subject:         \(certificate.subject)", "issuer:          \(certificate.issuer)",
            "thumbprint:      \(certificate.thumbprintText)",
            "valid:           \(certificate.notBefore.dateText) to \(certificate.notAfter.dateText)",
            "ApplicationUri:  \(certificate.applicationURI ?? "(none)")",
            "hosts:           \(certificate.hostNames.joined(separator: ", "))",
            "key:             \(certificate.keyBits.map { "RSA \($0) bits" } ?? "not RSA")",
        ]
    }
}

/// What a person asked of the folder that cannot be.
package struct CertificateFolderError: Error, CustomStringConvertible {
    package let description: String
}
