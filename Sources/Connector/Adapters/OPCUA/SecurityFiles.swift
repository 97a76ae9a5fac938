import ConnectorModel
import Foundation
import Logging
import OPCUAClient
import OPCUACore
import OPCUAPKI
import OPCUASecurity
import OPCUATypes

/// Makes the security of a connection from a source's settings and the PKI folder, and keeps what a server showed.
struct SecurityFiles {
    let settings: OPCUASourceSecurity
    let folder: PKIFolder
    let logger: Logger

    /// Days before its end at which the own certificate is made anew.
    private static let renewBeforeDays: Int64 = 30
    private static let dayMicroseconds: Int64 = 86_400_000_000
    private static let validDays: Int64 = 5 * 365

    /// - Parameter insists: makes an own certificate even where none was asked for, as the server offers nothing without.
    func security(insists: Bool) throws(SourceFailure) -> OPCUAClientSecurity {
        do throws(PKIError) {
            var trust = try folder.trustList()
            if let file = settings.serverCertificate {
                trust.trusted.append(try PKIFolder.certificate(at: URL(fileURLWithPath: file)))
            }
            let identity: UserIdentity =
                if let name = settings.username, let password = settings.password {
                    .userName(name, password: password)
                } else {
                    .anonymous
                }
            return OPCUAClientSecurity(
                policy: settings.policy, mode: settings.mode, allowsDeprecated: settings.allowDeprecated,
                credentials: try credentials(insists: insists), identity: identity, trust: trust)
        } catch {
            throw SourceFailure(.permanent, error.description)
        }
    }

    /// None only when it was configured, or when no credentials exist and none were asked for.
    private func credentials(insists: Bool) throws(PKIError) -> Credentials? {
        if let certificate = settings.certificate, let key = settings.privateKey {
            return try PKIFolder.credentials(
                certificate: URL(fileURLWithPath: certificate), key: URL(fileURLWithPath: key))
        }
        guard !settings.isNone, insists || settings.isWanted || folder.hasOwn else { return nil }
        let now = DateTime(utcMicroseconds: Int64(Date().timeIntervalSince1970 * 1e6))
        if let own = try folder.own() {
            let left = (own.certificate.notAfter.utcMicroseconds - now.utcMicroseconds) / Self.dayMicroseconds
            guard left < Self.renewBeforeDays, own.certificate.isSelfIssued else { return own }
            logger.warning(
                "the own OPC UA certificate ends in \(left) days and is made anew; let the servers trust the new one")
        }
        let made = try folder.createOwn(Self.request(now: now))
        logger.notice("made an own OPC UA certificate \(made.certificate.thumbprintText); let the servers trust it")
        return made
    }

    /// What the connector's own certificate says.
    static func request(now: DateTime) -> CertificateRequest {
        let host = ProcessInfo.processInfo.hostName
        return CertificateRequest(
            commonName: "Penstock", applicationURI: "urn:\(host):penstock", hosts: [host],
            notBefore: DateTime(utcMicroseconds: now.utcMicroseconds - dayMicroseconds),
            notAfter: DateTime(utcMicroseconds: now.utcMicroseconds + validDays * dayMicroseconds))
    }

    /// A connection failed over the server's certificate.
    /// - Returns: whether the certificate is trusted now, so that another try helps.
    func refused(_ error: OPCUAClientError) throws(SourceFailure) -> Bool {
        guard let certificate = error.refusedCertificate else { return false }
        do throws(PKIError) {
            let isUnknown = error.status == .badCertificateUntrusted
            let trusted = try folder.trustList().trusted
            if settings.trustOnFirstUse, isUnknown,
                !trusted.contains(where: { $0.applicationURI == certificate.applicationURI })
            {
                try folder.trust(certificate)
                logger.warning("trusts \(certificate.subject) \(certificate.thumbprintText) on first use")
                return true
            }
            try folder.keepRejected(certificate)
            return false
        } catch {
            throw SourceFailure(.permanent, error.description)
        }
    }
}
