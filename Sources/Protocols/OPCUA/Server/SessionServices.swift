import DequeModule
import Logging
import NIOCore
import OPCUACore
import OPCUASecurity
import OPCUATypes

extension ServiceTable {
    /// CreateSession, ActivateSession, CloseSession, Cancel (Part 4, 5.7).
    mutating func addSessions() {
        add(open: CreateSessionRequest.self) { core, call, request throws(ServiceError) in
            try core.createSession(call, request)
        }
        add(open: ActivateSessionRequest.self) { core, call, request throws(ServiceError) in
            try core.activateSession(call, request)
        }
        add(open: CloseSessionRequest.self) { core, call, request throws(ServiceError) in
            guard let session = core.sessions[request.requestHeader.authenticationToken],
                session.machine.channelId == call.connection.channelId
            else { throw ServiceError(.badSessionIdInvalid) }
            core.remove(session, deletingSubscriptions: request.deleteSubscriptions)
            return CloseSessionResponse()
        }
        add(CancelRequest.self) { core, session, request in
            var count: UInt32 = 0
            for slot in session.publishRequests where slot.requestHandle == request.requestHandle {
                core.fault(slot.call, .badRequestCancelledByClient, requestHandle: slot.requestHandle)
                count += 1
            }
            session.publishRequests.removeAll { $0.requestHandle == request.requestHandle }
            return CancelResponse(cancelCount: count)
        }
    }
}

extension ServerCore {
    func createSession(_ call: Call, _ request: CreateSessionRequest) throws(ServiceError) -> CreateSessionResponse {
        let limits = configuration.limits
        guard sessions.count < limits.maxSessions || removeOldestIdleSession() else {
            counters.rejectedSessions &+= 1
            throw ServiceError(.badTooManySessions)
        }
        let asked = request.requestedSessionTimeout
        let timeout =
            asked.isFinite && asked > 0
            ? min(max(asked, limits.shortestSessionTimeoutMilliseconds), limits.longestSessionTimeoutMilliseconds)
            : limits.longestSessionTimeoutMilliseconds
        let channel = call.connection.security
        let offer = OfferedSecurity(channel.policy, channel.mode)
        guard configuration.security.offers.contains(offer) else {
            logger.info("session refused: no endpoint has \(channel.policy.name) \(channel.mode.words)")
            throw ServiceError(.badSecurityModeRejected)
        }
        let signature: SignatureData
        do throws(OPCUAError) {
            try ServerSession.check(request, on: channel)
            signature =
                try channel.credentials.map { own throws(OPCUAError) in
                    try SessionSignature.make(
                        channel.policy, key: own.privateKey, certificate: request.clientCertificate,
                        nonce: request.clientNonce)
                } ?? SignatureData()
        } catch {
            logger.info("session refused", metadata: ["reason": "\(error)"])
            counters.rejectedSessions &+= 1
            counters.securityRejectedSessions &+= 1
            throw ServiceError(error.status)
        }
        let nonce = Self.nonce()
        let token = NodeId(namespace: 0, identifier: .opaque(Self.nonce()))
        let id = NodeId(namespace: 1, numeric: UInt32.random(in: 1...UInt32.max))
        sessions[token] = SessionState(
            ServerSession(
                sessionId: id, authenticationToken: token, channelId: call.connection.channelId,
                timeout: .nanoseconds(Int64(timeout * 1e6)), client: channel.peer, nonce: nonce,
                now: SystemClock.moment), request, now: SystemClock.utc)
        counters.sessions &+= 1
        return CreateSessionResponse(
            sessionId: id, authenticationToken: token, revisedSessionTimeout: timeout, serverNonce: nonce,
            serverCertificate: configuration.security.credentials?.chainBytes,
            serverEndpoints: endpoints(url: url(request.endpointUrl, call)), serverSignature: signature,
            maxRequestMessageSize: UInt32(clamping: configuration.channel.decoding.maxMessageBytes))
    }

    func activateSession(
        _ call: Call, _ request: ActivateSessionRequest
    ) throws(ServiceError) -> ActivateSessionResponse {
        guard let session = sessions[request.requestHeader.authenticationToken] else {
            throw ServiceError(.badSessionIdInvalid)
        }
        let channel = call.connection.security
        let offered = endpoint(OfferedSecurity(channel.policy, channel.mode), url: call.connection.endpointURL)
        let user: SessionUser
        do throws(OPCUAError) {
            let claimed = try session.machine.identify(
                request, channelId: call.connection.channelId, channel: channel, endpoint: offered,
                credentials: configuration.security.credentials)
            try admit(claimed)
            user = claimed.user
        } catch {
            logger.info("session not activated", metadata: ["reason": "\(error)"])
            counters.securityRejectedSessions &+= 1
            throw ServiceError(error.status)
        }
        if session.machine.channelId != call.connection.channelId { leaveChannel(session) }
        let nonce = Self.nonce()
        session.machine.activate(
            channelId: call.connection.channelId, user: user, nextNonce: nonce, now: SystemClock.moment)
        call.connection.maxResponseBytes = session.maxResponseBytes
        return ActivateSessionResponse(serverNonce: nonce)
    }

    /// The session moves to another channel: what waits on the old one is answered there, if it still lives.
    private func leaveChannel(_ session: SessionState) {
        for slot in session.publishRequests {
            fault(slot.call, .badSecureChannelClosed, requestHandle: slot.requestHandle)
            slot.call.connection.flush()
        }
        session.publishRequests = []
    }

    /// Makes room for a session at the cost of one that nobody has activated (Part 4, 5.7.2.1); false when all are in use.
    private func removeOldestIdleSession() -> Bool {
        let idle = sessions.values.filter { !$0.machine.isActivated }
        guard let oldest = idle.min(by: { $0.machine.deadline < $1.machine.deadline }) else { return false }
        remove(oldest, deletingSubscriptions: true)
        return true
    }

    /// Whether that user may in.
    private func admit(_ claimed: ClaimedIdentity) throws(OPCUAError) {
        let security = configuration.security
        switch claimed {
        case .anonymous:
            guard security.admitsAnonymous else {
                throw OPCUAError(.badIdentityTokenRejected, "anonymous users are not admitted")
            }
        case .userName(let name, let password):
            // A secret that could not be read is asked for as well: its refusal takes as long as a wrong password's.
            let isRight = security.authenticate?(name, password ?? "") ?? false
            guard isRight, password != nil else {
                throw OPCUAError(.badUserAccessDenied, "user name or password of '\(name)' is wrong")
            }
        case .certificate(let user):
            let expected = CertificateExpectation(owner: "the user's certificate", policy: .none, isApplication: false)
            do throws(OPCUAError) {
                try (security.userTrust ?? TrustList()).check([user], expected, now: SystemClock.utc)
            } catch {
                throw OPCUAError(.badIdentityTokenRejected, error.reason)
            }
        }
    }

    /// 32 random bytes.
    static func nonce() -> ByteString {
        var generator = SystemRandomNumberGenerator()
        return ByteString((0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }
}
