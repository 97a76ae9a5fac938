public import NIOCore
public import OPCUATypes

/// What a client says of itself and wants of a session.
public struct ClientSessionSettings: Hashable, Sendable {
    public var endpointURL: String
    public var applicationName: String
    public var applicationURI: String
    public var sessionName: String
    /// Requested time without a request after which the server may drop the session.
    public var timeout: TimeAmount

    public init(
        endpointURL: String, applicationName: String = "Penstock", applicationURI: String = "urn:penstock:client",
        sessionName: String = "Penstock", timeout: TimeAmount = .seconds(60)
    ) {
        self.endpointURL = endpointURL
        self.applicationName = applicationName
        self.applicationURI = applicationURI
        self.sessionName = sessionName
        self.timeout = timeout
    }
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
        case creating
        case activating(Held)
        case active(Held, keepAliveAt: NIODeadline)
        case closed
    }

    fileprivate struct Held: Sendable {
        var sessionId: NodeId
        var authenticationToken: NodeId
        var timeout: TimeAmount
    }

    private var state = State.idle
    private var lastRequestHandle: UInt32 = 0
    private let settings: ClientSessionSettings
    private let endpoint: EndpointDescription

    /// - Parameter endpoint: the one chosen of the server's, see ``choose(_:)``.
    public init(_ settings: ClientSessionSettings, endpoint: EndpointDescription) {
        self.settings = settings
        self.endpoint = endpoint
    }

    /// The endpoint that this stack can use: opc.tcp, policy None, mode None, anonymous allowed.
    public static func choose(_ endpoints: [EndpointDescription]) -> Result<EndpointDescription, OPCUAError> {
        let open = endpoints.filter {
            $0.securityMode == .none
                && ($0.securityPolicyUri == nil || $0.securityPolicyUri == SecurityPolicyURI.none)
                && ($0.endpointUrl ?? "opc.tcp").hasPrefix("opc.tcp")
        }
        guard let first = open.first else {
            let offered = Set(
                endpoints.compactMap { $0.securityPolicyUri?.split(separator: "#").last.map(String.init) })
            return .failure(
                OPCUAError(
                    .badSecurityPolicyRejected,
                    "the server offers no endpoint without security, only \(offered.sorted().joined(separator: ", "))"
                ))
        }
        let anonymous = open.first { $0.userIdentityTokens.contains { $0.tokenType == .anonymous } }
        if let anonymous { return .success(anonymous) }
        guard first.userIdentityTokens.isEmpty else {
            return .failure(
                OPCUAError(.badIdentityTokenRejected, "the server's open endpoint does not admit anonymous users"))
        }
        return .success(first)
    }

    public var isActive: Bool { if case .active = state { true } else { false } }

    /// When ``deadlineReached(now:)`` has something to do.
    public var deadline: NIODeadline? { if case .active(_, let at) = state { at } else { nil } }

    /// The channel is open: the request to send.
    public mutating func channelOpened(nonce: ByteString) -> CreateSessionRequest {
        state = .creating
        return CreateSessionRequest(
            clientDescription: ApplicationDescription(
                applicationUri: settings.applicationURI, productUri: "urn:penstock",
                applicationName: LocalizedText(settings.applicationName), applicationType: .client),
            serverUri: endpoint.server.gatewayServerUri == nil ? nil : endpoint.server.applicationUri,
            endpointUrl: settings.endpointURL, sessionName: settings.sessionName, clientNonce: nonce,
            requestedSessionTimeout: Double(settings.timeout.nanoseconds) / 1e6)
    }

    /// The server answered CreateSession.
    public mutating func created(_ response: CreateSessionResponse) -> AnswerAction {
        guard case .creating = state else { return fail(.badInvalidState, "CreateSession was answered twice") }
        guard response.responseHeader.serviceResult.isGood else {
            return fail(response.responseHeader.serviceResult, "the server refused to create a session")
        }
        let requested = Double(settings.timeout.nanoseconds)
        let revised = response.revisedSessionTimeout * 1e6
        let timeout = revised.isFinite && revised >= 1e9 && revised < 9e18 ? revised : max(requested, 1e9)
        state = .activating(
            Held(
                sessionId: response.sessionId, authenticationToken: response.authenticationToken,
                timeout: .nanoseconds(Int64(timeout))))
        let policy = endpoint.userIdentityTokens.first { $0.tokenType == .anonymous }?.policyId
        return .activate(
            ActivateSessionRequest(
                localeIds: ["en"],
                userIdentityToken: ExtensionObject(AnonymousIdentityToken(policyId: policy ?? "anonymous"))))
    }

    /// The server answered ActivateSession.
    public mutating func activated(_ response: ActivateSessionResponse, now: Moment) -> AnswerAction {
        guard case .activating(let held) = state else {
            return fail(.badInvalidState, "ActivateSession was answered twice")
        }
        guard response.responseHeader.serviceResult.isGood else {
            return fail(response.responseHeader.serviceResult, "the server refused to activate the session")
        }
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

    private mutating func fail(_ status: StatusCode, _ reason: String) -> AnswerAction {
        state = .closed
        return .fail(OPCUAError(status, reason))
    }
}

extension ClientSession.Held {
    /// A third of the timeout leaves room for two tries.
    var keepAliveInterval: TimeAmount { .nanoseconds(timeout.nanoseconds / 3) }
}
