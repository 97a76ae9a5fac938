public import OPCUATypes
import SwiftASN1

extension ApplicationCertificate {
    /// A certificate with those of its issuers behind it, as files hold them.
    /// - Parameter bytes: PEM with one or more certificates in it, or DER back to back.
    /// - Throws: BadCertificateInvalid.
    public static func chain(pemOrDER bytes: [UInt8]) throws(OPCUAError) -> [ApplicationCertificate] {
        guard !isDER(bytes) else { return try chain(bytes) }
        let text = String(decoding: bytes, as: UTF8.self)
        guard let documents = try? PEMDocument.parseMultiple(pemString: text), !documents.isEmpty else {
            throw OPCUAError(.badCertificateInvalid, "the file is neither PEM nor DER")
        }
        let found = documents.filter { $0.discriminator == "CERTIFICATE" }
        guard !found.isEmpty, found.count <= maxChain else {
            throw OPCUAError(
                .badCertificateInvalid,
                found.isEmpty
                    ? "the file holds no certificate, but \(documents.map(\.discriminator).joined(separator: ", "))"
                    : "the file holds more than \(maxChain) certificates")
        }
        var chain: [ApplicationCertificate] = []
        for document in found { chain.append(try ApplicationCertificate(der: document.derBytes)) }
        return chain
    }

    /// Longest chain that is looked at.
    static let maxChain = 8

    /// Whether bytes begin as DER of a certificate or a list; text is taken for PEM.
    static func isDER(_ bytes: [UInt8]) -> Bool { bytes.first == 0x30 && !bytes.starts(with: Array("0-".utf8)) }

    /// A certificate with those of its issuers behind it, as messages carry them back to back (Part 6, 6.2.6).
    /// - Throws: BadCertificateInvalid.
    public static func chain(_ bytes: [UInt8]) throws(OPCUAError) -> [ApplicationCertificate] {
        var chain: [ApplicationCertificate] = []
        var rest = bytes[...]
        while !rest.isEmpty, chain.count < maxChain {
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
