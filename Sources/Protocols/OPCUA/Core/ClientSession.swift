public import NIOCore
public import OPCUASecurity
public import OPCUATypes

/// What a client says of itself and wants of a session.
public struct ClientSessionSettings: Hashable, Sendable {
    public var endpointURL: String
    public var applicationName: String
    public var applicationURI: String
    public var sessionName: String
    /// Requested time without a request after which the server may drop the session.
    public var timeout: TimeAmount
    /// By which the endpoint was chosen; what the server says of itself over the secured channel must lead to the same.
    public var choice: EndpointChoice
    /// How a password is wrapped.
    public var passwordFormat: PasswordSecret.Format

    public init(
        endpointURL: String, applicationName: String = "Penstock", applicationURI: String = "urn:penstock:client",
        sessionName: String = "Penstock", timeout: TimeAmount = .seconds(60),
        choice: EndpointChoice = EndpointChoice(), passwordFormat: PasswordSecret.Format = .legacy
    ) {
        self.endpointURL = endpointURL
        self.applicationName = applicationName
        self.applicationURI = applicationURI
        self.sessionName = sessionName
        self.timeout = timeout
        self.choice = choice
        self.passwordFormat = passwordFormat
    }
}

/// What a client must know of a session to activate it on another channel (Part 4, 5.7.3.1). Its token is a secret.
public struct HeldSession: Hashable, Sendable, CustomStringConvertible {
    var sessionId: NodeId
    var authenticationToken: NodeId
    /// The nonce of the server's last answer; the next signature covers it.
    var serverNonce: ByteString?
    var serverCertificate: ByteString?
    /// Time without a request after which the server drops the session.
    public var timeout: TimeAmount

    /// Without the token.
    public var description: String { "session \(sessionId)" }
}

/// A session as the client sees it (Part 4, 5.7): created, activated, kept alive, closed.
public struct ClientSession: ~Copyable {
    /// What an answer of the server led to.
    public enum AnswerAction: Hashable, Sendable {
        case activate(ActivateSessionRequest)
        case active
        case fail(OPCUAError)
    }

    /// What ``deadline`` led to.
    public enum DeadlineAction: Hashable, Sendable {
        case wait
        /// No request went out for long: read the server's state, so that the session stays.
        case keepAlive
    }

    private enum State: Sendable {
        case idle
        /// With this side's nonce.
        case creating(ByteString)
        case activating(HeldSession)
        case active(HeldSession, keepAliveAt: NIODeadline)
        case closed
    }

    private var state = State.idle
    private var lastRequestHandle: UInt32 = 0
    private let settings: ClientSessionSettings
    private let endpoint: EndpointDescription

    private let security: ChannelSecurity
    private let identity: UserIdentity
    private let nonces: NonceSource

    /// - Parameters:
    ///   - endpoint: the one chosen of the server's, see `EndpointChoice`.
    ///   - security: of the channel on which the session lives.
    public init(
        _ settings: ClientSessionSettings, endpoint: EndpointDescription, security: ChannelSecurity = .none,
        identity: UserIdentity = .anonymous, nonces: NonceSource = .system
    ) {
        self.settings = settings
        self.endpoint = endpoint
        self.security = security
        self.identity = identity
        self.nonces = nonces
    }

    public var isActive: Bool { if case .active = state { true } else { false } }

    /// When ``deadlineReached(now:)`` has something to do.
    public var deadline: NIODeadline? { if case .active(_, let at) = state { at } else { nil } }

    /// The channel is open: the request to send.
    public mutating func channelOpened() -> CreateSessionRequest {
        // Sent under the policy None too, because some servers insist on one.
        let nonce = ByteString(nonces.make(SessionSignature.nonceBytes))
        state = .creating(nonce)
        return CreateSessionRequest(
            clientDescription: ApplicationDescription(
                applicationUri: settings.applicationURI, productUri: "urn:penstock",
                applicationName: LocalizedText(settings.applicationName), applicationType: .client),
            serverUri: endpoint.server.gatewayServerUri == nil ? nil : endpoint.server.applicationUri,
            endpointUrl: settings.endpointURL, sessionName: settings.sessionName, clientNonce: nonce,
            clientCertificate: security.credentials?.chainBytes,
            requestedSessionTimeout: Double(settings.timeout.nanoseconds) / 1e6)
    }

