import ConnectorModel
import Foundation
import OPCUACore
import OPCUAPKI
import OPCUASecurity
import OPCUAServer
import OPCUATypes
import TestKit

@testable import OPCUAAdapter

/// A secured server of ours beside a PKI folder of a connector, in a folder that goes with it.
final class OPCUASecuredSite: Sendable {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("site-\(UUID().uuidString)").path
    var pki: String { path + "/pki" }
    var folder: PKIFolder { PKIFolder(path: pki) }

    private static let keys = Result { (try RSAPrivateKey(bits: 2048), try RSAPrivateKey(bits: 2048)) }

    init() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// A certificate that is made with the servers' key, or another.
    static func credentials(
        _ name: String = "test", uri: String? = nil, hosts: [String] = ["127.0.0.1"], ended: Bool = false,
        isAuthority: Bool = false, signedBy authority: Credentials? = nil, ofServer: Bool = true
    ) throws -> Credentials {
        let now = DateTime.now.utcMicroseconds
        let day: Int64 = 86_400_000_000
        let (server, other) = try keys.get()
        return try Credentials(
            CertificateRequest(
                commonName: name, applicationURI: uri ?? "urn:\(name)", hosts: hosts,
                notBefore: DateTime(utcMicroseconds: now - 9 * day),
                notAfter: DateTime(utcMicroseconds: now + (ended ? -day : 9 * day)), isAuthority: isAuthority),
            key: ofServer ? server : other, signedBy: authority, serialNumber: Array(name.utf8.prefix(9)))
    }

    /// Runs a server that trusts every client, with changes.
    static func serve(
        _ credentials: Credentials?, offers: [OfferedSecurity]? = nil,
        _ change: @escaping (inout ServerSecurity) -> Void = { _ in },
        _ body: @escaping @Sendable (_ port: Int) async throws -> Void
    ) async throws {
        let plant = try OPCUATestPlant(tags: 1) { configuration in
            configuration.security = ServerSecurity(
                offers: offers ?? ServerSecurity.offers(includingNone: credentials == nil), credentials: credentials,
                trust: { TrustList(acceptsAll: true) })
            if credentials == nil { configuration.security.offers = [.none] }
            change(&configuration.security)
        }
        try await plant.serve(body)
    }

    func source(_ port: Int, _ security: OPCUASourceSecurity) throws -> OPCUASource {
        OPCUASource(
            try OPCUASourceConfiguration(
                name: "s", endpoint: "opc.tcp://127.0.0.1:\(port)/x",
                reading: TagReading(publishingInterval: .milliseconds(10)), security: security), pkiFolder: pki,
            logger: OPCUATestPlant.logger)
    }

    /// Runs a source until it fails.
    /// - Returns: why.
    func failure(_ port: Int, _ security: OPCUASourceSecurity) async throws -> SourceFailure {
        let source = try source(port, security)
        do {
            try await source.run(Intake(source: source.identity, layout: .rawEvents, sink: MQTTFakeSink()))
        } catch let failure as SourceFailure {
            return failure
        }
        return SourceFailure(.transient, "it ended without a failure")
    }

    /// Runs a source until it is connected, and then `body`.
    /// - Throws: `SourceFailure` when it fails first.
    func connected(
        _ port: Int, _ security: OPCUASourceSecurity, _ body: @escaping @Sendable () async throws -> Void = {}
    ) async throws {
        let source = try source(port, security)
        let intake = Intake(source: source.identity, layout: .rawEvents, sink: MQTTFakeSink())
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await source.run(intake) }
            group.addTask {
                while intake.snapshot().connectedSince == nil { try await Task.sleep(for: .milliseconds(5)) }
                try await body()
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Writes a certificate and its key.
    func write(_ credentials: Credentials, as name: String) throws -> (certificate: String, key: String) {
        let (certificate, key) = ("\(path)/\(name).der", "\(path)/\(name).pem")
        try Data(credentials.certificate.der).write(to: URL(fileURLWithPath: certificate))
        try Data(credentials.privateKey.pem.utf8).write(to: URL(fileURLWithPath: key))
        return (certificate, key)
    }
}
