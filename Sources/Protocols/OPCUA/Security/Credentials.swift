public import OPCUATypes

/// An application's or a user's own certificate with its private key.
public struct Credentials: Sendable {
    public var certificate: ApplicationCertificate
    /// Those of the issuers that are sent along, the nearest first; none for a self-signed certificate.
    public var issuers: [ApplicationCertificate]
    public var privateKey: RSAPrivateKey

    /// - Throws: BadCertificateInvalid when key and certificate do not belong together.
    public init(
        certificate: ApplicationCertificate, issuers: [ApplicationCertificate] = [], privateKey: RSAPrivateKey
    ) throws(OPCUAError) {
        guard let key = try? RSAPublicKey(spki: certificate.form.publicKey), key.spki == privateKey.publicKey.spki
        else {
            throw OPCUAError(
                .badCertificateInvalid, "the private key does not belong to the certificate \(certificate.subject)")
        }
        self.certificate = certificate
        self.issuers = issuers
        self.privateKey = privateKey
    }

    /// The same with the issuers of its certificate behind it, as far as they are known: a peer that trusts the authority
    /// need not know those in between.
    public func completed(with known: [ApplicationCertificate]) -> Credentials {
        var completed = self
        var last = issuers.last ?? certificate
        while !last.isSelfIssued, completed.issuers.count < ApplicationCertificate.maxChain - 1,
            let next = known.first(where: { last.isSigned(by: $0) && !completed.issuers.contains($0) })
        {
            completed.issuers.append(next)
            last = next
        }
        return completed
    }

    /// The certificate and its issuers back to back, as messages carry them.
    public var chainBytes: ByteString { ByteString(certificate.der + issuers.flatMap(\.der)) }

    /// The strongest policies that the key's size admits.
    func admits(_ policy: SecurityPolicy) -> Bool { policy.keyBits?.contains(privateKey.bits) ?? true }
}
