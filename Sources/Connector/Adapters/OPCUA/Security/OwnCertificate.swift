import Foundation
import Logging
import OPCUAPKI
import OPCUASecurity
import OPCUATypes

/// The connector's own certificate: what it says, and what is logged when it is made.
enum OwnCertificate {
    /// Five years.
    static let validDays = 5 * 365

    /// What it says unless somebody asked for something else. The ApplicationUri names host and program, as servers keep
    /// it beside the certificate.
    /// - Parameter now: it is valid from a day before, as clocks differ.
    static func request(
        hosts: [String] = [], applicationURI: String? = nil, days: Int = validDays, now: DateTime = .now
    ) -> CertificateRequest {
        let host = ProcessInfo.processInfo.hostName
        let day: Int64 = 86_400_000_000
        return CertificateRequest(
            commonName: "Penstock", applicationURI: applicationURI ?? "urn:\(host):penstock",
            hosts: hosts.isEmpty ? [host] : hosts, notBefore: DateTime(utcMicroseconds: now.utcMicroseconds - day),
            notAfter: DateTime(utcMicroseconds: now.utcMicroseconds + Int64(days) * day))
    }

    /// Says what a person must do at the servers.
    static func log(_ outcome: PKIFolder.OwnOutcome, _ own: Credentials, _ folder: PKIFolder, to logger: Logger) {
        let thumbprint = own.certificate.thumbprintText
        let file = folder.folder.path + "/own/certificate.der"
        switch outcome {
        case .kept: break
        case .made: logger.notice("made an own OPC UA certificate \(thumbprint) (\(file)); let the servers trust it")
        case .renewed(let left):
            let was = "the own OPC UA certificate had \(left) days left and was made anew"
            logger.warning("\(was): \(thumbprint) (\(file)); let the servers trust the new one")
        }
    }
}
