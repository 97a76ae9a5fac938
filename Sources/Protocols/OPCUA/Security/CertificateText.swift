import Crypto
import SwiftASN1
import X509

extension ApplicationCertificate {
    /// SHA-256 of the certificate in upper-case hexadecimal digits, for comparing it over the telephone.
    public var sha256Text: String { hexadecimal(SHA256.hash(data: der)) }

    /// The number that the issuer gave it, in hexadecimal digits.
    public var serialText: String { hexadecimal(form.serialNumber) }

    /// The certificate as text, for mails and for tools that want PEM.
    public var pem: String { PEMDocument(type: "CERTIFICATE", derBytes: der).pemString }

    /// What signed it: `RSA with SHA-256`; nil for an algorithm that is not known here.
    public var signatureName: String? {
        switch form.signatureHash {
        case .sha1: "RSA with SHA-1"
        case .sha256: "RSA with SHA-256"
        case .sha384: "RSA with SHA-384"
        case .sha512: "RSA with SHA-512"
        case nil: nil
        }
    }

    /// What the certificate says it is for: `authority`, `server`, `client`, `signing`, `encrypting`.
    public var uses: [String] {
        var uses = isAuthority ? ["authority"] : []
        if extendedKeyUsage?.contains(.serverAuth) ?? false { uses.append("server") }
        if extendedKeyUsage?.contains(.clientAuth) ?? false { uses.append("client") }
        if keyUsage?.digitalSignature ?? false { uses.append("signing") }
        if let usage = keyUsage, usage.keyEncipherment || usage.dataEncipherment { uses.append("encrypting") }
        return uses
    }
}

private func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
}
