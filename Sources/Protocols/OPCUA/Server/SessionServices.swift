import DequeModule
import NIOCore
import OPCUACore
import OPCUATypes

extension ServiceTable {
    /// CreateSession, ActivateSession, CloseSession, Cancel (Part 4, 5.7).
    mutating func addSessions() {
        add(open: CreateSessionRequest.self) { core, call, request throws(ServiceError) in
            try core.createSession(call, request)
        }
        add(open: ActivateSessionRequest.self) { core, call, request throws(ServiceError) in
            guard let session = core.sessions[request.requestHeader.authenticationToken] else {
                throw ServiceError(.badSessionIdInvalid)
            }
            let status = session.machine.activate(
                identity: request.userIdentityToken, channelId: call.connection.channelId, now: SystemClock.moment)
            guard status.isGood else { throw ServiceError(status) }
            return ActivateSessionResponse(serverNonce: ServerCore.nonce())
        }
        add(open: CloseSessionRequest.self) { core, call, request throws(ServiceError) in
            guard let session = core.sessions[request.requestHeader.authenticationToken],
                session.machine.channelId == call.connection.channelId
            else { throw ServiceError(.badSessionIdInvalid) }
            for slot in session.publishRequests {
                core.fault(slot.call, .badSessionClosed, requestHandle: slot.requestHandle)
            }
            session.publishRequests = []
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
        guard sessions.count < limits.maxSessions else { throw ServiceError(.badTooManySessions) }
        let asked = request.requestedSessionTimeout
        let timeout =
            asked.isFinite && asked > 0
            ? min(max(asked, limits.shortestSessionTimeoutMilliseconds), limits.longestSessionTimeoutMilliseconds)
            : limits.longestSessionTimeoutMilliseconds
        let token = NodeId(namespace: 0, identifier: .opaque(Self.nonce()))
        let id = NodeId(namespace: 1, numeric: UInt32.random(in: 1...UInt32.max))
        sessions[token] = SessionState(
            ServerSession(
                sessionId: id, authenticationToken: token, channelId: call.connection.channelId,
                timeout: .nanoseconds(Int64(timeout * 1e6)), now: SystemClock.moment))
        return CreateSessionResponse(
            sessionId: id, authenticationToken: token, revisedSessionTimeout: timeout, serverNonce: Self.nonce(),
            serverEndpoints: endpoints(url: url(request.endpointUrl, call)),
            maxRequestMessageSize: UInt32(clamping: configuration.channel.decoding.maxMessageBytes))
    }

    /// 32 random bytes.
    static func nonce() -> ByteString {
        var generator = SystemRandomNumberGenerator()
        return ByteString((0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }
}
