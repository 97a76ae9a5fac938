import NIOCore
import OPCUASecurity
import OPCUATypes
import Testing

@testable import OPCUACore

/// Keys and certificates of a client and a server, made once.
struct Pair {
    static let made = Result { try Pair() }

    var client: Credentials
    var server: Credentials

    private init() throws {
        func credentials(_ name: String) throws -> Credentials {
            try Credentials(
                CertificateRequest(
                    commonName: name, applicationURI: "urn:\(name)", hosts: ["localhost"],
                    notBefore: DateTime(utcMicroseconds: 1_600_000_000_000_000),
                    notAfter: DateTime(utcMicroseconds: 1_800_000_000_000_000)),
                key: RSAPrivateKey(bits: 2048), serialNumber: [1])
        }
        client = try credentials("client")
        server = try credentials("server")
    }

    func client(_ policy: SecurityPolicy, _ mode: MessageSecurityMode) -> ChannelSecurity {
        ChannelSecurity(policy, mode, credentials: client, peer: server.certificate)
    }

    func server(_ offers: [OfferedSecurity], trusts: Bool = true) -> ServerChannelSecurity {
        ServerChannelSecurity(
            offers: offers, credentials: server, trust: TrustList(trusted: trusts ? [client.certificate] : []))
    }
}

@Suite struct SecuredChannelTests {
    static let policies = SecurityPolicy.allCases.filter { $0 != .none }
    static let modes: [MessageSecurityMode] = [.sign, .signAndEncrypt]

    private func twins(
        _ policy: SecurityPolicy, _ mode: MessageSecurityMode, offers: [OfferedSecurity]? = nil, trusts: Bool = true
    ) throws -> Twins {
        let pair = try Pair.made.get()
        return Twins(
            client: ClientChannelSettings(endpointURL: "u", tokenLifetime: .seconds(4)),
            security: pair.client(policy, mode),
            serverSecurity: pair.server(offers ?? [OfferedSecurity(policy, mode)], trusts: trusts))
    }

    @Test(arguments: policies, modes)
    func messagesOfAnySizeComeThroughAndBack(policy: SecurityPolicy, mode: MessageSecurityMode) throws {
        var twins = try twins(policy, mode)
        #expect(try twins.open())
        let seen = twins.server.security
        #expect(seen.policy == policy && seen.mode == mode)
        for size in [0, 1, 100, 65_000, 65_536, 200_000] {
            guard case .write(let bytes, let id) = twins.client.send(message(bytes: size)) else {
                return #expect(Bool(false), "not sent")
            }
            #expect(try frames(bytes).allSatisfy { $0.bytes.readableBytes <= 65_536 })
            guard case .request(id, let request) = try twins.toServer(bytes, at: at(1)).last else {
                return #expect(Bool(false), "not received")
            }
            #expect(request.readableBytes == size + 4)
            guard case .write(let answer) = twins.server.send(message(bytes: size), requestId: id) else {
                return #expect(Bool(false), "not answered")
            }
            #expect(try twins.toClient(answer, at: at(1)).last == .response(requestId: id, request))
        }
    }

    /// Renewed every three seconds for a minute; messages of both tokens cross each other at every renewal.
    @Test(arguments: modes)
    func tokensAreRenewedWithoutAGap(mode: MessageSecurityMode) throws {
        var twins = try twins(.basic256Sha256, mode)
        #expect(try twins.open())
        for second in stride(from: 3.0, through: 60, by: 3) {
            guard case .send(let renewal) = twins.client.deadlineReached(now: at(second)),
                case .write(let early, let earlyId) = twins.client.send(message(bytes: 5)),
                case .send(let response) = try twins.toServer(renewal, at: at(second)).last,
                case .request(earlyId, _) = try twins.toServer(early, at: at(second)).last,
                case .write(let old) = twins.server.send(message(bytes: 5), requestId: earlyId)
            else { return #expect(Bool(false), "no renewal at \(second)") }
            #expect(try twins.toClient(response, at: at(second)) == [.renewed])
            guard case .response(earlyId, _) = try twins.toClient(old, at: at(second)).last,
                case .write(let late, let lateId) = twins.client.send(message(bytes: 5)),
                case .request(lateId, _) = try twins.toServer(late, at: at(second)).last,
                case .write(let new) = twins.server.send(message(bytes: 5), requestId: lateId),
                case .response(lateId, _) = try twins.toClient(new, at: at(second)).last
            else { return #expect(Bool(false), "a message was lost at \(second)") }
        }
    }

    private func refusal(_ twins: inout Twins) throws -> (atServer: OPCUAError?, atClient: OPCUAError?) {
        guard case .send(let acknowledge) = try twins.toServer(twins.client.connected(), at: at(0)).last,
            case .send(let request) = try twins.toClient(acknowledge, at: at(0)).last,
            case .refuse(let bytes, let error) = try twins.toServer(request, at: at(0)).last,
            case .fail(let seen) = try twins.toClient(bytes, at: at(0)).last
        else { return (nil, nil) }
        return (error, seen)
    }

    @Test func anUntrustedClientLearnsNothingButWhatToDo() throws {
        var twins = try twins(.basic256Sha256, .sign, trusts: false)
        let (atServer, atClient) = try refusal(&twins)
        #expect(atServer?.status == .badCertificateUntrusted)
        #expect(atClient?.status == .badSecurityChecksFailed)
        let own = try Pair.made.get().client.certificate
        #expect(
            atClient?.reason == "the server refused: the security checks failed; let the server trust the certificate "
                + "\(own.thumbprintText) of this client")
        let refused = twins.server.refusedCertificate
        #expect(refused == own)
    }

    @Test func whatIsNotOfferedIsRefused() throws {
        var policy = try twins(.basic256Sha256, .sign, offers: [OfferedSecurity(.aes256Sha256RsaPss, .sign)])
        #expect(try refusal(&policy).atServer?.status == .badSecurityPolicyRejected)
        var mode = try twins(.basic256Sha256, .sign, offers: [OfferedSecurity(.basic256Sha256, .signAndEncrypt)])
        #expect(try refusal(&mode).atServer?.status == .badSecurityModeRejected)
    }

    @Test func aChannelWithoutSecurityIsOpenForDiscovery() throws {
        let pair = try Pair.made.get()
        var twins = Twins(serverSecurity: pair.server([OfferedSecurity(.basic256Sha256, .sign)]))
        #expect(try twins.open())
    }

    @Test(arguments: modes)
    func alteredMessagesEndTheChannel(mode: MessageSecurityMode) throws {
        for index in stride(from: 8, to: 100, by: 7) {
            var twins = try twins(.aes128Sha256RsaOaep, mode)
            #expect(try twins.open())
            guard case .write(var bytes, _) = twins.client.send(message(bytes: 60)) else {
                return #expect(Bool(false), "nothing to send")
            }
            bytes.setInteger((bytes.getInteger(at: index, as: UInt8.self) ?? 0) ^ 1, at: index)
            guard case .refuse = try twins.toServer(bytes, at: at(1)).last else {
                return #expect(Bool(false), "byte \(index) was altered unseen")
            }
        }
    }
}
