import Foundation
import Logging
import OPCUACore
import OPCUAPKI
import OPCUASecurity
import OPCUAServer
import OPCUATypes

/// How the simulator's OPC UA server is protected and whom it lets in: `opcua.security` and `opcua.users`.
package struct OPCUAAccess: Equatable, Sendable {
    /// A user with a password.
    package struct User: Equatable, Sendable {
        package var name: String
        package var password: String

        package init(name: String, password: String) {
            self.name = name
            self.password = password
        }
    }

    /// Names of security policies; `None` is one of them.
    package var policies: [String]
    /// Names of modes, for the policies other than None.
    package var modes: [String]
    /// Where certificates lie: `own/`, `trusted/`, `issuers/`, `crl/`, `rejected/`.
    package var folder: String
    /// Whether every client certificate is accepted; else those in `trusted/` are.
    package var trustsAll: Bool
    package var admitsAnonymous: Bool
    package var users: [User]

    package init(
        policies: [String] = ["None"], modes: [String] = ["Sign", "SignAndEncrypt"], folder: String = "simulator-pki",
        trustsAll: Bool = false, admitsAnonymous: Bool = true, users: [User] = []
    ) {
        self.policies = policies
        self.modes = modes
        self.folder = folder
        self.trustsAll = trustsAll
        self.admitsAnonymous = admitsAnonymous
        self.users = users
    }

    /// Every policy that there is a word for, in the order of their strength.
    package static var policyNames: [String] { SecurityPolicy.allCases.map(\.name) }
    package static let modeNames = ["Sign", "SignAndEncrypt"]

    /// What the server is to do; makes its certificate when it needs one and has none.
    /// - Throws: ``ExposureError`` when the folder cannot be used.
    func security(host: String, logger: Logger) throws(ExposureError) -> ServerSecurity {
        let named = policies.compactMap { SecurityPolicy(named: $0) }
        let offers = named.flatMap { policy -> [OfferedSecurity] in
            policy == .none
                ? [.none]
                : modes.map { OfferedSecurity(policy, $0 == "Sign" ? .sign : .signAndEncrypt) }
        }
        // A password is encrypted with the certificate's key even where nothing else is.
        let needsCertificate = named.contains { $0 != .none } || !users.isEmpty
        let pki = PKIFolder(path: folder)
        var security = ServerSecurity(
            offers: offers, credentials: needsCertificate ? try credentials(pki, host: host, logger: logger) : nil,
            trust: trust(pki, logger), admitsAnonymous: admitsAnonymous,
            refused: { certificate in
                do throws(PKIError) {
                    guard try pki.keepRejected(certificate) else { return }
                    logger.error("refused \(certificate.subject); to trust it, move it to \(folder)/trusted")
                } catch {
                    logger.error("\(error)")
                }
            })
        if !users.isEmpty {
            let passwords = Dictionary(users.map { ($0.name, $0.password) }) { first, _ in first }
            security.authenticate = { name, password in passwords[name] == password }
        }
        return security
    }

    private func trust(_ pki: PKIFolder, _ logger: Logger) -> @Sendable () -> TrustList {
        guard !trustsAll else { return { TrustList(acceptsAll: true) } }
        return {
            do throws(PKIError) {
                return try pki.trustList()
            } catch {
                // A list with holes would admit what it should not: nobody is trusted until it is mended.
                logger.error("\(error)")
                return TrustList()
            }
        }
    }

    private func credentials(
        _ pki: PKIFolder, host: String, logger: Logger
    ) throws(ExposureError) -> Credentials {
        do throws(PKIError) {
            if let own = try pki.own() { return own }
            let name = ProcessInfo.processInfo.hostName
            let hosts = [name, "localhost", "127.0.0.1"] + (["0.0.0.0", "::"].contains(host) ? [] : [host])
            let now = Int64(Date().timeIntervalSince1970 * 1_000_000)
            let day: Int64 = 86_400_000_000
            let made = try pki.createOwn(
                CertificateRequest(
                    commonName: "OT Data Simulator", applicationURI: PlantAddressSpace.applicationURI,
                    hosts: hosts.reduce(into: []) { if !$0.contains($1) { $0.append($1) } },
                    notBefore: DateTime(utcMicroseconds: now - day),
                    notAfter: DateTime(utcMicroseconds: now + 3650 * day)))
            logger.notice("made a certificate for the OPC UA server in \(folder)/own")
            return made
        } catch {
            throw ExposureError(message: "OPC UA cannot use the folder of certificates \(folder): \(error)")
        }
    }
}
