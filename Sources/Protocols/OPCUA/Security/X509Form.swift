public import OPCUATypes
import SwiftASN1
import X509

// Certificates are read with SwiftASN1 and only their names and extensions with X509: X509 refuses keys below 2048
// bits, which the deprecated policies have, and knows no revocation lists.

/// The parts of an X.509 certificate (RFC 5280, 4.1) that are looked at.
struct CertificateForm: Hashable, Sendable {
    /// The signed bytes.
    var toBeSigned: [UInt8]
    var signatureHash: CertificateHash?
    var signature: [UInt8]
    /// Big-endian, as it stands in the certificate.
    var serialNumber: [UInt8]
    var issuer: DistinguishedName
    var subject: DistinguishedName
    var notBefore: DateTime
    var notAfter: DateTime
    /// SubjectPublicKeyInfo in DER.
    var publicKey: [UInt8]
    var extensions: [Certificate.Extension]

    init(_ der: [UInt8]) throws {
        let outer = try children(of: DER.parse(der))
        guard outer.count == 3 else { throw ASN1Failure() }
        toBeSigned = Array(outer[0].encodedBytes)
        signatureHash = try CertificateHash(outer[1])
        signature = Array(try ASN1BitString(derEncoded: outer[2]).bytes)

        var fields = try children(of: outer[0])[...]
        // Version is optional: without it the certificate is of version 1.
        if fields.first?.identifier == context(0) { fields = fields.dropFirst() }
        guard fields.count >= 6 else { throw ASN1Failure() }
        let first = fields.startIndex
        serialNumber = try integerBytes(fields[first])
        issuer = try DistinguishedName(derEncoded: fields[first + 2])
        let validity = try children(of: fields[first + 3])
        guard validity.count == 2 else { throw ASN1Failure() }
        notBefore = try time(validity[0])
        notAfter = try time(validity[1])
        subject = try DistinguishedName(derEncoded: fields[first + 4])
        publicKey = Array(fields[first + 5].encodedBytes)
        extensions = []
        for field in fields[(first + 6)...] where field.identifier == context(3) {
            guard let list = try children(of: field).first else { throw ASN1Failure() }
            extensions = try children(of: list).map(extensionForm)
        }
    }
}

/// A revocation list (RFC 5280, 5.1).
struct RevocationForm: Hashable, Sendable {
    var toBeSigned: [UInt8]
    var signatureHash: CertificateHash?
    var signature: [UInt8]
    var issuer: DistinguishedName
    var thisUpdate: DateTime
    var nextUpdate: DateTime?
    /// Serial numbers, big-endian.
    var revoked: Set<[UInt8]>
    /// Has a critical extension, such as that it lists some certificates only: what it does not name may be revoked too.
    var isPartial: Bool

    init(_ der: [UInt8]) throws {
        let outer = try children(of: DER.parse(der))
        guard outer.count == 3 else { throw ASN1Failure() }
        toBeSigned = Array(outer[0].encodedBytes)
        signatureHash = try CertificateHash(outer[1])
        signature = Array(try ASN1BitString(derEncoded: outer[2]).bytes)

        var fields = try children(of: outer[0])[...]
        if fields.first?.identifier == .integer { fields = fields.dropFirst() }
        guard fields.count >= 3 else { throw ASN1Failure() }
        fields = fields.dropFirst()
        issuer = try DistinguishedName(derEncoded: fields[fields.startIndex])
        thisUpdate = try time(fields[fields.startIndex + 1])
        fields = fields.dropFirst(2)
        if let field = fields.first, field.identifier == .utcTime || field.identifier == .generalizedTime {
            nextUpdate = try time(field)
            fields = fields.dropFirst()
        }
        revoked = []
        if let list = fields.first, list.identifier == .sequence {
            for entry in try children(of: list) {
                guard let serial = try children(of: entry).first else { throw ASN1Failure() }
                revoked.insert(try integerBytes(serial))
            }
            fields = fields.dropFirst()
        }
        isPartial = false
        if let field = fields.first, field.identifier == context(0) {
            guard let list = try children(of: field).first else { throw ASN1Failure() }
            isPartial = try children(of: list).map(extensionForm).contains(where: \.critical)
        }
    }
}

/// Bytes that are no certificate.
struct ASN1Failure: Error {}

private func context(_ number: UInt) -> ASN1Identifier {
    ASN1Identifier(tagWithNumber: number, tagClass: .contextSpecific)
}

private func children(of node: ASN1Node) throws -> [ASN1Node] {
    guard case .constructed(let nodes) = node.content else { throw ASN1Failure() }
    return Array(nodes)
}

private func integerBytes(_ node: ASN1Node) throws -> [UInt8] {
    guard node.identifier == .integer, case .primitive(let bytes) = node.content else { throw ASN1Failure() }
    return Array(bytes)
}

private func extensionForm(_ node: ASN1Node) throws -> Certificate.Extension {
    let fields = try children(of: node)
    guard let first = fields.first, let last = fields.last, fields.count == 2 || fields.count == 3 else {
        throw ASN1Failure()
    }
    let critical = fields.count == 3 ? try Bool(derEncoded: fields[1]) : false
    return Certificate.Extension(
        oid: try ASN1ObjectIdentifier(derEncoded: first), critical: critical,
        value: try ASN1OctetString(derEncoded: last).bytes)
}

extension CertificateHash {
    /// Algorithms with RSA keys and PKCS #1 v1.5 signatures; nil for another.
    init?(_ algorithm: ASN1Node) throws {
        guard let node = try children(of: algorithm).first else { throw ASN1Failure() }
        switch try ASN1ObjectIdentifier(derEncoded: node) {
        case [1, 2, 840, 113549, 1, 1, 5]: self = .sha1
        case [1, 2, 840, 113549, 1, 1, 11]: self = .sha256
        case [1, 2, 840, 113549, 1, 1, 12]: self = .sha384
        case [1, 2, 840, 113549, 1, 1, 13]: self = .sha512
        default: return nil
        }
    }
}

private func time(_ node: ASN1Node) throws -> DateTime {
    if node.identifier == .utcTime {
        let time = try UTCTime(derEncoded: node)
        return DateTime(
            year: time.year, month: time.month, day: time.day, hour: time.hours, minute: time.minutes,
            second: time.seconds)
    }
    let time = try GeneralizedTime(derEncoded: node)
    return DateTime(
        year: time.year, month: time.month, day: time.day, hour: time.hours, minute: time.minutes, second: time.seconds)
}

extension DateTime {
    /// A time of the Gregorian calendar in UTC.
    init(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) {
        // Days since 1970-01-01 by counting years from March on, so that the leap day comes last.
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted >= 0 ? shifted / 400 : (shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let days = era * 146_097 + dayOfEra - 719_468
        let seconds = days * 86_400 + hour * 3600 + minute * 60 + second
        self.init(utcMicroseconds: Int64(seconds) * 1_000_000)
    }

    /// Year, month, day, hour, minute and second in UTC.
    var calendar: (year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) {
        let seconds = Int(utcMicroseconds / 1_000_000)
        let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let rest = seconds - days * 86_400
        let shifted = days + 719_468
        let era = shifted >= 0 ? shifted / 146_097 : (shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1,
            rest / 3600, rest / 60 % 60, rest % 60
        )
    }

    /// `2026-11-21`.
    public var dateText: String {
        let (year, month, day, _, _, _) = calendar
        return "\(year)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)"
    }
}
