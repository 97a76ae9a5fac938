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

    /// How often files are looked at for changes while a connection lasts.
    private static let lookInterval = Duration.seconds(2)

    /// - Parameter insists: makes an own certificate even where none was asked for, as the server offers nothing without.
    func security(insists: Bool) throws(SourceFailure) -> OPCUAClientSecurity {
        do throws(PKIError) {
            return OPCUAClientSecurity(
                policy: settings.policy, mode: settings.mode, allowsDeprecated: settings.allowDeprecated,
                credentials: try credentials(insists: insists), identity: try identity(), trust: try trust())
        } catch {
            throw SourceFailure(.permanent, error.description)
        }
    }

    private func trust() throws(PKIError) -> TrustList {
        var trust = try folder.trustList()
        trust.requiresRevocationLists = settings.requireCRL
        if let file = settings.serverCertificate {
            trust.pinned = try PKIFolder.certificate(at: URL(fileURLWithPath: file))
        }
        return trust
    }

    private func identity() throws(PKIError) -> UserIdentity {
        if let certificate = settings.userCertificate, let key = settings.userPrivateKey {
            return .certificate(
                try folder.credentials(
                    certificate: URL(fileURLWithPath: certificate), key: URL(fileURLWithPath: key)))
        }
        guard let name = settings.username, let password = settings.password else { return .anonymous }
        return .userName(name, password: password)
    }

    /// None only when it was configured, or when no credentials exist and none were asked for.
    private func credentials(insists: Bool) throws(PKIError) -> Credentials? {
        if let certificate = settings.certificate, let key = settings.privateKey {
            return try folder.credentials(
                certificate: URL(fileURLWithPath: certificate), key: URL(fileURLWithPath: key))
        }
        guard !settings.isNone, insists || settings.isWanted || folder.hasOwn else { return nil }
        // Renewing in time is the watch's, see `CertificateWatch`; one that has ended is of no use to anybody.
        let (own, outcome) = try folder.own(or: OwnCertificate.request(), renewBeforeDays: 0, now: .now)
        OwnCertificate.log(outcome, own, folder, to: logger)
        return own
    }

    /// Runs `body` until it ends, or until a file was changed so that its connection must be made anew.
    /// - Parameter used: what the connection was made with.
    /// - Throws: what `body` throws, or a transient `SourceFailure` that says what was changed.
    func whileUnchanged(
        _ used: OPCUAClientSecurity, _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await body() }
            group.addTask { try await untilChanged(used) }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Waits until a file was changed so that the connection must be made anew: another own certificate, or trust that
    /// was taken back. What is trusted besides disturbs no connection.
    private func untilChanged(_ used: OPCUAClientSecurity) async throws {
        var state = self.state
        while true {
            try await Task.sleep(for: Self.lookInterval)
            let now = self.state
            guard now != state else { continue }
            // A file that is just being written is looked at again with the next change.
            guard let trust = try? trust(), let own = try? currentOwn(used) else { continue }
            state = now
            if own != used.credentials?.certificate {
                throw SourceFailure(.transient, "the own certificate was changed; connecting anew with it")
            }
            if !trust.keeps(used.trust) {
                throw SourceFailure(.transient, "certificates are no longer trusted; connecting anew")
            }
        }
    }

    private func currentOwn(_ used: OPCUAClientSecurity) throws(PKIError) -> ApplicationCertificate? {
        if let file = settings.certificate { return try PKIFolder.certificate(at: URL(fileURLWithPath: file)) }
        return used.credentials == nil ? nil : try folder.own()?.certificate
    }

    private var state: [PKIFile.State] {
        let files = [settings.certificate, settings.privateKey, settings.serverCertificate].compactMap { $0 }
        return [folder.state, PKIFile.State(of: files.map { URL(fileURLWithPath: $0) })]
    }

    /// A connection failed over the server's certificate.
    /// - Returns: whether the certificate is trusted now, so that another try helps.
    func refused(_ error: OPCUAClientError) throws(SourceFailure) -> Bool {
        guard let certificate = error.refusedCertificate else { return false }
        do throws(PKIError) {
            let isUnknown = error.status == .badCertificateUntrusted || error.status == .badCertificateChainIncomplete
            let trusted = try folder.trustList().trusted
            if settings.trustOnFirstUse, isUnknown, settings.serverCertificate == nil,
                !trusted.contains(where: { $0.applicationURI == certificate.applicationURI })
            {
                try folder.trust(certificate)
                logger.warning("trusts \(certificate.subject) \(certificate.thumbprintText) on first use")
                return true
            }
            // What is trusted and refused for another reason, such as its end, needs no place among the unknown.
            if !trusted.contains(certificate) { try folder.keepRejected(certificate) }
            return false
        } catch {
            throw SourceFailure(.permanent, error.description)
        }
    }

    /// A failed connection in words; a command to give names the folder of this connector.
    func failure(_ error: OPCUAClientError) -> SourceFailure {
        var error = error
        if let thumbprint = error.refusedCertificate?.thumbprintText {
            let command = "penstock certificates trust \(thumbprint)"
            let state = folder.folder.deletingLastPathComponent().path
            error.message = error.message.replacing(command, with: "\(command) --state \(state)")
        }
        return SourceFailure(error)
    }
}

extension TrustList {
    /// Whether all that another list admitted is admitted still, and nothing more is revoked.
    func keeps(_ other: TrustList) -> Bool {
        Set(other.trusted).isSubset(of: trusted) && Set(other.issuers).isSubset(of: issuers)
            && Set(revocations) == Set(other.revocations) && pinned == other.pinned
    }
}

extension DateTime {
    /// The time of the system's clock.
    static var now: DateTime { DateTime(utcMicroseconds: Int64(Date().timeIntervalSince1970 * 1e6)) }
}
