import Crypto
public import OPCUATypes
import SwiftASN1
import X509

/// An application instance certificate, or the certificate of an authority or of a user (Part 6, 6.2).
public struct ApplicationCertificate: Hashable, Sendable {
    /// The certificate in DER.
    public let der: [UInt8]
    let form: CertificateForm

    /// Largest certificate in bytes that is looked at.
    public static let maxBytes = 32 * 1024

    /// - Throws: BadCertificateInvalid for bytes that are no certificate.
    public init(der: [UInt8]) throws(OPCUAError) {
        guard der.count <= Self.maxBytes else {
            throw OPCUAError(.badCertificateInvalid, "a certificate of more than \(Self.maxBytes) bytes")
        }
        do {
            form = try CertificateForm(der)
        } catch {
            throw OPCUAError(.badCertificateInvalid, "these bytes are no X.509 certificate")
        }
        self.der = der
    }

    /// - Parameter bytes: PEM, or DER as it is; of several certificates the first.
    /// - Throws: BadCertificateInvalid.
    public init(pemOrDER bytes: [UInt8]) throws(OPCUAError) {
        guard let first = try Self.chain(pemOrDER: bytes).first else {
            throw OPCUAError(.badCertificateInvalid, "there is no certificate")
        }
        self = first
    }

    public static func == (left: Self, right: Self) -> Bool { left.der == right.der }
    public func hash(into hasher: inout Hasher) { hasher.combine(der) }

    /// SHA-1 of the certificate, by which messages name it.
    public var thumbprint: [UInt8] { Array(Insecure.SHA1.hash(data: der)) }

    /// The thumbprint in upper-case hexadecimal digits, as tools show it.
    public var thumbprintText: String {
        thumbprint.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
    }

    /// `CN=…,O=…`.
    public var subject: String { "\(form.subject)" }
    public var issuer: String { "\(form.issuer)" }
    public var notBefore: DateTime { form.notBefore }
    public var notAfter: DateTime { form.notAfter }
    func isValid(at time: DateTime) -> Bool { notBefore <= time && time <= notAfter }
    public var isSelfIssued: Bool { form.subject == form.issuer }

    /// The number that the issuer gave it, big-endian, as revocation lists name it.
    package var serialNumber: [UInt8] { form.serialNumber }

    /// Size of the RSA key in bits; nil for another kind of key.
    public var keyBits: Int? { try? RSAPublicKey(spki: form.publicKey).bits }

    /// The ApplicationUri in the subject alternative names.
    public var applicationURI: String? {
        for case .uniformResourceIdentifier(let uri) in alternativeNames { return uri }
        return nil
    }

    /// DNS names and IP addresses in the subject alternative names, as text.
    public var hostNames: [String] {
        alternativeNames.compactMap { name in
            switch name {
            case .dnsName(let host): host
            case .ipAddress(let address): addressText(Array(address.bytes))
            default: nil
            }
        }
    }

    private var alternativeNames: [GeneralName] {
        guard let found = entry(.subjectAlternativeName), let names = try? SubjectAlternativeNames(found) else {
            return []
        }
        return Array(names)
    }

    /// What the key may be used for; nil when the certificate does not say.
    var keyUsage: KeyUsage? { entry(.keyUsage).flatMap { try? KeyUsage($0) } }

    /// The purposes of the certificate; nil when it does not say.
    var extendedKeyUsage: ExtendedKeyUsage? { entry(.extendedKeyUsage).flatMap { try? ExtendedKeyUsage($0) } }

    /// Whether the certificate may sign others.
    public var isAuthority: Bool {
        if case .isCertificateAuthority? = basicConstraints { true } else { false }
    }

    /// How many authorities may stand between this one and a leaf; nil without a bound.
    var maxPathLength: Int? {
        if case .isCertificateAuthority(let length)? = basicConstraints { length } else { nil }
    }

    private var basicConstraints: BasicConstraints? { entry(.basicConstraints).flatMap { try? BasicConstraints($0) } }

    func entry(_ oid: ASN1ObjectIdentifier) -> Certificate.Extension? { form.extensions.first { $0.oid == oid } }

    /// A critical extension whose meaning is not known here: who meets one must refuse (RFC 5280, 4.2).
    var unknownCriticalExtension: String? {
        form.extensions.first { $0.critical && !ASN1ObjectIdentifier.understood.contains($0.oid) }
            .map { "\($0.oid)" }
    }

    /// Whether this certificate carries the issuer's name and signature.
    func isSigned(by issuer: ApplicationCertificate) -> Bool {
        guard form.issuer == issuer.form.subject, let hash = form.signatureHash,
            let key = try? RSAPublicKey(spki: issuer.form.publicKey)
        else { return false }
        return key.isValid(form.signature, of: form.toBeSigned, certificateHash: hash)
    }

    /// - Throws: BadCertificateInvalid for a key that is not RSA or whose size the policy does not admit.
    func publicKey(for policy: SecurityPolicy) throws(OPCUAError) -> RSAPublicKey {
        let key: RSAPublicKey
        do throws(RSAFailure) { key = try RSAPublicKey(spki: form.publicKey) } catch {
            throw OPCUAError(.badCertificateInvalid, "the key of \(subject) is not an RSA key")
        }
        if let sizes = policy.keyBits, !sizes.contains(key.bits) {
            throw OPCUAError(
                .badCertificateInvalid,
                "the key of \(subject) has \(key.bits) bits, \(policy.name) needs \(sizes.lowerBound) to "
                    + "\(sizes.upperBound)")
        }
        return key
    }
}

extension ASN1ObjectIdentifier {
    fileprivate static let subjectAlternativeName: Self = [2, 5, 29, 17]
    fileprivate static let keyUsage: Self = [2, 5, 29, 15]
    fileprivate static let basicConstraints: Self = [2, 5, 29, 19]
    fileprivate static let extendedKeyUsage: Self = [2, 5, 29, 37]

    /// Extensions that are checked here, or that ask nothing of who checks a path: key identifiers, the places of
    /// revocation lists and of issuers, policies without constraints.
    fileprivate static let understood: Set<Self> = [
        .subjectAlternativeName, .keyUsage, .basicConstraints, .extendedKeyUsage, [2, 5, 29, 14], [2, 5, 29, 35],
        [2, 5, 29, 31], [2, 5, 29, 32], [1, 3, 6, 1, 5, 5, 7, 1, 1],
    ]
}
