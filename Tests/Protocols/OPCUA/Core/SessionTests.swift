import NIOCore
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
        #expect(try ClientSession.choose([secure, Self.open]).get() == Self.open)
        let refused = #expect(throws: OPCUAError.self) { try ClientSession.choose([secure]).get() }
        #expect(refused?.reason == "the server offers no endpoint without security, only Basic256Sha256")
        var users = Self.open
        users.userIdentityTokens = [UserTokenPolicy(policyId: "user", tokenType: .userName)]
        let anonymous = #expect(throws: OPCUAError.self) { try ClientSession.choose([users]).get() }
        #expect(anonymous?.status == .badIdentityTokenRejected)
    }

    @Test func clientGoesFromCreatedToActive() throws {
        var session = ClientSession(ClientSessionSettings(endpointURL: "opc.tcp://x"), endpoint: Self.open)
        let request = session.channelOpened(nonce: ByteString([1]))
        #expect(request.endpointUrl == "opc.tcp://x")
        #expect(request.requestedSessionTimeout == 60_000)
        let answer = session.created(
            CreateSessionResponse(
                sessionId: NodeId(1), authenticationToken: NodeId(2), revisedSessionTimeout: 30_000))
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
            _ = session.channelOpened(nonce: ByteString([]))
            _ = session.created(CreateSessionResponse(revisedSessionTimeout: timeout))
            _ = session.activated(ActivateSessionResponse(), now: at(0))
            let deadline = session.deadline
            #expect(deadline == at(20).monotonic)
        }
    }

    @Test func refusalsEndTheSession() {
        var session = ClientSession(ClientSessionSettings(endpointURL: "u"), endpoint: Self.open)
        _ = session.channelOpened(nonce: ByteString([]))
        let fault = ResponseHeader(serviceResult: .badTooManySessions)
        guard case .fail(let error) = session.created(CreateSessionResponse(responseHeader: fault)) else {
            return #expect(Bool(false), "went on")
        }
        #expect(error.status == .badTooManySessions)
        let close = session.close(now: at(0))
        #expect(close == nil)
    }

    @Test func serverSessionBelongsToAChannelAndTimesOut() {
        var session = ServerSession(
            sessionId: NodeId(1), authenticationToken: NodeId(2), channelId: 7, timeout: .seconds(10), now: at(0))
        #expect(session.requestReceived(channelId: 7, now: at(1)) == .badSessionNotActivated)
        #expect(session.activate(identity: .null, channelId: 8, now: at(1)) == .badSecureChannelIdInvalid)
        let password = ExtensionObject(UserNameIdentityToken(userName: "x"))
        #expect(session.activate(identity: password, channelId: 7, now: at(1)) == .badIdentityTokenRejected)
        let anonymous = ExtensionObject(AnonymousIdentityToken())
        #expect(session.activate(identity: anonymous, channelId: 7, now: at(1)) == .good)
        #expect(session.requestReceived(channelId: 7, now: at(10.9)) == .good)
        #expect(session.requestReceived(channelId: 8, now: at(11)) == .badSecureChannelIdInvalid)
        #expect(session.activate(identity: .null, channelId: 8, now: at(11)) == .good)
        #expect(session.requestReceived(channelId: 8, now: at(12)) == .good)
        #expect(session.requestReceived(channelId: 8, now: at(22)) == .badSessionIdInvalid)
    }
}
