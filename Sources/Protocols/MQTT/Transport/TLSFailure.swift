import Glibc
package import NIOSSL
import SwiftASN1
import X509

/// Why two ends do not agree on TLS, told from what the library reports and from the certificate that came.
package struct TLSFailure: Equatable, Sendable {
    package enum Kind: Equatable, Sendable {
        case expired
        case notYetValid
        case selfSigned
        case unknownAuthority
        case wrongName
        /// The broker wants a certificate of the client and got none.
        case clientCertificateWanted
        /// The broker got a certificate of the client and does not accept it.
        case clientCertificateRefused
        case version
        /// The other side does not speak TLS.
        case noTLS
        case other
    }

    package var kind: Kind
    /// What was found and what to do, as a phrase that follows the name of the broker.
    package var sentence: String

    /// Nil when the failure has nothing to do with TLS.
    ///
    /// - Parameters:
    ///   - peer: the certificate that the broker showed, where it came so far.
    ///   - hasCertificate: whether the client has a certificate of its own.
    ///   - seconds: since 1970.
    package init?(_ error: any Error, peer: NIOSSLCertificate?, hasCertificate: Bool, now seconds: Int) {
        let text = String(describing: error)
        if let error = error as? NIOSSLExtraError, error == .failedToValidateHostname {
            let names = peer.map(Self.names) ?? []
            self.init(
                .wrongName,
                "shows a certificate for another name (\(names.joined(separator: ", "))): use one of these "
                    + "as the host of the endpoint, or have the certificate made for the name that is used")
        } else if text.contains("CERTIFICATE_VERIFY_FAILED") {
            self = peer.map { Self.judge($0, seconds) } ?? Self.unknownAuthority(nil)
        } else if let kind = Self.alert(text, hasCertificate) {
            self = kind
        } else if text.contains("WRONG_VERSION_NUMBER") || text.contains("HTTP_REQUEST") {
            self.init(.noTLS, "does not speak TLS on this port: check the port, or use an endpoint without TLS")
        } else if error is NIOSSLError || error is BoringSSLError || error is NIOSSLExtraError {
            if text.contains("uncleanShutdown") { return nil }
            self.init(.other, "does not agree on TLS: \(text)")
        } else {
            return nil
        }
    }

    private init(_ kind: Kind, _ sentence: String) {
        self.kind = kind
        self.sentence = sentence
    }

    /// What the other side said before it hung up (RFC 8446 section 6.2).
    private static func alert(_ text: String, _ hasCertificate: Bool) -> TLSFailure? {
        guard text.contains("ALERT") || text.contains("UNSUPPORTED_PROTOCOL") else { return nil }
        if text.contains("PROTOCOL_VERSION") || text.contains("UNSUPPORTED_PROTOCOL") {
            return TLSFailure(
                .version, "speaks no version of TLS that is allowed here: check tls.min_version and the broker's")
        }
        let wanted = TLSFailure(
            .clientCertificateWanted,
            "wants a certificate of the client: set tls.certificate and tls.private_key")
        if text.contains("CERTIFICATE_REQUIRED") { return wanted }
        let complaints = [
            "HANDSHAKE_FAILURE", "BAD_CERTIFICATE", "UNKNOWN_CA", "CERTIFICATE_EXPIRED", "CERTIFICATE_UNKNOWN",
            "CERTIFICATE_REVOKED", "UNSUPPORTED_CERTIFICATE", "ACCESS_DENIED",
        ]
        guard let complaint = complaints.first(where: { text.contains($0) }) else { return nil }
        if !hasCertificate { return wanted }
        return TLSFailure(
            .clientCertificateRefused,
            "does not accept the certificate in tls.certificate (\(complaint)): it must be valid and signed by an "
                + "authority that the broker knows")
    }

    private static func judge(_ peer: NIOSSLCertificate, _ now: Int) -> TLSFailure {
        if now > peer.notValidAfter {
            return TLSFailure(
                .expired,
                "shows a certificate that expired on \(day(peer.notValidAfter)): have it renewed at the broker")
        }
        if now < peer.notValidBefore {
            return TLSFailure(
                .notYetValid,
                "shows a certificate that is valid only from \(day(peer.notValidBefore)): check the clocks of both sides"
            )
        }
        guard let certificate = parsed(peer) else { return unknownAuthority(nil) }
        if certificate.issuer == certificate.subject {
            return TLSFailure(
                .selfSigned,
                "shows a certificate that it signed itself: put that certificate into tls.ca to trust it")
        }
        return unknownAuthority(String(describing: certificate.issuer))
    }

    private static func unknownAuthority(_ issuer: String?) -> TLSFailure {
        TLSFailure(
            .unknownAuthority,
            "shows a certificate of an authority that is not trusted\(issuer.map { " (\($0))" } ?? ""): put the "
                + "authority's certificate into tls.ca")
    }

    private static func parsed(_ certificate: NIOSSLCertificate) -> Certificate? {
        guard let bytes = try? certificate.toDERBytes() else { return nil }
        return try? Certificate(derEncoded: bytes)
    }

    /// The names that a certificate is made for.
    private static func names(_ certificate: NIOSSLCertificate) -> [String] {
        guard let parsed = parsed(certificate), let names = try? parsed.extensions.subjectAlternativeNames else {
            return ["none"]
        }
        return names.compactMap { name in
            switch name {
            case .dnsName(let text): text
            case .ipAddress(let bytes) where bytes.bytes.count == 4: bytes.bytes.map(String.init).joined(separator: ".")
            default: nil
            }
        }
    }

    private static func day(_ seconds: time_t) -> String {
        var (seconds, parts) = (seconds, tm())
        gmtime_r(&seconds, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
    }
}
