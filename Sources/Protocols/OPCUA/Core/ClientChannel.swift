public import NIOCore
public import OPCUASecurity
public import OPCUATypes

/// What a client asks of its secure channel.
public struct ClientChannelSettings: Hashable, Sendable {
    /// `opc.tcp://host:port/path`, sent in Hello.
    public var endpointURL: String
    /// What this side offers in Hello.
    public var limits: TransportLimits
    /// What this side accepts of messages.
    public var decoding: DecodingLimits
    /// Requested life of a security token.
    public var tokenLifetime: TimeAmount

    public init(
        endpointURL: String, limits: TransportLimits = TransportLimits(), decoding: DecodingLimits = DecodingLimits(),
        tokenLifetime: TimeAmount = .hours(1)
    ) {
        self.endpointURL = endpointURL
        self.limits = limits
        self.decoding = decoding
        self.tokenLifetime = tokenLifetime
    }
}

/// The client's end of a connection and its secure channel (Part 6, 7.1.3 and 6.7; Part 4, 5.6): handshake, opening,
/// renewal at three quarters of a token's life, chunks both ways.
public struct ClientChannel: ~Copyable {
    /// What bytes from the server led to.
    public enum ReceivedAction: Hashable, Sendable {
        case wait
        /// Send these bytes; the channel is not open yet.
        case send(ByteBuffer)
        /// The channel is open.
        case opened
        /// A new token is in use.
        case renewed
        /// A whole message answers a request.
        case response(requestId: UInt32, ByteBuffer)
        /// The server gave up the answer to a request.
        case aborted(requestId: UInt32, OPCUAError)
        /// The connection is of no more use: close it.
        case fail(OPCUAError)
    }

    /// What to do with a message that shall be sent.
    public enum SendAction: Hashable, Sendable {
        case write(ByteBuffer, requestId: UInt32)
        case refuse(OPCUAError)
    }

    /// What a deadline led to.
    public enum DeadlineAction: Hashable, Sendable {
        case wait
        case send(ByteBuffer)
        case fail(OPCUAError)
    }

    fileprivate struct Token: Sendable {
        var id: UInt32
        var security: SecurityContext
        var expires: NIODeadline
    }

    fileprivate struct Open: Sendable {
        var channelId: UInt32
        var current: Token
        /// Accepted until the server uses the current one (Part 4, 5.6.2.1).
        /// Several, oldest first, when this side had nothing to send between renewals: only a message moves the server on.
        var previous: [Token]
        var renewAt: NIODeadline
        var renewal: Renewal
        var writer: ChunkWriter
        var received: SequenceNumber
        var assembler: MessageAssembler
        var nextRequestId: UInt32

        enum Renewal: Hashable, Sendable {
            case idle
            /// With this side's nonce. The answer must come by then: while the token lives, and with some time even when
            /// it was asked for late.
            case asked([UInt8], until: NIODeadline)
        }
    }

    private enum State: Sendable {
        case idle
        case helloSent
        /// With this side's nonce.
        case opening(ChunkWriter, nonce: [UInt8])
        case open(Open)
        case closed
    }

    /// Shortest time that a server gets to answer a renewal.
    static let renewalAnswerTime = TimeAmount.seconds(2)

    /// Tokens kept while the server has not gone over to the newest.
    static let maxPreviousTokens = 4

    private var state = State.idle
    private let settings: ClientChannelSettings
    /// The policy, the mode and both sides' certificates.
    public let security: ChannelSecurity
    private let nonces: NonceSource

    public init(
        _ settings: ClientChannelSettings, security: ChannelSecurity = .none, nonces: NonceSource = .system
    ) {
        self.settings = settings
        self.security = security
        self.nonces = nonces
    }

    /// True while messages can be sent.
    public var isOpen: Bool { if case .open = state { true } else { false } }

    /// When ``deadlineReached(now:)`` has something to do; nil when never.
    public var deadline: NIODeadline? {
        guard case .open(let open) = state else { return nil }
        return if case .asked(_, let until) = open.renewal { until } else { open.renewAt }
    }

    /// The connection stands: the bytes to send.
    public mutating func connected() -> ByteBuffer {
        state = .helloSent
        return Frame.handshake(.hello, Hello(limits: settings.limits, endpointURL: settings.endpointURL))
    }

    /// A frame came from the server.
    public mutating func frameReceived(_ frame: Frame, now: Moment) -> ReceivedAction {
        do throws(OPCUAError) {
            switch frame.type {
            case .acknowledge: return try acknowledged(frame, now)
            case .openSecureChannel: return try channelOpened(frame, now)
            case .message: return try chunkReceived(frame)
            case .error:
                let message = try frame.decode(ErrorMessage.self)
                throw OPCUAError(
                    message.status, "the server refused: \(message.reason ?? "no reason given")\(hint(message))")
            case .closeSecureChannel:
                throw OPCUAError(.badSecureChannelClosed, "the server closed the secure channel")
            case .hello, .reverseHello:
                throw OPCUAError(.badTcpMessageTypeInvalid, "the peer is not a server: it sent a Hello")
            }
        } catch {
            state = .closed
            return .fail(error)
        }
    }

