public import NIOCore
public import OPCUASecurity
public import OPCUATypes

/// What a server grants its channels.
public struct ServerChannelSettings: Hashable, Sendable {
    public var limits: TransportLimits
    public var decoding: DecodingLimits
    /// Bounds of a token's life.
    public var shortestTokenLifetime: TimeAmount
    public var longestTokenLifetime: TimeAmount
    /// How long a client may take from connecting to an open channel.
    public var openingTimeout: TimeAmount

    public init(
        limits: TransportLimits = TransportLimits(), decoding: DecodingLimits = DecodingLimits(),
        shortestTokenLifetime: TimeAmount = .seconds(1), longestTokenLifetime: TimeAmount = .hours(1),
        openingTimeout: TimeAmount = .seconds(10)
    ) {
        self.limits = limits
        self.decoding = decoding
        self.shortestTokenLifetime = shortestTokenLifetime
        self.longestTokenLifetime = longestTokenLifetime
        self.openingTimeout = openingTimeout
    }
}

/// A policy and a mode that a server offers together.
public struct OfferedSecurity: Hashable, Sendable {
    public var policy: SecurityPolicy
    public var mode: MessageSecurityMode

    public init(_ policy: SecurityPolicy, _ mode: MessageSecurityMode) {
        self.policy = policy
        self.mode = mode
    }

    public static let none = OfferedSecurity(.none, .none)
}

/// How a server protects its channels: what it offers, its own keys, and whom it trusts.
public struct ServerChannelSecurity: Sendable {
    public var offers: [OfferedSecurity]
    /// Needed when anything but None is offered.
    public var credentials: Credentials?
    public var trust: TrustList

    public init(offers: [OfferedSecurity] = [.none], credentials: Credentials? = nil, trust: TrustList = TrustList()) {
        self.offers = offers
        self.credentials = credentials
        self.trust = trust
    }
}

/// The server's end of a connection and its secure channel (Part 6, 7.1.3 and 6.7; Part 4, 5.6).
public struct ServerChannel: ~Copyable {
    /// What bytes from the client led to.
    public enum ReceivedAction: Hashable, Sendable {
        case wait
        case send(ByteBuffer)
        /// A whole request came.
        case request(requestId: UInt32, ByteBuffer)
        /// The client gave up a request it had begun.
        case aborted(requestId: UInt32)
        /// The client closed the channel in good order.
        case closed
        /// Send the Error message, then close.
        case refuse(ByteBuffer, OPCUAError)
    }

    /// What to do with a response.
    public enum SendAction: Hashable, Sendable {
        case write(ByteBuffer)
        /// Larger than the client accepts: answer with a ServiceFault instead.
        case tooLarge
        /// The channel is gone.
        case drop
    }

    /// What a deadline led to.
    public enum DeadlineAction: Hashable, Sendable {
        case wait
        case refuse(ByteBuffer, OPCUAError)
    }

    fileprivate struct Token: Sendable {
        var id: UInt32
        var security: SecurityContext
        var expires: NIODeadline
    }

    fileprivate struct Open: Sendable {
        var current: Token
        /// Issued by a renewal, not yet used by the client (Part 4, 5.6.2.1).
        var renewed: Token?
        var writer: ChunkWriter
        var received: SequenceNumber
        var assembler: MessageAssembler
    }

    private enum State: Sendable {
        case connected(until: NIODeadline)
        case acknowledged(ChunkWriter, until: NIODeadline)
        case open(Open)
        case closed
    }

    /// The URL of the client's Hello.
    public private(set) var endpointURL = ""
    /// Number of the channel, unique in the server.
    public let channelId: UInt32
    /// The policy, the mode and both sides' certificates, once the channel is open.
    public private(set) var security = ChannelSecurity.none
    /// What the client showed as its certificate, when it was refused; for the folder of rejected ones.
    public private(set) var refusedCertificate: ApplicationCertificate?
    private var state: State
    private var lastTokenId: UInt32 = 0
    private let settings: ServerChannelSettings
    private let policies: ServerChannelSecurity
    private let nonces: NonceSource

    public init(
        channelId: UInt32, settings: ServerChannelSettings, security: ServerChannelSecurity = ServerChannelSecurity(),
        nonces: NonceSource = .system, now: Moment
    ) {
        self.channelId = channelId
        self.settings = settings
        policies = security
        self.nonces = nonces
        state = .connected(until: now.monotonic + settings.openingTimeout)
    }

    /// When ``deadlineReached(now:)`` has something to do.
    public var deadline: NIODeadline? {
        switch state {
        case .connected(let until), .acknowledged(_, let until): until
        case .open(let open): (open.renewed ?? open.current).expires
        case .closed: nil
        }
    }

    /// ``deadline`` has come.
    public mutating func deadlineReached(now: Moment) -> DeadlineAction {
        guard let deadline, now.monotonic >= deadline else { return .wait }
        let error =
            if case .open = state {
                OPCUAError(.badSecureChannelTokenUnknown, "the client did not renew the channel in time")
            } else {
                OPCUAError(.badTimeout, "the client did not open a channel in time")
            }
        state = .closed
        return .refuse(errorBytes(error), error)
    }

