public import OPCUATypes
import SwiftASN1
import X509

/// What goes into a certificate that is made here.
public struct CertificateRequest: Sendable {
    public var commonName: String
    public var organization: String
    /// For the subject alternative name; must be what the application says of itself.
    public var applicationURI: String
    /// DNS names and addresses of the host.
    public var hosts: [String]
    public var notBefore: DateTime
    public var notAfter: DateTime
    /// True for a certificate that signs others.
    public var isAuthority: Bool

    public init(
        commonName: String, organization: String = "Penstock", applicationURI: String, hosts: [String],
        notBefore: DateTime, notAfter: DateTime, isAuthority: Bool = false
    ) {
        self.commonName = commonName
        self.organization = organization
        self.applicationURI = applicationURI
        self.hosts = hosts
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.isAuthority = isAuthority
    }
}

extension Credentials {
    /// Makes a certificate (Part 6, 6.2.2), self-signed or signed by an authority.
    /// - Parameter serialNumber: random bytes, at most 20.
    public init(
        _ request: CertificateRequest, key: RSAPrivateKey, signedBy authority: Credentials? = nil,
        serialNumber: [UInt8]
    ) throws {
        try self.init(
            request, Self.extensions(request), key: key, signedBy: authority, serialNumber: serialNumber)
    }

    /// With any extensions; for tests of those who read certificates.
    init(
        _ request: CertificateRequest, _ extensions: [Certificate.Extension], key: RSAPrivateKey,
        signedBy authority: Credentials?, serialNumber: [UInt8]
    ) throws {
        let subject = try DistinguishedName {
            CommonName(request.commonName)
            OrganizationName(request.organization)
        }
        var toBeSigned = DER.Serializer()
        try toBeSigned.appendConstructedNode(identifier: .sequence) { fields throws in
            fields.appendConstructedNode(identifier: ASN1Identifier(tagWithNumber: 0, tagClass: .contextSpecific)) {
                $0.appendPrimitiveNode(identifier: .integer) { $0.append(2) }
            }
            // Positive and without a leading zero byte.
            let serial = [0x40 | ((serialNumber.first ?? 1) & 0x3F)] + serialNumber.dropFirst().prefix(19)
            fields.appendPrimitiveNode(identifier: .integer) { $0 += serial }
            try fields.appendSHA256WithRSA()
            try fields.serialize(authority?.certificate.form.subject ?? subject)
            try fields.appendConstructedNode(identifier: .sequence) {
                try $0.append(request.notBefore)
                try $0.append(request.notAfter)
            }
            try fields.serialize(subject)
            fields.serializeRawBytes(key.publicKey.spki)
            try fields.appendConstructedNode(identifier: ASN1Identifier(tagWithNumber: 3, tagClass: .contextSpecific)) {
                try $0.appendConstructedNode(identifier: .sequence) { list throws in
                    for entry in extensions { try list.append(entry) }
                }
            }
        }
        let signer = authority?.privateKey ?? key
        let signature = try signer.sign(toBeSigned.serializedBytes, .pkcs1SHA256)
        var whole = DER.Serializer()
        try whole.appendConstructedNode(identifier: .sequence) {
            $0.serializeRawBytes(toBeSigned.serializedBytes)
            try $0.appendSHA256WithRSA()
            try $0.serialize(ASN1BitString(bytes: signature[...]))
        }
        try self.init(
            certificate: ApplicationCertificate(der: whole.serializedBytes),
            issuers: authority.map { [$0.certificate] + $0.issuers } ?? [], privateKey: key)
    }

    static func extensions(_ request: CertificateRequest) throws -> [Certificate.Extension] {
        let names =
            [GeneralName.uniformResourceIdentifier(request.applicationURI)]
            + request.hosts.map { host in
                addressBytes(host).map { .ipAddress(ASN1OctetString(contentBytes: $0[...])) } ?? .dnsName(host)
            }
        if request.isAuthority {
            return [
                try Certificate.Extension(
                    BasicConstraints.isCertificateAuthority(maxPathLength: nil), critical: true),
                try Certificate.Extension(KeyUsage(keyCertSign: true, cRLSign: true), critical: true),
            ]
        }
        return [
            try Certificate.Extension(BasicConstraints.notCertificateAuthority, critical: true),
            // keyCertSign, because a self-signed certificate signs one: itself (Part 6, 6.2.2).
            try Certificate.Extension(
                KeyUsage(
                    digitalSignature: true, nonRepudiation: true, keyEncipherment: true, dataEncipherment: true,
                    keyCertSign: true), critical: true),
            try Certificate.Extension(try ExtendedKeyUsage([.serverAuth, .clientAuth]), critical: false),
            try Certificate.Extension(SubjectAlternativeNames(names), critical: false),
        ]
    }
}

extension DER.Serializer {
    mutating func appendSHA256WithRSA() throws {
        try appendConstructedNode(identifier: .sequence) {
            let oid: ASN1ObjectIdentifier = [1, 2, 840, 113549, 1, 1, 11]
            try $0.serialize(oid)
            try $0.serialize(ASN1Null())
        }
    }

    mutating func append(_ entry: Certificate.Extension) throws {
        try appendConstructedNode(identifier: .sequence) {
            try $0.serialize(entry.oid)
            if entry.critical { try $0.serialize(true) }
            try $0.serialize(ASN1OctetString(contentBytes: entry.value))
        }
    }

    /// UTCTime until 2049, GeneralizedTime after (RFC 5280, 4.1.2.5).
    mutating func append(_ time: DateTime) throws {
        let (year, month, day, hour, minute, second) = time.calendar
        if (1950..<2050).contains(year) {
            try serialize(
                UTCTime(year: year, month: month, day: day, hours: hour, minutes: minute, seconds: second))
        } else {
            try serialize(
                GeneralizedTime(
                    year: year, month: month, day: day, hours: hour, minutes: minute, seconds: second,
                    fractionalSeconds: 0))
        }
    }
}
