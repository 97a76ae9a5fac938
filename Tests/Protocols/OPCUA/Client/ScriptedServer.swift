import NIOCore
import NIOPosix
import OPCUACore
import OPCUASecurity
import OPCUATypes
import Synchronization

/// A server that does what a test says, request by request; what the test leaves open is done as usual.
final class ScriptedServer: Sendable {
    /// A request as the script sees it.
    struct Request: Sendable {
        var typeId: UInt32
        var body: ByteBuffer
        /// 1 for the first request of its type, counted over all connections.
        var count: Int

        func decode<T: Structure>(_ type: T.Type) -> T? {
            guard typeId == T.binaryEncodingId else { return nil }
            return try? T(decoding: body)
        }
    }

    enum Answer: Sendable {
        case usual
        case nothing
        case message(OutgoingMessage)
        case fault(StatusCode)
        case hangUp
    }

    typealias Script = @Sendable (Request) -> Answer

    private struct State {
        var counts: [UInt32: Int] = [:]
        var connections = 0
    }

    private let state = Mutex(State())
    private let script: Script

    init(_ script: @escaping Script) { self.script = script }

    /// How many requests of a type came.
    func count<T: Structure>(_ type: T.Type) -> Int { state.withLock { $0.counts[T.binaryEncodingId] ?? 0 } }

    func serve(_ body: (_ port: Int) async throws -> Void) async throws {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let id = self.state.withLock { state in
                        state.connections += 1
                        return UInt32(state.connections)
                    }
                    try channel.pipeline.syncOperations.addHandler(Handler(self, channelId: id))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            try await body(channel.localAddress?.port ?? 0)
        } catch {
            try await channel.close()
            throw error
        }
        try await channel.close()
    }

    fileprivate func answer(_ message: ByteBuffer) throws -> Answer {
        let incoming = try IncomingMessage(message)
        let count = state.withLock { state in
            state.counts[incoming.typeId, default: 0] += 1
            return state.counts[incoming.typeId] ?? 0
        }
        let request = Request(typeId: incoming.typeId, body: incoming.body, count: count)
        let answer = script(request)
        guard case .usual = answer else { return answer }
        return usual(request)
    }

    private func usual(_ request: Request) -> Answer {
        if request.decode(GetEndpointsRequest.self) != nil {
            return .message(
                OutgoingMessage(
                    GetEndpointsResponse(endpoints: [
                        EndpointDescription(
                            endpointUrl: "opc.tcp://script",
                            server: ApplicationDescription(applicationUri: "urn:script"), securityMode: .none,
                            securityPolicyUri: SecurityPolicy.none.uri,
                            userIdentityTokens: [UserTokenPolicy(policyId: "anyone", tokenType: .anonymous)])
                    ])))
        }
        if request.decode(CreateSessionRequest.self) != nil {
            return .message(
                OutgoingMessage(
                    CreateSessionResponse(
                        sessionId: NodeId(UInt32(request.count)), authenticationToken: NodeId(UInt32(request.count)),
                        revisedSessionTimeout: 60_000)))
        }
        if request.decode(ActivateSessionRequest.self) != nil {
            return .message(OutgoingMessage(ActivateSessionResponse()))
        }
        if let asked = request.decode(CreateSubscriptionRequest.self) {
            return .message(
                OutgoingMessage(
                    CreateSubscriptionResponse(
                        subscriptionId: UInt32(request.count),
                        revisedPublishingInterval: asked.requestedPublishingInterval,
                        revisedLifetimeCount: asked.requestedLifetimeCount,
                        revisedMaxKeepAliveCount: asked.requestedMaxKeepAliveCount)))
        }
        if request.decode(RepublishRequest.self) != nil { return .fault(.badMessageNotAvailable) }
        if request.typeId == PublishRequest.binaryEncodingId { return .nothing }
        return .fault(.badServiceUnsupported)
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let server: ScriptedServer
        private var decoder = FrameDecoder(maxFrameBytes: 1 << 20)
        private var machine: ServerChannel

        init(_ server: ScriptedServer, channelId: UInt32) {
            self.server = server
            machine = ServerChannel(
                channelId: channelId, settings: ServerChannelSettings(), security: ServerChannelSecurity(),
                now: ClientNow.moment)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            decoder.append(unwrapInboundIn(data))
            do {
                while let frame = try decoder.next() {
                    switch machine.frameReceived(frame, now: ClientNow.moment) {
                    case .send(let bytes): context.write(wrapOutboundOut(bytes), promise: nil)
                    case .request(let id, let message): perform(try server.answer(message), id, context)
                    case .closed, .refuse: return context.close(promise: nil)
                    case .wait, .aborted: break
                    }
                }
                context.flush()
            } catch {
                context.close(promise: nil)
            }
        }

        private func perform(_ answer: Answer, _ id: UInt32, _ context: ChannelHandlerContext) {
            let message: OutgoingMessage
            switch answer {
            case .usual, .nothing: return
            case .hangUp:
                context.flush()
                return context.close(promise: nil)
            case .message(let made): message = made
            case .fault(let status): message = OutgoingMessage(fault: status, requestHandle: 0, at: .null)
            }
            guard case .write(let bytes) = machine.send(message, requestId: id) else { return }
            context.write(wrapOutboundOut(bytes), promise: nil)
        }
    }
}

private enum ClientNow {
    static var moment: Moment { Moment(monotonic: .now(), utc: DateTime(utcMicroseconds: 1_700_000_000_000_000)) }
}

extension ScriptedServer.Answer {
    /// An answer to Publish with one value; nil for a keep-alive.
    static func published(
        _ number: UInt32, _ value: Double?, of subscription: UInt32 = 1, results: [StatusCode] = []
    ) -> Self {
        .message(
            OutgoingMessage(
                PublishResponse(
                    subscriptionId: subscription, notificationMessage: .carrying(number, value), results: results)))
    }

    static func republished(_ number: UInt32, _ value: Double) -> Self {
        .message(OutgoingMessage(RepublishResponse(notificationMessage: .carrying(number, value))))
    }

    /// An answer to Publish that says what became of the subscription.
    static func statusChange(_ number: UInt32, _ status: StatusCode, of subscription: UInt32 = 1) -> Self {
        .message(
            OutgoingMessage(
                PublishResponse(
                    subscriptionId: subscription,
                    notificationMessage: NotificationMessage(
                        sequenceNumber: number,
                        notificationData: [ExtensionObject(StatusChangeNotification(status: status))]))))
    }
}

extension NotificationMessage {
    static func carrying(_ number: UInt32, _ value: Double?) -> NotificationMessage {
        NotificationMessage(
            sequenceNumber: number,
            notificationData: value.map { value in
                [
                    ExtensionObject(
                        DataChangeNotification(monitoredItems: [
                            MonitoredItemNotification(clientHandle: 0, value: DataValue(.double(value)))
                        ]))
                ]
            } ?? [])
    }
}