    /// The server answered CreateSession.
    public mutating func created(_ response: CreateSessionResponse, now: Moment) -> AnswerAction {
        guard case .creating(let nonce) = state else {
            return fail(.badInvalidState, "CreateSession was answered twice")
        }
        guard response.responseHeader.serviceResult.isGood else {
            return fail(response.responseHeader.serviceResult, "the server refused to create a session")
        }
        let requested = Double(settings.timeout.nanoseconds)
        let revised = response.revisedSessionTimeout * 1e6
        let timeout = revised.isFinite && revised >= 1e9 && revised < 9e18 ? revised : max(requested, 1e9)
        let held = HeldSession(
            sessionId: response.sessionId, authenticationToken: response.authenticationToken,
            serverNonce: response.serverNonce, serverCertificate: response.serverCertificate,
            timeout: .nanoseconds(Int64(timeout)))
        state = .activating(held)
        do throws(OPCUAError) {
            try checkServer(response, nonce)
            return .activate(try activation(held, now))
        } catch {
            return fail(error.status, error.reason)
        }
    }

    /// The channel is open, and a session of an earlier one shall go on (Part 4, 5.7.3.1).
    public mutating func channelOpened(with held: HeldSession, now: Moment) -> AnswerAction {
        state = .activating(held)
        do throws(OPCUAError) {
            return .activate(try activation(held, now))
        } catch {
            return fail(error.status, error.reason)
        }
    }

    /// The session, while it is active.
    public var held: HeldSession? { if case .active(let held, _) = state { held } else { nil } }

    /// The server's certificate and signature (Part 4, 5.7.2.2), and that nobody hid its better endpoints.
    private func checkServer(_ response: CreateSessionResponse, _ nonce: ByteString) throws(OPCUAError) {
        guard let peer = security.peer, let own = security.credentials else { return }
        let shown = try ApplicationCertificate.chain(response.serverCertificate?.bytes ?? []).first
        guard shown == peer else {
            throw OPCUAError(
                .badCertificateInvalid, "the server shows another certificate in the session than in the channel")
        }
        let isSigned = SessionSignature.isValid(
            response.serverSignature, security.policy, signer: peer, certificate: own.chainBytes, nonce: nonce)
        guard isSigned else {
            throw OPCUAError(
                .badApplicationSignatureInvalid,
                "the server's signature is wrong: it does not hold the key of its "
                    + "certificate")
        }
        guard !response.serverEndpoints.isEmpty else { return }
        let best = try settings.choice.best(of: response.serverEndpoints)
        guard best.policy == endpoint.policy, best.securityMode == endpoint.securityMode else {
            throw OPCUAError(
                .badSecurityChecksFailed,
                "the server offers \(best.policy?.name ?? "") \(best.securityMode.words), which was missing when its "
                    + "endpoints were asked for; someone may have changed the answer on its way")
        }
    }

    private func activation(_ held: HeldSession, _ now: Moment) throws(OPCUAError) -> ActivateSessionRequest {
        guard let tokenPolicy = settings.choice.tokenPolicy(of: endpoint), let policy = tokenPolicy.policy(in: endpoint)
        else {
            throw OPCUAError(.badIdentityTokenRejected, "the endpoint does not admit \(identity.tokenType.words)")
        }
        // What is signed or encrypted for the server is bound to its nonce, on a channel without protection too: one
        // that is short or missing would let an old token be used again (Part 4, 5.7.2.2 and 7.40.2).
        let isBound = security.isSecured || (identity.tokenType != .anonymous && policy != .none)
        guard !isBound || held.serverNonce?.bytes.count ?? 0 >= SessionSignature.nonceBytes else {
            throw OPCUAError(.badNonceInvalid, "the server's nonce has fewer than 32 bytes")
        }
        let certificate = endpoint.serverCertificate?.bytes ?? []
        let user = try identity.token(
            UserIdentity.Setting(
                policyId: tokenPolicy.policyId, policy: policy, isEncrypted: security.mode == .signAndEncrypt,
                allowsClearText: settings.choice.allowsDeprecated,
                serverCertificate: held.serverCertificate ?? endpoint.serverCertificate,
                server: certificate.isEmpty ? nil : try ApplicationCertificate.chain(certificate).first,
                serverNonce: held.serverNonce, format: settings.passwordFormat, nonces: nonces, time: now.utc))
        var signature = SignatureData()
        if let own = security.credentials {
            signature = try SessionSignature.make(
                security.policy, key: own.privateKey, certificate: held.serverCertificate,
                nonce: held.serverNonce)
        }
        return ActivateSessionRequest(
            clientSignature: signature, localeIds: ["en"], userIdentityToken: user.token,
            userTokenSignature: user.signature)
    }

