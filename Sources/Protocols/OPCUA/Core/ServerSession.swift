public import NIOCore
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
    private var state = State.created
    private var lastRequest: NIODeadline

    public init(
        sessionId: NodeId, authenticationToken: NodeId, channelId: UInt32, timeout: TimeAmount, now: Moment
    ) {
        self.sessionId = sessionId
        self.authenticationToken = authenticationToken
        self.channelId = channelId
        self.timeout = timeout
        lastRequest = now.monotonic
    }

    /// When the session dies without another request.
    public var deadline: NIODeadline { lastRequest + timeout }

    /// ActivateSession came with an identity. The first must come on the channel that created the session; later ones
    /// may move the session to another channel.
    public mutating func activate(
        identity: ExtensionObject, channelId: UInt32, now: Moment
    ) -> StatusCode {
        guard state == .activated || channelId == self.channelId else { return .badSecureChannelIdInvalid }
        // A null token means anonymous (Part 4, 5.7.3.2).
        let isAnonymous =
            identity.typeId.isNull || identity.typeId.standard == AnonymousIdentityToken.binaryEncodingId
        guard isAnonymous else { return .badIdentityTokenRejected }
        lastRequest = now.monotonic
        self.channelId = channelId
        state = .activated
        return .good
    }

    /// A request of the session came on a channel.
    public mutating func requestReceived(channelId: UInt32, now: Moment) -> StatusCode {
        guard channelId == self.channelId else { return .badSecureChannelIdInvalid }
        guard now.monotonic < deadline else { return .badSessionIdInvalid }
        lastRequest = now.monotonic
        return state == .activated ? .good : .badSessionNotActivated
    }
}
