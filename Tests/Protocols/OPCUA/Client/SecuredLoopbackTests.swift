import NIOCore
import OPCUAClient
import OPCUACore
import OPCUASecurity
import OPCUAServer
import OPCUATypes
import Synchronization
import Testing

/// Our client and our server with every policy, mode and identity, and with keys and chains of all sizes.
@Suite(.timeLimit(.minutes(1))) struct SecuredLoopbackTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var policy: SecurityPolicy
        var mode: MessageSecurityMode
        var identity: String

        var testDescription: String { "\(policy.name) \(mode.words) \(identity)" }

        static let all = SecurityPolicy.allCases.flatMap { policy in
            (policy == .none ? [.none] : [.sign, .signAndEncrypt] as [MessageSecurityMode]).flatMap { mode in
                ["anonymous", "user", "certificate"].map { Case(policy: policy, mode: mode, identity: $0) }
            }
        }
    }

    private func connect(
        _ port: Int, _ security: OPCUAClientSecurity
    ) async throws {
        let settings = try configuration(port) { $0.security = security }
        let collector = Collector()
        try await OPCUAConnection.withConnection(settings, receiver: collector) { connection in
            let limits = try await connection.operationLimits()
            let read = try await connection.read([(Plant.node(0), .value)], limits: limits)
            #expect(read.first?.value == .double(0))
            let subscription = try await connection.createSubscription(subscriptionRequest()).subscriptionId
            _ = try await connection.createMonitoredItems(items(1), in: subscription, limits: limits)
            for await message in collector.messages where !message.samples.isEmpty { break }
        }
    }

    @Test(arguments: Case.all)
    func everyPolicyModeAndIdentityComesThrough(test: Case) async throws {
        let people = try SecuredPeople.made.get()
        let plant = try Plant(variables: 1) { $0.security = people.server() }
        try await plant.serve { port in
            let identity: UserIdentity =
                switch test.identity {
                case "user": .userName("operator", password: "geheim")
                case "certificate": .certificate(people.user)
                default: .anonymous
                }
            for format in test.identity == "user" ? [PasswordSecret.Format.legacy, .rsaEncryptedSecret] : [.legacy] {
                try await connect(
                    port, people.client(test.policy, test.mode, identity) { $0.passwordFormat = format })
            }
        }
    }

    /// A user's secret that cannot be read is answered as a wrong password is, after the same question.
    @Test func wrongPasswordsAndUsersAreRefused() async throws {
        let people = try SecuredPeople.made.get()
        let plant = try Plant(variables: 1) { $0.security = people.server() }
        try await plant.serve { port in
            for (policy, mode) in [(.none, .none), (.basic256Sha256, .sign)] as [(SecurityPolicy, MessageSecurityMode)]
            {
                let error = await #expect(throws: OPCUAClientError.self) {
                    try await connect(
                        port, people.client(policy, mode, .userName("operator", password: "falsch")))
                }
                #expect(error?.status == .badUserAccessDenied)
                #expect(error?.message.contains("refused the user operator; check username and password") ?? false)
                // A certificate that the server does not know as a user's.
                let unknown = await #expect(throws: OPCUAClientError.self) {
                    try await connect(port, people.client(policy, mode, .certificate(people.client)))
                }
                #expect(unknown?.message.contains("let the server trust it") ?? false)
            }
        }
    }

    /// Chunk sizes, padding of one and of two bytes, and certificates of all sizes.
    @Test(arguments: [(2048, 3072), (3072, 2048), (2048, 4096), (4096, 2048), (3072, 4096), (4096, 4096)])
    func keysOfAllSizesMeet(client: Int, server: Int) async throws {
        let people = try SecuredPeople(
            client: SecuredPeople.credentials("client", bits: client),
            server: SecuredPeople.credentials("server", bits: server))
        let plant = try Plant(variables: 1) { $0.security = people.server() }
        try await plant.serve { port in
            for policy in [SecurityPolicy.basic256Sha256, .aes256Sha256RsaPss] {
                try await connect(
                    port, people.client(policy, .signAndEncrypt, .userName("operator", password: "geheim")))
            }
        }
    }

    /// Each side trusts the other's root only: what stands between comes over the wire.
    @Test func chainsTravelWithTheCertificate() async throws {
        func chained(_ name: String) throws -> (leaf: Credentials, root: ApplicationCertificate) {
            let root = try SecuredPeople.credentials("\(name)-root", isAuthority: true)
            let middle = try SecuredPeople.credentials("\(name)-middle", isAuthority: true, signedBy: root)
            var leaf = try SecuredPeople.credentials(name, signedBy: middle)
            // The root need not be sent.
            leaf.issuers.removeLast()
            return (leaf, root.certificate)
        }
        let (client, clientRoot) = try chained("client")
        let (server, serverRoot) = try chained("server")
        let people = try SecuredPeople(client: client, server: server)
        let plant = try Plant(variables: 1) { configuration in
            configuration.security = people.server { $0.trust = { TrustList(trusted: [clientRoot]) } }
        }
        try await plant.serve { port in
            for policy in [SecurityPolicy.basic256Sha256, .aes128Sha256RsaOaep] {
                let security = people.client(policy, .signAndEncrypt, .userName("operator", password: "geheim")) {
                    $0.trust = TrustList(trusted: [serverRoot])
                }
                try await connect(port, security)
                var alone = security
                alone.credentials?.issuers = []
                await #expect(throws: OPCUAClientError.self) { try await connect(port, alone) }
            }
        }
    }

    /// The server asks its trust list at each connection, and hands over what it refused.
    @Test func aClientRefusedIsTrustedLater() async throws {
        let people = try SecuredPeople.made.get()
        let trusted = Shared(TrustList())
        let refused = Shared([ApplicationCertificate]())
        let plant = try Plant(variables: 1) { configuration in
            configuration.security = people.server { security in
                security.trust = { trusted.value.withLock { $0 } }
                security.refused = { certificate in refused.value.withLock { $0.append(certificate) } }
            }
        }
        try await plant.serve { port in
            let security = people.client(.basic256Sha256, .signAndEncrypt)
            let error = await #expect(throws: OPCUAClientError.self) { try await connect(port, security) }
            let thumbprint = people.client.certificate.thumbprintText
            #expect(
                error?.message.contains(
                    "the security checks failed; let the server trust the certificate \(thumbprint) of this client")
                    ?? false)
            #expect(refused.value.withLock { $0 } == [people.client.certificate])
            trusted.value.withLock { $0.trusted = [people.client.certificate] }
            try await connect(port, security)
        }
    }

    private final class Shared<Value: Sendable>: Sendable {
        let value: Mutex<Value>
        init(_ value: Value) { self.value = Mutex(value) }
    }
}
