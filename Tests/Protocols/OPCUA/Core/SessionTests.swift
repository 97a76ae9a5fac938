import NIOCore
import OPCUASecurity
import OPCUATypes
import Testing

@testable import OPCUACore

@Suite struct SessionTests {
    static let open = EndpointDescription(
        endpointUrl: "opc.tcp://x", securityMode: .none, securityPolicyUri: SecurityPolicy.none.uri,
        userIdentityTokens: [
            UserTokenPolicy(policyId: "user", tokenType: .userName),
            UserTokenPolicy(policyId: "anyone", tokenType: .anonymous),
        ])

    @Test func endpointWithoutSecurityIsChosen() throws {
        let secure = EndpointDescription(
            securityMode: .sign, securityPolicyUri: "http://opcfoundation.org/UA/SecurityPolicy#Basic256Sha256")
        #expect(try EndpointChoice().best(of: [secure, Self.open]) == Self.open)
        let refused = #expect(throws: OPCUAError.self) { try EndpointChoice().best(of: [secure]) }
        #expect(
            refused?.reason
                == "the server offers no endpoint without security, only Basic256Sha256 (Sign); give a certificate and a key"
        )
        var users = Self.open
        users.userIdentityTokens = [UserTokenPolicy(policyId: "user", tokenType: .userName)]
        let anonymous = #expect(throws: OPCUAError.self) { try EndpointChoice().best(of: [users]) }
        #expect(anonymous?.status == .badIdentityTokenRejected)
    }

    @Test func clientGoesFromCreatedToActive() throws {
        var session = ClientSession(ClientSessionSettings(endpointURL: "opc.tcp://x"), endpoint: Self.open)
        let request = session.channelOpened()
        #expect(request.endpointUrl == "opc.tcp://x")
        #expect(request.requestedSessionTimeout == 60_000)
        let answer = session.created(
            CreateSessionResponse(
                sessionId: NodeId(1), authenticationToken: NodeId(2), revisedSessionTimeout: 30_000), now: at(0))
        guard case .activate(let activate) = answer else { return #expect(Bool(false), "\(answer)") }
        let identity = try activate.userIdentityToken.decode(as: AnonymousIdentityToken.self)
        #expect(identity?.policyId == "anyone")
        let header = session.requestHeader(now: at(0), timeout: .seconds(5))
        #expect(header.authenticationToken == NodeId(2))
        #expect(header.timeoutHint == 5000)
        let active = session.activated(ActivateSessionResponse(), now: at(0))
        #expect(active == .active)
        var deadline = session.deadline
        #expect(deadline == at(10).monotonic)
        let early = session.deadlineReached(now: at(9))
        let due = session.deadlineReached(now: at(10))
        #expect(early == .wait && due == .keepAlive)
        _ = session.requestHeader(now: at(15), timeout: .seconds(5))
        deadline = session.deadline
        #expect(deadline == at(25).monotonic)
        let close = session.close(now: at(16))
        #expect(close?.requestHeader.authenticationToken == NodeId(2))
    }

    @Test func clientToleratesSenselessTimeouts() {
        for timeout in [Double.nan, -1, 0, .infinity, 1e300] {
            var session = ClientSession(ClientSessionSettings(endpointURL: "u"), endpoint: Self.open)
            _ = session.channelOpened()
            _ = session.created(CreateSessionResponse(revisedSessionTimeout: timeout), now: at(0))
            _ = session.activated(ActivateSessionResponse(), now: at(0))
            let deadline = session.deadline
            #expect(deadline == at(20).monotonic)
        }
    }

    /// A password or a user's signature is bound to the server's nonce: a short one would let it be used again, on a
    /// channel without protection too.
    @Test(arguments: [nil, 0, 31, 32] as [Int?]) func secretsNeedALongNonce(bytes: Int?) throws {
        let people = try Pair.made.get()
        let token = SecurityPolicy.basic256Sha256.uri
        var endpoint = Self.open
        endpoint.serverCertificate = ByteString(people.server.certificate.der)
        endpoint.userIdentityTokens = [
            UserTokenPolicy(policyId: "user", tokenType: .userName, securityPolicyUri: token),
            UserTokenPolicy(policyId: "person", tokenType: .certificate, securityPolicyUri: token),
            UserTokenPolicy(policyId: "anyone", tokenType: .anonymous),
        ]
        let nonce = bytes.map { ByteString([UInt8](repeating: 1, count: $0)) }
        let response = CreateSessionResponse(sessionId: NodeId(1), authenticationToken: NodeId(2), serverNonce: nonce)
        for identity in [.userName("x", password: "y"), .certificate(people.client), .anonymous] as [UserIdentity] {
            let settings = ClientSessionSettings(
                endpointURL: "u", choice: EndpointChoice(identity: identity.tokenType))
            var session = ClientSession(settings, endpoint: endpoint, identity: identity)
            _ = session.channelOpened()
            switch session.created(response, now: at(0)) {
            case .activate: #expect(bytes == 32 || identity.tokenType == .anonymous)
            case .fail(let error): #expect(bytes != 32 && error.status == .badNonceInvalid)
            case .active: Issue.record("active before it was asked for")
            }
        }
    }

    @Test func refusalsEndTheSession() {
        var session = ClientSession(ClientSessionSettings(endpointURL: "u"), endpoint: Self.open)
        _ = session.channelOpened()
        let fault = ResponseHeader(serviceResult: .badTooManySessions)
        guard case .fail(let error) = session.created(CreateSessionResponse(responseHeader: fault), now: at(0)) else {
            return #expect(Bool(false), "went on")
        }
        #expect(error.status == .badTooManySessions)
        let close = session.close(now: at(0))
        #expect(close == nil)
    }

    /// Whom a server takes the sender of a token for.
    private func identify(
        _ token: ExtensionObject, on channelId: UInt32, _ session: ServerSession
    ) -> Result<ClaimedIdentity, OPCUAError> {
        do throws(OPCUAError) {
            return .success(
                try session.identify(
                    ActivateSessionRequest(userIdentityToken: token), channelId: channelId, channel: .none,
                    endpoint: EndpointDescription(
                        securityMode: .none, securityPolicyUri: SecurityPolicy.none.uri,
                        userIdentityTokens: [UserTokenPolicy(policyId: "anyone", tokenType: .anonymous)]),
                    credentials: nil))
        } catch {
            return .failure(error)
        }
    }

    @Test func serverSessionBelongsToAChannelAndTimesOut() throws {
        var session = ServerSession(
            sessionId: NodeId(1), authenticationToken: NodeId(2), channelId: 7, timeout: .seconds(10),
            nonce: ByteString([1]), now: at(0))
        #expect(session.requestReceived(channelId: 7, now: at(1)) == .badSessionNotActivated)
        let strange = #expect(throws: OPCUAError.self) { try identify(.null, on: 8, session).get() }
        #expect(strange?.status == .badSecureChannelIdInvalid)
        let password = ExtensionObject(UserNameIdentityToken(userName: "x"))
        let user = #expect(throws: OPCUAError.self) { try identify(password, on: 7, session).get() }
        #expect(user?.status == .badIdentityTokenRejected)
        #expect(try identify(ExtensionObject(AnonymousIdentityToken()), on: 7, session).get() == .anonymous)
        session.activate(channelId: 7, user: .anonymous, nextNonce: ByteString([2]), now: at(1))
        #expect(session.nonce == ByteString([2]))
        #expect(session.requestReceived(channelId: 7, now: at(10.9)) == .good)
        #expect(session.requestReceived(channelId: 8, now: at(11)) == .badSecureChannelIdInvalid)
        #expect(try identify(.null, on: 8, session).get() == .anonymous)
        session.activate(channelId: 8, user: .anonymous, nextNonce: ByteString([3]), now: at(11))
        #expect(session.requestReceived(channelId: 8, now: at(12)) == .good)
        #expect(session.requestReceived(channelId: 8, now: at(22)) == .badSessionIdInvalid)
    }
}
