public import OPCUATypes
import SwiftASN1
import X509

/// A list of certificates that an authority has taken back.
public struct RevocationList: Hashable, Sendable {
    public let der: [UInt8]
    let form: RevocationForm

    /// - Throws: BadCertificateInvalid for bytes that are no revocation list.
    public init(der: [UInt8]) throws(OPCUAError) {
        do { form = try RevocationForm(der) } catch {
            throw OPCUAError(.badCertificateInvalid, "these bytes are no revocation list")
        }
        self.der = der
    }

    /// - Parameter bytes: PEM, or DER as it is.
    /// - Throws: BadCertificateInvalid.
    public init(pemOrDER bytes: [UInt8]) throws(OPCUAError) {
        guard !ApplicationCertificate.isDER(bytes) else {
            try self.init(der: bytes)
            return
        }
        guard let document = try? PEMDocument(pemString: String(decoding: bytes, as: UTF8.self)),
            document.discriminator == "X509 CRL"
        else { throw OPCUAError(.badCertificateInvalid, "these bytes are no revocation list") }
        try self.init(der: document.derBytes)
    }

    /// The authority's name: `CN=…,O=…`.
    public var issuer: String { "\(form.issuer)" }
    /// From when on the list holds.
    public var thisUpdate: DateTime { form.thisUpdate }
    /// When the authority gives out the next one at the latest; nil when it does not say.
    public var nextUpdate: DateTime? { form.nextUpdate }
    /// How many certificates it takes back.
    public var revokedCount: Int { form.revoked.count }

    /// Whether the list is of this authority, which may sign such lists.
    func isSigned(by issuer: ApplicationCertificate) -> Bool {
        guard form.issuer == issuer.form.subject, issuer.keyUsage?.cRLSign != false, let hash = form.signatureHash,
            let key = try? RSAPublicKey(spki: issuer.form.publicKey)
        else { return false }
        return key.isValid(form.signature, of: form.toBeSigned, certificateHash: hash)
    }
}