    /// A frame came from the client.
    public mutating func frameReceived(_ frame: Frame, now: Moment) -> ReceivedAction {
        do throws(OPCUAError) {
            switch frame.type {
            case .hello: return try helloReceived(frame)
            case .openSecureChannel: return try openReceived(frame, now)
            case .message: return try chunkReceived(frame, now)
            case .closeSecureChannel:
                state = .closed
                return .closed
            case .acknowledge, .error, .reverseHello:
                throw unexpected(frame)
            }
        } catch {
            state = .closed
            return .refuse(errorBytes(error), error)
        }
    }

    /// The frame decoder met bytes that are no frame.
    public mutating func framingFailed(_ error: OPCUAError) -> ByteBuffer {
        state = .closed
        return errorBytes(error)
    }

    /// A response shall be sent.
    public mutating func send(_ message: OutgoingMessage, requestId: UInt32) -> SendAction {
        guard case .open = state, case .open(var open) = takeState() else { return .drop }
        defer { state = .open(open) }
        do throws(OPCUAError) {
            let address = ChunkAddress(channelId: channelId, tokenId: open.current.id)
            return .write(
                try open.writer.write(message, to: address, requestId: requestId, security: open.current.security))
        } catch {
            return .tooLarge
        }
    }

    /// Longest response that the client takes, in bytes of ``OutgoingMessage/bodyBytes``; `.max` for any.
    public var responseCapacity: Int {
        if case .open(let open) = state { open.writer.capacity(open.current.security) } else { .max }
    }

    private func errorBytes(_ error: OPCUAError) -> ByteBuffer {
        // What is wrong with a certificate is for this side's log, not for whoever sent it (Part 4, 6.1.3).
        let isSecret = error.status.name.map { $0.hasPrefix("BadCertificate") || $0 == "BadSecurityChecksFailed" }
        let message =
            isSecret ?? false
            ? ErrorMessage(status: .badSecurityChecksFailed, reason: "the security checks failed")
            : ErrorMessage(status: error.status, reason: error.reason)
        return Frame.handshake(.error, message)
    }

    // MARK: Events of frames

    private mutating func helloReceived(_ frame: Frame) throws(OPCUAError) -> ReceivedAction {
        guard case .connected(let until) = takeState() else { throw unexpected(frame) }
        let hello = try frame.decode(Hello.self)
        let offered = hello.limits
        guard offered.receiveBufferBytes >= TransportLimits.smallestBuffer,
            offered.sendBufferBytes >= TransportLimits.smallestBuffer
        else {
            throw OPCUAError(.badConnectionRejected, "buffers must hold at least 8192 bytes")
        }
        endpointURL = hello.endpointURL
        var granted = settings.limits
        granted.receiveBufferBytes = min(granted.receiveBufferBytes, offered.sendBufferBytes)
        granted.sendBufferBytes = min(granted.sendBufferBytes, offered.receiveBufferBytes)
        granted.maxMessageBytes = UInt32(clamping: settings.decoding.maxMessageBytes)
        granted.maxChunkCount = UInt32(clamping: settings.decoding.maxChunkCount)
        state = .acknowledged(ChunkWriter(peer: offered, chunkBytes: granted.sendBufferBytes), until: until)
        return .send(Frame.handshake(.acknowledge, Acknowledge(limits: granted)))
    }

    private mutating func openReceived(_ frame: Frame, _ now: Moment) throws(OPCUAError) -> ReceivedAction {
        let front = try AsymmetricFront(frame)
        var security = try sender(front.header, now)
        let chunk = try AsymmetricChunk(frame, front, security: security.asymmetric())
        let request: OpenSecureChannelRequest?
        do throws(BinaryDecodingError) {
            request = try IncomingMessage(chunk.body).decode(OpenSecureChannelRequest.self)
        } catch {
            throw OPCUAError(error, in: "the OpenSecureChannel request")
        }
        guard let request else { throw unexpected(frame) }
        let offer = OfferedSecurity(security.policy, request.securityMode)
        // None is open to all for discovery (Part 4, 5.5.4); whether it carries sessions is decided there.
        guard offer == .none || (security.isSecured && policies.offers.contains(offer)) else {
            throw OPCUAError(
                .badSecurityModeRejected,
                "this server does not offer \(security.policy.name) with the mode \(request.securityMode.words)")
        }
        security.mode = request.securityMode
        let nonce = nonces.make(security.policy.nonceBytes)
        let context = try SecurityContext(security, ownNonce: nonce, peerNonce: request.clientNonce)
        let token = issueToken(request.requestedLifetime, context, now)
        let answer = { [channelId] (sequence: UInt32) throws(OPCUAError) -> ByteBuffer in
            let response = OpenSecureChannelResponse(
                responseHeader: ResponseHeader(timestamp: now.utc, requestHandle: request.requestHeader.requestHandle),
                serverProtocolVersion: 0, securityToken: token.answer, serverNonce: ByteString(nonce))
            return try AsymmetricChunk.bytes(
                response, channelId: channelId, security: security, sequenceNumber: sequence,
                requestId: chunk.requestId)
        }
        switch (takeState(), request.requestType) {
        case (.acknowledged(var writer, _), .issue):
            var received = SequenceNumber()
            _ = received.accept(chunk.sequenceNumber)
            let bytes = try answer(writer.sequence.next())
            self.security = security
            state = .open(
                Open(
                    current: token.token, writer: writer, received: received,
                    assembler: MessageAssembler(limits: settings.decoding)))
            return .send(bytes)
        case (.open(var open), .renew):
            guard chunk.channelId == channelId else {
                throw OPCUAError(.badTcpSecureChannelUnknown, "the renewal is for another secure channel")
            }
            guard open.received.accept(chunk.sequenceNumber) else { throw wrongSequence }
            guard security.policy == self.security.policy, security.mode == self.security.mode,
                security.peer == self.security.peer
            else {
                throw OPCUAError(.badSecurityChecksFailed, "the renewal came with another certificate or policy")
            }
            open.renewed = token.token
            let bytes = try answer(open.writer.sequence.next())
            state = .open(open)
            return .send(bytes)
        default:
            throw unexpected(frame)
        }
    }

