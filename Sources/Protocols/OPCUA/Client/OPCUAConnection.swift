public import NIOCore
public import NIOPosix
import OPCUACore
import OPCUASecurity
public import OPCUATypes

/// An activated session on a server: calls services, subscribes, and ends with the scope that it was lent to.
public final class OPCUAConnection: Sendable {
    private let channel: any Channel
    private let handler: NIOLoopBound<ClientHandler>
    public let configuration: OPCUAClientConfiguration

    private init(
        _ channel: any Channel, _ handler: NIOLoopBound<ClientHandler>, _ configuration: OPCUAClientConfiguration
    ) {
        self.channel = channel
        self.handler = handler
        self.configuration = configuration
    }

    /// Connects, opens a channel and a session, lends the connection to `body`, and closes in good order.
    ///
    /// - Throws: `OPCUAClientError` when the link cannot be made or ends before `body` does; else what `body` throws.
    @concurrent
    public static func withConnection(
        _ configuration: OPCUAClientConfiguration, receiver: any OPCUAReceiver,
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        _ body: @escaping @Sendable (OPCUAConnection) async throws -> Void
    ) async throws {
        var connection = try await dial(configuration, .none, receiver, group)
        do {
            let endpoint = try await connection.chooseEndpoint()
            let security = try connection.security(for: endpoint)
            if security.isSecured {
                // What was learnt without security is checked again when the session is created.
                await connection.close()
                connection = try await dial(configuration, security, receiver, group)
            }
            try await connection.openSession(endpoint, security)
            try await connection.whileAlive(body)
        } catch {
            await connection.close()
            throw error
        }
        await connection.close()
    }

    private static func dial(
        _ configuration: OPCUAClientConfiguration, _ security: ChannelSecurity, _ receiver: any OPCUAReceiver,
        _ group: any EventLoopGroup
    ) async throws -> OPCUAConnection {
        let endpoint = configuration.endpoint
        // The handler is kept from the start: a connection that ends at once no longer has it in its pipeline.
        let channel: any Channel
        let handler: NIOLoopBound<ClientHandler>
        do {
            (channel, handler) = try await ClientBootstrap(group: group)
                .connectTimeout(configuration.connectTimeout)
                .channelOption(.socketOption(.tcp_nodelay), value: 1)
                .connect(host: endpoint.host, port: endpoint.port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let handler = ClientHandler(configuration, security: security, receiver: receiver)
                        try channel.pipeline.syncOperations.addHandler(handler)
                        return (channel, NIOLoopBound(handler, eventLoop: channel.eventLoop))
                    }
                }
        } catch {
            throw OPCUAClientError(connecting: endpoint, failed: error)
        }
        let connection = OPCUAConnection(channel, handler, configuration)
        let timeout = channel.eventLoop.scheduleTask(in: configuration.connectTimeout) {
            handler.value.fail(OPCUAError(.badTimeout, "no answer to the handshake; is this an OPC UA server?"))
        }
        defer { timeout.cancel() }
        try await channel.eventLoop.flatSubmit {
            handler.value.openedFuture ?? channel.eventLoop.makeSucceededVoidFuture()
        }.get()
        return connection
    }

    /// What the server offers (Part 4, 5.5.4).
    public func endpoints() async throws -> [EndpointDescription] {
        try await call(GetEndpointsRequest(endpointUrl: configuration.endpoint.url)).endpoints
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
    private func security(for endpoint: EndpointDescription) throws(OPCUAClientError) -> ChannelSecurity {
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
                host: settings.checksHostName ? configuration.endpoint.host : nil)
            try settings.trust.check(chain, expected, now: WallClock.now())
        } catch {
            var failure = OPCUAClientError(error, at: address)
            failure.refusedCertificate = chain.first
            throw failure
        }
        guard policy != .none, let credentials = settings.credentials else { return .none }
        return ChannelSecurity(policy, endpoint.securityMode, credentials: credentials, peer: chain[0])
    }

    /// CreateSession, ActivateSession (Part 4, 5.7.2, 5.7.3).
    private func openSession(_ endpoint: EndpointDescription, _ security: ChannelSecurity) async throws {
        let own = configuration.security
        let settings = ClientSessionSettings(
            endpointURL: configuration.endpoint.url, applicationName: configuration.applicationName,
            // Both sides insist on the certificate's.
            applicationURI: security.credentials?.certificate.applicationURI ?? configuration.applicationURI,
            timeout: configuration.sessionTimeout, choice: own.choice, passwordFormat: own.passwordFormat)
        let create = try await onLoop { handler in
            handler.session = ClientSession(settings, endpoint: endpoint, security: security, identity: own.identity)
            return handler.session?.channelOpened()
        }
        guard let create else { return }
        let created = try await call(create)
        let action = try await onLoop { $0.session?.created(created, now: ClientHandler.now) }
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
        let outcome = try await onLoop { $0.session?.activated(activated, now: ClientHandler.now) }
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
                try await withTaskCancellationHandler {
                    try await self.channel.eventLoop.flatSubmit { [handler = self.handler, channel = self.channel] in
                        handler.value.endedFuture ?? channel.eventLoop.makeSucceededVoidFuture()
                    }.get()
                } onCancel: { [handler = self.handler, channel = self.channel] in
                    channel.eventLoop.execute { handler.value.close() }
                }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func close() async {
        channel.eventLoop.execute { [handler] in handler.value.close() }
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

extension OPCUAClientError {
    init(connecting endpoint: OPCUAEndpoint, failed error: any Error) {
        if let error = error as? OPCUAClientError {
            self = error
        } else if let error = error as? NIOConnectionError {
            if error.connectionErrors.isEmpty {
                self.init(.transient, "the host name '\(endpoint.host)' is not known; check the endpoint and the DNS")
            } else {
                let reason = error.connectionErrors.map { "\($0.error)" }.first ?? ""
                self.init(
                    .transient,
                    reason.contains("refused")
                        ? "\(endpoint.address) refused the connection; is the server running and the port right?"
                        : "\(endpoint.address) cannot be reached: \(reason)")
            }
        } else if case ChannelError.connectTimeout = error {
            self.init(.transient, "\(endpoint.address) did not answer; check host, port and firewall")
        } else {
            self.init(.transient, "\(endpoint.address) cannot be reached: \(error)")
        }
    }
}