    /// A request shall be sent.
    public mutating func send(_ message: OutgoingMessage) -> SendAction {
        guard var open = takeOpen() else {
            return .refuse(OPCUAError(.badSecureChannelClosed, "the secure channel is not open"))
        }
        defer { state = .open(open) }
        let requestId = open.takeRequestId()
        do throws(OPCUAError) {
            let address = ChunkAddress(channelId: open.channelId, tokenId: open.current.id)
            let bytes = try open.writer.write(
                message, to: address, requestId: requestId, security: open.current.security)
            return .write(bytes, requestId: requestId)
        } catch {
            return .refuse(error)
        }
    }

    /// ``deadline`` has come.
    public mutating func deadlineReached(now: Moment) -> DeadlineAction {
        guard var open = takeOpen() else { return .wait }
        if case .asked(_, let until) = open.renewal {
            guard now.monotonic >= until else {
                state = .open(open)
                return .wait
            }
            return .fail(OPCUAError(.badSecureChannelTokenUnknown, "the server did not renew the channel in time"))
        }
        defer { state = .open(open) }
        guard now.monotonic >= open.renewAt else { return .wait }
        let nonce = nonces.make(security.policy.nonceBytes)
        open.renewal = .asked(nonce, until: max(open.current.expires, now.monotonic + Self.renewalAnswerTime))
        let requestId = open.takeRequestId()
        do throws(OPCUAError) {
            return .send(
                try openRequest(
                    .renew, nonce, channelId: open.channelId, sequence: open.writer.sequence.next(),
                    requestId: requestId, now))
        } catch {
            return .fail(error)
        }
    }

    /// The connection shall end: the last bytes to send, if any.
    public mutating func close(now: Moment) -> ByteBuffer? {
        guard case .open(var open) = takeState() else { return nil }
        let request = CloseSecureChannelRequest(requestHeader: RequestHeader(timestamp: now.utc))
        let requestId = open.takeRequestId()
        return try? open.writer.write(
            OutgoingMessage(request), type: .closeSecureChannel,
            to: ChunkAddress(channelId: open.channelId, tokenId: open.current.id), requestId: requestId,
            security: open.current.security)
    }

    // MARK: Events of frames

    private mutating func acknowledged(_ frame: Frame, _ now: Moment) throws(OPCUAError) -> ReceivedAction {
        guard case .helloSent = takeState() else { throw unexpected(frame) }
        let limits = try frame.decode(Acknowledge.self).limits
        guard limits.receiveBufferBytes >= TransportLimits.smallestBuffer,
            limits.sendBufferBytes <= settings.limits.receiveBufferBytes
        else {
            throw OPCUAError(.badConnectionRejected, "the server's buffer sizes break the standard")
        }
        // What we send is bound by what the server receives.
        var writer = ChunkWriter(
            peer: limits, chunkBytes: min(limits.receiveBufferBytes, settings.limits.sendBufferBytes))
        let nonce = nonces.make(security.policy.nonceBytes)
        let request = try openRequest(
            .issue, nonce, channelId: 0, sequence: writer.sequence.next(), requestId: 1, now)
        state = .opening(writer, nonce: nonce)
        return .send(request)
    }

    private func openRequest(
        _ type: SecurityTokenRequestType, _ nonce: [UInt8], channelId: UInt32, sequence: UInt32, requestId: UInt32,
        _ now: Moment
    ) throws(OPCUAError) -> ByteBuffer {
        let milliseconds = settings.tokenLifetime.nanoseconds / 1_000_000
        let request = OpenSecureChannelRequest(
            requestHeader: RequestHeader(timestamp: now.utc, requestHandle: requestId), requestType: type,
            securityMode: security.mode, clientNonce: ByteString(nonce),
            requestedLifetime: UInt32(clamping: milliseconds))
        return try AsymmetricChunk.bytes(
            request, channelId: channelId, security: security, sequenceNumber: sequence, requestId: requestId)
    }

    private mutating func channelOpened(_ frame: Frame, _ now: Moment) throws(OPCUAError) -> ReceivedAction {
        let front = try AsymmetricFront(frame)
        try checkSender(front.header)
        let chunk = try AsymmetricChunk(frame, front, security: security.asymmetric())
        let response = try openResponse(chunk.body)
        let life = Int64(response.securityToken.revisedLifetime)
        let renewAt = now.monotonic + .milliseconds(life * 3 / 4)
        func token(_ nonce: [UInt8]) throws(OPCUAError) -> Token {
            Token(
                id: response.securityToken.tokenId,
                security: try SecurityContext(security, ownNonce: nonce, peerNonce: response.serverNonce),
                // A quarter is granted for clocks and for messages under way (Part 4, 5.6.2.1).
                expires: now.monotonic + .milliseconds(life + life / 4))
        }
        switch takeState() {
        case .opening(let writer, let nonce):
            let token = try token(nonce)
            var received = SequenceNumber()
            _ = received.accept(chunk.sequenceNumber)
            state = .open(
                Open(
                    channelId: response.securityToken.channelId, current: token, previous: [], renewAt: renewAt,
                    renewal: .idle,
                    writer: writer, received: received, assembler: MessageAssembler(limits: settings.decoding),
                    nextRequestId: 2))
            return .opened
        case .open(var open):
            guard case .asked(let nonce, _) = open.renewal, response.securityToken.channelId == open.channelId else {
                throw unexpected(frame)
            }
            let token = try token(nonce)
            try open.checkSequence(chunk.sequenceNumber)
            open.previous = open.previous.suffix(Self.maxPreviousTokens - 1) + [open.current]
            open.current = token
            open.renewAt = renewAt
            open.renewal = .idle
            state = .open(open)
            return .renewed
        case .idle, .helloSent, .closed:
            throw unexpected(frame)
        }
    }

