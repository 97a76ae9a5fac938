import Foundation
import OPCUAPKI
import OPCUASecurity
import OPCUATypes

/// The folder of OPC UA certificates as a person at a terminal sees it.
package struct CertificateFolder {
    private let folder: PKIFolder

    package init(path: String) { folder = PKIFolder(path: path) }

    /// Makes the own certificate, or makes it anew.
    /// - Parameters:
    ///   - hosts: names and addresses of this machine; none takes its host name.
    ///   - days: from today to its end.
    ///   - keyBits: 2048, 3072 or 4096; nil keeps the key of an earlier one.
    /// - Returns: what was made, in lines.
    package func create(hosts: [String], applicationURI: String?, days: Int?, keyBits: Int?) throws -> [String] {
        let request = OwnCertificate.request(
            hosts: hosts, applicationURI: applicationURI, days: days ?? OwnCertificate.validDays)
        let made = try folder.createOwn(request, keyBits: keyBits).certificate
        return description(of: made) + ["file:            \(folder.folder.path)/own/certificate.der"]
    }

    /// One line per certificate: its place, thumbprint, end of validity, uses and subject; then what cannot be read.
    package func list() -> [String] {
        PKIFolder.Store.allCases.flatMap { store in
            let (entries, problems) = folder.readableEntries(store)
            return entries.map { entry in
                let certificate = entry.certificate
                let end = certificate.notAfter.dateText + (certificate.notAfter < .now ? " (ended)" : "")
                return [padded(store.rawValue, 8), certificate.thumbprintText, end, certificate.subject]
                    .joined(separator: "  ")
            } + problems.map { "\(padded(store.rawValue, 8))  unreadable: \($0)" }
        }
    }

    private func padded(_ text: String, _ width: Int) -> String {
        text.padding(toLength: width, withPad: " ", startingAt: 0)
    }

    /// All that is known of a certificate, in lines.
    /// - Parameter name: a thumbprint, its first digits, or a file.
    package func info(_ name: String) throws -> [String] {
        let places = entries.filter { $0.certificate == (try? certificate(name)) }.map(\.file.path)
        return description(of: try certificate(name)) + places.map { "file:            \($0)" }
    }

    /// A certificate as PEM text.
    /// - Parameter name: a thumbprint, its first digits, or a file.
    package func pem(_ name: String) throws -> String { try certificate(name).pem + "\n" }

    /// Trusts a certificate from now on.
    /// - Parameters:
    ///   - name: a thumbprint, its first digits, or a file.
    ///   - asIssuer: only to complete chains.
    /// - Returns: what that means.
    package func trust(_ name: String, asIssuer: Bool = false) throws -> String {
        let certificate = try certificate(name)
        try folder.trust(certificate, asIssuer: asIssuer)
        let label = "\(certificate.thumbprintText) \(certificate.subject)"
        if asIssuer { return "known as an issuer, not trusted by itself: \(label)" }
        return certificate.isAuthority
            ? "trusted with every certificate that it signs: \(label)" : "trusted: \(label)"
    }

    /// Trusts a certificate no longer.
    package func reject(_ name: String) throws -> String {
        let known = entries.filter { $0.store == .trusted || $0.store == .issuers }
        guard let entry = try found(name, in: known) else {
            throw CertificateFolderError(
                description: "no trusted certificate has the thumbprint \(name); penstock certificates list shows them")
        }
        try folder.reject(entry)
        return "rejected: \(entry.certificate.thumbprintText) \(entry.certificate.subject)"
    }

    private var entries: [PKIFolder.Entry] {
        PKIFolder.Store.allCases.flatMap { folder.readableEntries($0).entries }
    }

    private func certificate(_ name: String) throws -> ApplicationCertificate {
        if let entry = try found(name, in: entries) { return entry.certificate }
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
        let fitting = entries.filter {
            $0.certificate.thumbprintText.hasPrefix(digits) || $0.certificate.sha256Text.hasPrefix(digits)
        }
        guard Set(fitting.map(\.certificate)).count <= 1 else {
            throw CertificateFolderError(description: "several certificates begin with \(name); give more digits")
        }
        return fitting.first
    }

    private func list(_ words: [String]) -> String { words.isEmpty ? "(none)" : words.joined(separator: ", ") }

    private func description(of certificate: ApplicationCertificate) -> [String] {
        let left = certificate.daysLeft(at: .now)
        return [
            "subject:         \(certificate.subject)",
            "issuer:          \(certificate.isSelfIssued ? "itself" : certificate.issuer)",
            "serial number:   \(certificate.serialText)",
            "SHA-1:           \(certificate.thumbprintText)",
            "SHA-256:         \(certificate.sha256Text)",
            "valid:           \(certificate.notBefore.dateText) to \(certificate.notAfter.dateText) "
                + (left < 0 ? "(ended)" : "(\(left) days left)"),
            "ApplicationUri:  \(certificate.applicationURI ?? "(none)")",
            "hosts:           \(list(certificate.hostNames))",
            "uses:            \(list(certificate.uses))",
            "key:             \(certificate.keyBits.map { "RSA \($0) bits" } ?? "not RSA")",
            "signature:       \(certificate.signatureName ?? "an algorithm that is not known here")",
        ]
    }
}

/// What a person asked of the folder that cannot be.
package struct CertificateFolderError: Error, CustomStringConvertible {
    package let description: String
}
