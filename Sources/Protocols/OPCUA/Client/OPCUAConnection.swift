public import NIOCore
public import NIOPosix
import OPCUACore
import OPCUASecurity
public import OPCUATypes

/// An activated session on a server: calls services, subscribes, and ends with the scope that it was lent to.
public final class OPCUAConnection: Sendable {
    let channel: any Channel
    let handler: NIOLoopBound<ClientHandler>
    public let configuration: OPCUAClientConfiguration
    /// The endpoint's URL as this connection tells it to the server.
    let sentURL: String
    let recovery: OPCUARecovery?
    let learnt = LearntSizes()

    init(
        _ channel: any Channel, _ handler: NIOLoopBound<ClientHandler>, _ configuration: OPCUAClientConfiguration,
        sentURL: String, recovery: OPCUARecovery?
    ) {
        self.channel = channel
        self.handler = handler
        self.configuration = configuration
        self.sentURL = sentURL
        self.recovery = recovery
    }

    /// Connects, opens a channel and a session, lends the connection to `body`, and closes in good order.
    ///
    /// Where the link breaks, session and subscriptions stay at the server, for the next connection with the same
    /// `recovery` to take up. A `body` that ends, fails or is cancelled deletes them.
    /// - Parameters:
    ///   - recovery: what earlier connections to this server left; nil begins and ends with nothing.
    ///   - dialling: how the server is reached.
    /// - Throws: `OPCUAClientError` when the link cannot be made or ends before `body` does; else what `body` throws.
    @concurrent
    public static func withConnection(
        _ configuration: OPCUAClientConfiguration, receiver: any OPCUAReceiver, recovery: OPCUARecovery? = nil,
        dialling: OPCUADialling = .connect, group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        _ body: @escaping @Sendable (OPCUAConnection) async throws -> Void
    ) async throws {
        let dialler = Dialler(
            configuration: configuration, dialling: dialling, receiver: receiver, recovery: recovery, group: group)
        var connection = try await dialler.dial(configuration.endpoint, .none)
        do {
            let endpoint = try await connection.closingWhenCancelled { [connection] in
                try await connection.chooseEndpoint()
            }
            let security = try connection.security(for: endpoint, checksHost: dialling.namesTheHost)
            let other = configuration.endpoint.other(named: endpoint.endpointUrl)
            if security.isSecured || other != nil {
                // What was learnt without security is checked again when the session is created.
                await connection.close()
                connection = try await dialler.dial(configuration.endpoint, else: other, security)
            }
            try await connection.closingWhenCancelled { [connection] in
                try await connection.openSession(endpoint, security)
            }
            try await connection.whileAlive(body)
        } catch {
            await connection.close(keepsSession: (error as? OPCUAClientError)?.isOfLink ?? false)
            throw error
        }
        await connection.close()
    }