    /// The answer must come under the policy that was asked for, from the server whose certificate was checked.
    private func checkSender(_ header: AsymmetricHeader) throws(OPCUAError) {
        guard header.securityPolicyURI == security.policy.uri else {
            throw OPCUAError(.badSecurityPolicyRejected, "the server answered with another security policy")
        }
        guard security.isSecured else { return }
        let sender = try ApplicationCertificate.chain(header.senderCertificate?.bytes ?? []).first
        guard sender == security.peer else {
            throw OPCUAError(
                .badSecurityChecksFailed, "the server answered with another certificate than the one it announced")
        }
        guard header.receiverThumbprint?.bytes == security.credentials?.certificate.thumbprint else {
            throw OPCUAError(.badCertificateInvalid, "the server's answer is for another client's certificate")
        }
    }

    /// Servers tell nothing of why they refuse a certificate, so that an attacker learns nothing.
    private func hint(_ error: ErrorMessage) -> String {
        guard let own = security.credentials?.certificate else { return "" }
        let isAboutSecurity = error.status.name.map { $0.contains("Certificate") || $0.contains("Security") } ?? false
        return isAboutSecurity ? "; let the server trust the certificate \(own.thumbprintText) of this client" : ""
    }

    private func openResponse(_ body: ByteBuffer) throws(OPCUAError) -> OpenSecureChannelResponse {
        let response: OpenSecureChannelResponse?
        let fault: ServiceFault?
        do throws(BinaryDecodingError) {
            let message = try IncomingMessage(body)
            response = try message.decode(OpenSecureChannelResponse.self)
            fault = response == nil ? try message.decode(ServiceFault.self) : nil
        } catch {
            throw OPCUAError(error, in: "the OpenSecureChannel response")
        }
        let header = response?.responseHeader ?? fault?.responseHeader
        guard let header else {
            throw OPCUAError(.badUnknownResponse, "the server answered OpenSecureChannel with something else")
        }
        guard let response, header.serviceResult.isGood else {
            throw OPCUAError(header.serviceResult, "the server refused to open the secure channel")
        }
        return response
    }

    private mutating func chunkReceived(_ frame: Frame) throws(OPCUAError) -> ReceivedAction {
        guard case .open(var open) = takeState() else { throw unexpected(frame) }
        let address = try SymmetricChunk.address(frame)
        guard address.channelId == open.channelId else {
            throw OPCUAError(.badTcpSecureChannelUnknown, "a message came for another secure channel")
        }
        if address.tokenId == open.current.id {
            open.previous.removeAll()
        } else if let index = open.previous.firstIndex(where: { $0.id == address.tokenId }) {
            open.previous.removeFirst(index)
        } else {
            throw OPCUAError(.badSecureChannelTokenUnknown, "a message came under an unknown security token")
        }
        let chunk = try SymmetricChunk(frame, security: (open.previous.first ?? open.current).security)
        try open.checkSequence(chunk.sequenceNumber)
        let action = try open.assembler.chunkReceived(frame.kind, requestId: chunk.requestId, body: chunk.body)
        state = .open(open)
        return switch action {
        case .wait: .wait
        case .message(let requestId, let message): .response(requestId: requestId, message)
        case .aborted(let requestId, let error):
            .aborted(requestId: requestId, OPCUAError(error.status, error.reason ?? "the server gave the answer up"))
        }
    }

    private func unexpected(_ frame: Frame) -> OPCUAError {
        OPCUAError(.badTcpMessageTypeInvalid, "an unexpected \(frame.type) message came")
    }

    /// Takes what an open channel holds; any other state stays as it is.
    private mutating func takeOpen() -> Open? {
        guard case .open = state, case .open(let open) = takeState() else { return nil }
        return open
    }

    /// Takes the state out, so that what it holds is changed in place; a path that does not put one back closes.
    private mutating func takeState() -> State {
        var taken = State.closed
        swap(&taken, &state)
        return taken
    }
}

extension ClientChannel.Open {
    mutating func takeRequestId() -> UInt32 {
        let id = nextRequestId
        // 0 is left out: it marks "no request" in many logs.
        nextRequestId = id == .max ? 1 : id &+ 1
        return id
    }

    mutating func checkSequence(_ number: UInt32) throws(OPCUAError) {
        guard received.accept(number) else {
            throw OPCUAError(.badSequenceNumberInvalid, "a message chunk is missing or came twice")
        }
    }
}
