import Foundation
package import Logging
import OPCUAPKI
import OPCUASecurity
import OPCUATypes

/// Looks after the certificates of a running connector: renews its own in time, and warns before others end.
package struct CertificateWatch: Sendable {
    private let folder: PKIFolder
    private let sources: [OPCUASourceConfiguration]
    private let renewBeforeDays: Int
    private let logger: Logger

    /// - Parameters:
    ///   - sources: those whose own files are watched too.
    ///   - renewBeforeDays: days before its end at which the own self-signed certificate is made anew.
    package init(pkiFolder: String, sources: [OPCUASourceConfiguration], renewBeforeDays: Int, logger: Logger) {
        folder = PKIFolder(path: pkiFolder)
        self.sources = sources
        self.renewBeforeDays = renewBeforeDays
        self.logger = logger
    }

    /// Looks at once and then every hour, until the task is cancelled.
    package func run() async throws {
        for key in sources.compactMap(\.security.privateKey)
        where PKIFolder.isOpenToOthers(URL(fileURLWithPath: key)) {
            logger.warning("the private key \(key) can be read by others than its owner; chmod 600 it")
        }
        var expiry = ExpiryWatch()
        while true {
            for sentence in look(&expiry, now: .now) { logger.warning("\(sentence)") }
            try await Task.sleep(for: .seconds(3600))
        }
    }

    /// One look.
    /// - Returns: what to warn of. Files that cannot be read are for their sources to say.
    func look(_ expiry: inout ExpiryWatch, now: DateTime) -> [String] {
        var sentences: [String] = []
        if folder.hasOwn {
            do throws(PKIError) {
                let (own, outcome) = try folder.own(
                    or: OwnCertificate.request(now: now), renewBeforeDays: renewBeforeDays, now: now)
                OwnCertificate.log(outcome, own, folder, to: logger)
            } catch {
                sentences.append(error.description)
            }
        }
        return sentences + expiry.check(certificates, now: now)
    }

    private var certificates: [(owner: String, certificate: ApplicationCertificate)] {
        let words: [(PKIFolder.Store, String)] = [
            (.own, "the own certificate"), (.trusted, "the trusted certificate"),
            (.issuers, "the issuer's certificate"),
        ]
        let kept = words.flatMap { store, words in
            folder.readableEntries(store).entries.map { (owner: words, certificate: $0.certificate) }
        }
        let configured = sources.flatMap { source in
            [
                ("certificate", source.security.certificate),
                ("server_certificate", source.security.serverCertificate),
                ("user_certificate", source.security.userCertificate),
            ].compactMap { key, file in
                file.flatMap { try? PKIFolder.certificate(at: URL(fileURLWithPath: $0)) }
                    .map { (owner: "the \(key) of the source \(source.name)", certificate: $0) }
            }
        }
        return kept + configured
    }
}