    /// The server answered ActivateSession.
    public mutating func activated(_ response: ActivateSessionResponse, now: Moment) -> AnswerAction {
        guard case .activating(var held) = state else {
            return fail(.badInvalidState, "ActivateSession was answered twice")
        }
        guard response.responseHeader.serviceResult.isGood else {
            let status = response.responseHeader.serviceResult
            return fail(status, activationRefused(status)?.reason ?? "the server refused to activate the session")
        }
        held.serverNonce = response.serverNonce
        state = .active(held, keepAliveAt: now.monotonic + held.keepAliveInterval)
        return .active
    }

    /// The header of the next request; sending it counts as a sign of life.
    public mutating func requestHeader(now: Moment, timeout: TimeAmount) -> RequestHeader {
        lastRequestHandle &+= 1
        var token = NodeId.null
        switch state {
        case .active(let held, _):
            token = held.authenticationToken
            state = .active(held, keepAliveAt: now.monotonic + held.keepAliveInterval)
        case .activating(let held): token = held.authenticationToken
        case .idle, .creating, .closed: break
        }
        return RequestHeader(
            authenticationToken: token, timestamp: now.utc, requestHandle: lastRequestHandle,
            timeoutHint: UInt32(clamping: timeout.nanoseconds / 1_000_000))
    }

    /// ``deadline`` has come.
    public mutating func deadlineReached(now: Moment) -> DeadlineAction {
        guard case .active(let held, let at) = state, now.monotonic >= at else { return .wait }
        state = .active(held, keepAliveAt: now.monotonic + held.keepAliveInterval)
        return .keepAlive
    }

    /// The session shall end: the request to send, nil when the server knows of none.
    public mutating func close(now: Moment) -> CloseSessionRequest? {
        let header = requestHeader(now: now, timeout: .seconds(2))
        defer { state = .closed }
        switch state {
        case .active, .activating: return CloseSessionRequest(requestHeader: header, deleteSubscriptions: true)
        case .idle, .creating, .closed: return nil
        }
    }

    /// What a refusal of ActivateSession means for the user; nil when it is about something else.
    public func activationRefused(_ status: StatusCode) -> OPCUAError? {
        switch (status.base, identity) {
        case (.badUserAccessDenied, .userName(let name, _)), (.badIdentityTokenRejected, .userName(let name, _)),
            (.badIdentityTokenInvalid, .userName(let name, _)):
            OPCUAError(status, "the server refused the user \(name); check username and password")
        case (.badUserAccessDenied, .certificate(let user)), (.badIdentityTokenRejected, .certificate(let user)),
            (.badIdentityTokenInvalid, .certificate(let user)), (.badUserSignatureInvalid, .certificate(let user)):
            OPCUAError(
                status,
                "the server refused the user certificate \(user.certificate.thumbprintText); let the server trust it")
        default: nil
        }
    }

    private mutating func fail(_ status: StatusCode, _ reason: String) -> AnswerAction {
        state = .closed
        return .fail(OPCUAError(status, reason))
    }
}

extension HeldSession {
    /// A third of the timeout leaves room for two tries.
    var keepAliveInterval: TimeAmount { .nanoseconds(timeout.nanoseconds / 3) }
}
