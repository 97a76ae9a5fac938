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

    /// - Parameter text: PEM, or DER as it is.
    public init(pemOrDER bytes: [UInt8]) throws(OPCUAError) {
        guard bytes.starts(with: Array("-----".utf8)) || bytes.first != 0x30 else {
            try self.init(der: bytes)
            return
        }
        let der: [UInt8]
        do {
            der = try PEMDocument(pemString: String(decoding: bytes, as: UTF8.self)).derBytes
        } catch {
            throw OPCUAError(.badCertificateInvalid, "the file is neither PEM nor DER")
        }
        try self.init(der: der)
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
    public var isSelfIssued: Bool { form.subject == form.issuer }

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
        let oid: ASN1ObjectIdentifier = [2, 5, 29, 17]
        guard let found = form.extensions.first(where: { $0.oid == oid }),
            let names = try? SubjectAlternativeNames(found)
        else { return [] }
        return Array(names)
    }

    /// What the key may be used for; nil when the certificate does not say.
    var keyUsage: KeyUsage? {
        let oid: ASN1ObjectIdentifier = [2, 5, 29, 15]
        return form.extensions.first { $0.oid == oid }.flatMap { try? KeyUsage($0) }
    }

    /// Whether the certificate may sign others.
    public var isAuthority: Bool {
        let oid: ASN1ObjectIdentifier = [2, 5, 29, 19]
        guard let found = form.extensions.first(where: { $0.oid == oid }),
            case .isCertificateAuthority? = try? BasicConstraints(found)
        else { return false }
        return true
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

/// `192.168.0.1`, or eight groups of an IPv6 address.
func addressText(_ bytes: [UInt8]) -> String? {
    switch bytes.count {
    case 4: bytes.map(String.init).joined(separator: ".")
    case 16:
        stride(from: 0, to: 16, by: 2)
            .map { String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16) }.joined(separator: ":")
    default: nil
    }
}

/// Bytes of an IPv4 address, or of an IPv6 address with or without `::`; nil for a name.
func addressBytes(_ text: String) -> [UInt8]? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    if parts.count == 4, !text.contains(":") {
        let bytes = parts.compactMap { UInt8($0) }
        return bytes.count == 4 ? bytes : nil
    }
    guard text.contains(":") else { return nil }
    let halves = text.replacing("::", with: "|").split(separator: "|", omittingEmptySubsequences: false)
    guard halves.count <= 2 else { return nil }
    let groups = halves.map { half in
        half.isEmpty
            ? [] : half.split(separator: ":", omittingEmptySubsequences: false).map { UInt16($0, radix: 16) }
    }
    let given = groups.joined()
    let known = given.compactMap { $0 }
    guard known.count == given.count, halves.count == 2 ? known.count < 8 : known.count == 8 else { return nil }
    let tail = halves.count == 2 ? groups[1].compactMap { $0 } : []
    let head = groups[0].compactMap { $0 }
    let middle = [UInt16](repeating: 0, count: 8 - head.count - tail.count)
    return (head + middle + tail).flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
}

extension ApplicationCertificate {
    /// A certificate with those of its issuers behind it, as messages carry them back to back (Part 6, 6.2.6).
    /// - Throws: BadCertificateInvalid.
    public static func chain(_ bytes: [UInt8]) throws(OPCUAError) -> [ApplicationCertificate] {
        var chain: [ApplicationCertificate] = []
        var rest = bytes[...]
        while !rest.isEmpty, chain.count < 8 {
            guard let length = derLength(rest), length <= rest.count else {
                throw OPCUAError(.badCertificateInvalid, "the certificate is cut short")
            }
            chain.append(try ApplicationCertificate(der: Array(rest.prefix(length))))
            rest = rest.dropFirst(length)
        }
        guard !chain.isEmpty, rest.isEmpty else {
            throw OPCUAError(.badCertificateInvalid, "there is no certificate, or there are more than eight")
        }
        return chain
    }

    /// Bytes of the DER element at the front, its header included.
    private static func derLength(_ bytes: ArraySlice<UInt8>) -> Int? {
        let start = bytes.startIndex
        guard bytes.count >= 4, bytes[start] == 0x30 else { return nil }
        switch bytes[start + 1] {
        case 0...0x7F: return Int(bytes[start + 1]) + 2
        case 0x81: return Int(bytes[start + 2]) + 3
        case 0x82: return (Int(bytes[start + 2]) << 8 | Int(bytes[start + 3])) + 4
        default: return nil
        }
    }
}
