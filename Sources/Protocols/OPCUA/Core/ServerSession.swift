public import NIOCore
public import OPCUASecurity
public import OPCUATypes

/// A session as the server sees it (Part 4, 5.7): created, activated on a channel, timed out or closed.
public struct ServerSession: Sendable {
    private enum State: Hashable, Sendable {
        case created
        case activated
    }

    public let sessionId: NodeId
    /// The secret that requests carry.
    public let authenticationToken: NodeId
    public let timeout: TimeAmount
    /// The secure channel that may use the session.
    public private(set) var channelId: UInt32
    /// The client's, from the channel that created the session; nil under the policy None.
    public let client: ApplicationCertificate?
    /// What the next ActivateSession must sign.
    public private(set) var nonce: ByteString
    /// Whom the session belongs to; nil until it is activated.
    public private(set) var user: SessionUser?
    private var state = State.created
    private var lastRequest: NIODeadline

    /// - Parameter nonce: random bytes that go into the answer of CreateSession.
    public init(
        sessionId: NodeId, authenticationToken: NodeId, channelId: UInt32, timeout: TimeAmount,
        client: ApplicationCertificate? = nil, nonce: ByteString, now: Moment
    ) {
        self.sessionId = sessionId
        self.authenticationToken = authenticationToken
        self.channelId = channelId
        self.timeout = timeout
        self.client = client
        self.nonce = nonce
        lastRequest = now.monotonic
    }

    /// Whether a user has been let in.
    public var isActivated: Bool { state == .activated }

    /// When the session dies without another request.
    public var deadline: NIODeadline { lastRequest + timeout }

    /// Checks a CreateSession request against the channel that it came on.
    /// - Throws: BadNonceInvalid, BadSecurityChecksFailed or BadCertificateUriInvalid.
    public static func check(_ request: CreateSessionRequest, on channel: ChannelSecurity) throws(OPCUAError) {
        guard channel.isSecured, let peer = channel.peer else { return }
        guard request.clientNonce?.bytes.count ?? 0 >= SessionSignature.nonceBytes else {
            throw OPCUAError(.badNonceInvalid, "the client's nonce has fewer than 32 bytes")
        }
        let client = try ApplicationCertificate.chain(request.clientCertificate?.bytes ?? []).first
        guard client == peer else {
            throw OPCUAError(.badSecurityChecksFailed, "the client's certificate is not the one of the channel")
        }
        guard request.clientDescription.applicationUri == peer.applicationURI else {
            throw OPCUAError(
                .badCertificateUriInvalid,
                "the client calls itself \(request.clientDescription.applicationUri ?? "(nothing)"), its certificate "
                    + "says \(peer.applicationURI ?? "(nothing)")")
        }
    }

    /// ActivateSession came: whom the client claims to be, once its signature is found right. The first must come on the
    /// channel that created the session; later ones may move the session to another channel of the same client.
    /// - Parameters:
    ///   - channel: how the channel is protected on which the request came.
    ///   - endpoint: the channel's, with the token policies that it offers.
    /// - Throws: what the client is answered.
    public func identify(
        _ request: ActivateSessionRequest, channelId: UInt32, channel: ChannelSecurity, endpoint: EndpointDescription,
        credentials: Credentials?
    ) throws(OPCUAError) -> ClaimedIdentity {
        guard state == .activated || channelId == self.channelId else {
            throw OPCUAError(.badSecureChannelIdInvalid, "the session was created on another channel")
        }
        guard channel.peer == client else {
            throw OPCUAError(.badSecurityChecksFailed, "the session belongs to another client")
        }
        if let client, let own = channel.credentials {
            let isRight = SessionSignature.isValid(
                request.clientSignature, channel.policy, signer: client, certificate: own.chainBytes, nonce: nonce)
            guard isRight else {
                throw OPCUAError(.badApplicationSignatureInvalid, "the client's signature is wrong")
            }
        }
        let claimed = try IdentityReader(endpoint: endpoint, credentials: credentials, nonce: nonce).read(request)
        // A session may change its user where it lives, but not move to a channel of somebody else.
        guard channelId == self.channelId || claimed.user == user else {
            throw OPCUAError(.badIdentityChangeNotSupported, "the session on the other channel belongs to another user")
        }
        return claimed
    }

    /// The user may in: the session belongs to the channel, and the next activation signs another nonce.
    public mutating func activate(channelId: UInt32, user: SessionUser, nextNonce: ByteString, now: Moment) {
        self.user = user
        nonce = nextNonce
        lastRequest = now.monotonic
        self.channelId = channelId
        state = .activated
    }

    /// A request of the session came on a channel.
    public mutating func requestReceived(channelId: UInt32, now: Moment) -> StatusCode {
        guard channelId == self.channelId else { return .badSecureChannelIdInvalid }
        guard now.monotonic < deadline else { return .badSessionIdInvalid }
        lastRequest = now.monotonic
        return state == .activated ? .good : .badSessionNotActivated
    }
}