    private mutating func issueToken(
        _ requested: UInt32, _ security: SecurityContext, _ now: Moment
    ) -> (token: Token, answer: ChannelSecurityToken) {
        let shortest = settings.shortestTokenLifetime.nanoseconds / 1_000_000
        let longest = settings.longestTokenLifetime.nanoseconds / 1_000_000
        let life = requested == 0 ? longest : min(max(Int64(requested), shortest), longest)
        lastTokenId &+= 1
        let answer = ChannelSecurityToken(
            channelId: channelId, tokenId: lastTokenId, createdAt: now.utc, revisedLifetime: UInt32(clamping: life))
        let expires = now.monotonic + .milliseconds(life + life / 4)
        return (Token(id: lastTokenId, security: security, expires: expires), answer)
    }

    /// Who sent an OpenSecureChannel message, checked; the mode is not known yet.
    private mutating func sender(_ header: AsymmetricHeader, _ now: Moment) throws(OPCUAError) -> ChannelSecurity {
        guard let policy = SecurityPolicy(uri: header.securityPolicyURI ?? "") else {
            throw OPCUAError(.badSecurityPolicyRejected, "the security policy is not known here")
        }
        guard policy != .none else { return .none }
        guard let credentials = policies.credentials, policies.offers.contains(where: { $0.policy == policy }) else {
            throw OPCUAError(.badSecurityPolicyRejected, "this server does not offer \(policy.name)")
        }
        guard header.receiverThumbprint?.bytes == credentials.certificate.thumbprint else {
            throw OPCUAError(.badCertificateInvalid, "the client uses another certificate than this server's")
        }
        let chain = try ApplicationCertificate.chain(header.senderCertificate?.bytes ?? [])
        do throws(OPCUAError) {
            let expected = CertificateExpectation(owner: "the client's certificate", policy: policy)
            try policies.trust.check(chain, expected, now: now.utc)
        } catch {
            refusedCertificate = chain.first
            throw error
        }
        return ChannelSecurity(policy, .invalid, credentials: credentials, peer: chain[0])
    }

    private mutating func chunkReceived(_ frame: Frame, _ now: Moment) throws(OPCUAError) -> ReceivedAction {
        guard case .open(var open) = takeState() else { throw unexpected(frame) }
        let address = try SymmetricChunk.address(frame)
        guard address.channelId == channelId else {
            throw OPCUAError(.badTcpSecureChannelUnknown, "a message came for another secure channel")
        }
        if let renewed = open.renewed, renewed.id == address.tokenId {
            open.current = renewed
            open.renewed = nil
        }
        guard address.tokenId == open.current.id, now.monotonic < open.current.expires else {
            throw OPCUAError(.badSecureChannelTokenUnknown, "a message came under an unknown or expired token")
        }
        let chunk = try SymmetricChunk(frame, security: open.current.security)
        guard open.received.accept(chunk.sequenceNumber) else { throw wrongSequence }
        let action = try open.assembler.chunkReceived(frame.kind, requestId: chunk.requestId, body: chunk.body)
        state = .open(open)
        return switch action {
        case .wait: .wait
        case .message(let requestId, let message): .request(requestId: requestId, message)
        case .aborted(let requestId, _): .aborted(requestId: requestId)
        }
    }

    private var wrongSequence: OPCUAError {
        OPCUAError(.badSequenceNumberInvalid, "a message chunk is missing or came twice")
    }

    private func unexpected(_ frame: Frame) -> OPCUAError {
        OPCUAError(.badTcpMessageTypeInvalid, "an unexpected \(frame.type) message came")
    }

    private mutating func takeState() -> State {
        var taken = State.closed
        swap(&taken, &state)
        return taken
    }
}
