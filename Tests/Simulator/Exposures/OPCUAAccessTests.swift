import Foundation
import OPCUAClient
import OPCUACore
import OPCUASecurity
import OPCUATypes
import SimulatorPlant
import Testing

@testable import SimulatorExposures

@Suite(.timeLimit(.minutes(1))) struct OPCUAAccessTests {
    /// The certificate is made on first use, strangers are refused until they are trusted, users need their password.
    @Test func aSecuredPlantKnowsItsClients() async throws {
        let folder = NSTemporaryDirectory() + "penstock-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let access = OPCUAAccess(
            policies: ["Basic256Sha256"], modes: ["SignAndEncrypt"], folder: folder, admitsAnonymous: false,
            users: [OPCUAAccess.User(name: "operator", password: "right")])
        let plant = try ManualPlant(.crushingLine(), sensors: 5)
        let exposure = OPCUAExposure(
            host: "127.0.0.1", port: 0, access: access, sensors: plant.sensors, feed: plant.feed, logger: plant.logger)
        let key = try RSAPrivateKey(bits: 2048)
        let own = try Credentials(
            CertificateRequest(
                commonName: "client", applicationURI: "urn:client", hosts: ["localhost"],
                notBefore: DateTime(utcMicroseconds: 1_500_000_000_000_000),
                notAfter: DateTime(utcMicroseconds: 4_000_000_000_000_000)), key: key, serialNumber: [1])
        try await plant.withSwitchboard([exposure]) { board in
            let url = try await board.start(.opcua)
            func connect(password: String) async throws {
                var configuration = OPCUAClientConfiguration(endpoint: try OPCUAEndpoint(url))
                configuration.applicationURI = "urn:client"
                configuration.security.credentials = own
                configuration.security.trust = TrustList(acceptsAll: true)
                configuration.security.identity = .userName("operator", password: password)
                try await OPCUAConnection.withConnection(configuration, receiver: OPCUAInbox()) { _ in }
            }
            await #expect(throws: OPCUAClientError.self) { try await connect(password: "right") }
            let manager = FileManager.default
            let rejected = try manager.contentsOfDirectory(atPath: folder + "/rejected")
            #expect(rejected.count == 1)
            #expect(manager.fileExists(atPath: folder + "/own/certificate.der"))
            try manager.createDirectory(atPath: folder + "/trusted", withIntermediateDirectories: true)
            try manager.moveItem(
                atPath: folder + "/rejected/" + rejected[0], toPath: folder + "/trusted/" + rejected[0])
            try await connect(password: "right")
            let wrong = await #expect(throws: OPCUAClientError.self) { try await connect(password: "wrong") }
            #expect(wrong?.status == .badUserAccessDenied)
        }
    }
}