    /// What a server says of itself and of the servers that it knows, asked without a session (Part 4, 5.5).
    @concurrent
    public static func discover(
        _ configuration: OPCUAClientConfiguration, dialling: OPCUADialling = .connect,
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async throws -> (servers: [ApplicationDescription], endpoints: [EndpointDescription]) {
        let dialler = Dialler(
            configuration: configuration, dialling: dialling, receiver: NoReceiver(), recovery: nil, group: group)
        let connection = try await dialler.dial(configuration.endpoint, .none)
        do {
            let found = try await connection.closingWhenCancelled {
                (try await connection.servers(), try await connection.endpoints())
            }
            await connection.close()
            return found
        } catch {
            await connection.close()
            throw error
        }
    }

    private func chooseEndpoint() async throws -> EndpointDescription {
        let offered = try await endpoints()
        do throws(OPCUAError) {
            return try configuration.security.choice.best(of: offered)
        } catch {
            throw OPCUAClientError(error, at: address)
        }
    }

    /// The keys of a channel to an endpoint, once the server's certificate is found good.
    private func security(
        for endpoint: EndpointDescription, checksHost: Bool
    ) throws(OPCUAClientError) -> ChannelSecurity {
        let settings = configuration.security
        let policy = endpoint.policy ?? .none
        // A password or a user's signature is bound to the server's certificate even where the channel is open.
        let token = settings.choice.tokenPolicy(of: endpoint)?.policy(in: endpoint) ?? .none
        let needsServer = policy != .none || (settings.identity.tokenType != .anonymous && token != .none)
        guard needsServer else { return .none }
        var chain: [ApplicationCertificate] = []
        do throws(OPCUAError) {
            chain = try ApplicationCertificate.chain(endpoint.serverCertificate?.bytes ?? [])
            let expected = CertificateExpectation(
                owner: "the server's certificate", policy: policy == .none ? token : policy,
                applicationURI: endpoint.server.applicationUri,
                host: settings.checksHostName && checksHost ? configuration.endpoint.host : nil)
            try settings.trust.check(chain, expected, now: WallClock.now())
        } catch {
            var failure = OPCUAClientError(error, at: address)
            failure.refusedCertificate = chain.first
            throw failure
        }
        guard policy != .none, let credentials = settings.credentials else { return .none }
        return ChannelSecurity(policy, endpoint.securityMode, credentials: credentials, peer: chain[0])
    }

    /// The session of the last connection again, else a new one (Part 4, 5.7.2, 5.7.3).
    private func openSession(_ endpoint: EndpointDescription, _ security: ChannelSecurity) async throws {
        let own = configuration.security
        let settings = ClientSessionSettings(
            endpointURL: sentURL, applicationName: configuration.applicationName,
            // Both sides insist on the certificate's.
            applicationURI: security.credentials?.certificate.applicationURI ?? configuration.applicationURI,
            timeout: configuration.sessionTimeout, choice: own.choice, passwordFormat: own.passwordFormat)
        @Sendable func session() -> ClientSession {
            ClientSession(settings, endpoint: endpoint, security: security, identity: own.identity)
        }
        let server = endpoint.server.applicationUri ?? address
        if case .activate(let held) = recovery?.withLock({ $0.channelOpened(to: server) }) {
            do {
                let action = try await onLoop { handler in
                    handler.session = session()
                    return handler.session?.channelOpened(with: held, now: ClientHandler.now)
                }
                return try await activate(action)
            } catch let error as OPCUAClientError {
                // A server that hangs up on an old session is as good as one that refuses it.
                _ = recovery?.withLock { $0.activationRefused() }
                guard error.isRefusal else { throw error }
            }
        }
        let create = try await onLoop { handler in
            handler.session = session()
            return handler.session?.channelOpened()
        }
        guard let create else { return }
        let created = try await call(create)
        try await activate(try await onLoop { $0.session?.created(created, now: ClientHandler.now) })
    }

    private func activate(_ action: ClientSession.AnswerAction?) async throws {
        guard case .activate(let activate) = action else { throw failure(action) }
        let activated: ActivateSessionResponse
        do {
            activated = try await call(activate)
        } catch let error as OPCUAClientError {
            guard let status = error.status,
                let refused = try await onLoop({ $0.session?.activationRefused(status) })
            else { throw error }
            throw OPCUAClientError(refused, at: address)
        }
        let outcome = try await onLoop { handler in
            let outcome = handler.session?.activated(activated, now: ClientHandler.now)
            if let held = handler.session?.held { handler.recovery?.withLock { $0.sessionActivated(held) } }
            return outcome
        }
        guard case .active = outcome else { throw failure(outcome) }
    }

    private func failure(_ action: ClientSession.AnswerAction?) -> OPCUAClientError {
        if case .fail(let error) = action { return OPCUAClientError(error, at: address) }
        return OPCUAClientError(.transient, "\(address): the session could not be opened")
    }

    private func whileAlive(_ body: @escaping @Sendable (OPCUAConnection) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await body(self) }
            group.addTask {
                try await self.closingWhenCancelled {
                    try await self.channel.eventLoop.flatSubmit { [handler = self.handler, channel = self.channel] in
                        handler.value.endedFuture ?? channel.eventLoop.makeSucceededVoidFuture()
                    }.get()
                }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// A task that is cancelled closes the connection in good order, which ends whatever it waits for.
    func closingWhenCancelled<Result: Sendable>(
        _ body: @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withTaskCancellationHandler {
            try await body()
        } onCancel: {
            channel.eventLoop.execute { [handler] in handler.value.close() }
        }
    }

    func close(keepsSession: Bool = false) async {
        channel.eventLoop.execute { [handler] in handler.value.close(keepsSession: keepsSession) }
        // A channel that fails to close is closed all the same.
        try? await channel.closeFuture.get()
    }

    var address: String { configuration.endpoint.address }

    // MARK: What a subscriber calls, from any thread

    /// The messages are safe: the server may forget them. It is told with the next Publish.
    public func acknowledge(_ messages: [(subscription: UInt32, number: UInt32)]) {
        channel.eventLoop.execute { [handler] in handler.value.acknowledge(messages) }
    }

    /// Whether Publish requests are sent. While they are withheld the subscriptions are kept alive.
    public func demand(_ wanted: Bool) {
        channel.eventLoop.execute { [handler] in handler.value.demand(wanted) }
    }

    // MARK: Calls

    /// Calls a service and waits for its answer.
    /// - Throws: `OPCUAClientError` with the server's status when the service failed as a whole.
    package func call<Request: ServiceRequest>(_ request: Request) async throws -> Request.Response {
        let message = try await channel.eventLoop.flatSubmit { [handler] in handler.value.call(request) }.get()
        do {
            let incoming = try IncomingMessage(message)
            if let response = try incoming.decode(Request.Response.self, limits: configuration.decoding) {
                let status = response.responseHeader.serviceResult
                guard status.isGood else { throw refused(request, status) }
                return response
            }
            let fault = try incoming.decode(ServiceFault.self, limits: configuration.decoding)
            throw refused(request, fault?.responseHeader.serviceResult ?? .badUnknownResponse)
        } catch let error as BinaryDecodingError {
            throw OPCUAClientError(OPCUAError(error, in: "an answer"), at: address)
        }
    }

    private func refused<Request: ServiceRequest>(_ request: Request, _ status: StatusCode) -> OPCUAClientError {
        let service = "\(Request.self)".replacing("Request", with: "")
        return OPCUAClientError(OPCUAError(status, "the server refused \(service)"), at: address)
    }

    func onLoop<Result: Sendable>(_ body: @escaping @Sendable (ClientHandler) -> Result) async throws -> Result {
        try await channel.eventLoop.submit { [handler] in body(handler.value) }.get()
    }
}
