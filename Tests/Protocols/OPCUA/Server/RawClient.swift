import NIOCore
import NIOPosix
import OPCUACore
import OPCUASecurity
import OPCUATypes
import Testing

@testable import OPCUAServer

/// A client that sends what it is told to, message by message, so that tests can do what a good client would not.
final class RawClient {
    private var channel: ClientChannel
    private var frames = FrameDecoder(maxFrameBytes: 1 << 20)
    /// Used by the one task that holds the client.
    private nonisolated(unsafe) var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var answers: [UInt32: ByteBuffer] = [:]
    private var isOpen = false
    /// What a server said that has made the connection.
    private(set) var greeting: ReverseHello?
    /// The session; requests carry it.
    var token = NodeId.null
    var handle: UInt32 = 0

    private init(
        _ settings: ClientChannelSettings, _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>,
        _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) {
        channel = ClientChannel(settings, security: .none)
        self.inbound = inbound.makeAsyncIterator()
        self.outbound = outbound
    }

    /// Runs `body` with a connection whose channel is open.
    static func connect<Result>(
        _ port: Int, limits: TransportLimits = TransportLimits(), _ body: (RawClient) async throws -> Result
    ) async throws -> Result {
        let socket = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { socket in
                socket.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: socket)
                }
            }
        return try await use(socket, url: "opc.tcp://localhost:\(port)/raw", limits: limits, body)
    }

    /// The same on a connection that is there.
    /// - Parameter isGreeted: the server speaks first, as it has made the connection.
    static func use<Result>(
        _ socket: NIOAsyncChannel<ByteBuffer, ByteBuffer>, url: String, limits: TransportLimits = TransportLimits(),
        isGreeted: Bool = false, _ body: (RawClient) async throws -> Result
    ) async throws -> Result {
        try await socket.executeThenClose { inbound, outbound in
            var settings = ClientChannelSettings(endpointURL: url)
            settings.limits = limits
            let client = RawClient(settings, inbound, outbound)
            while isGreeted, client.greeting == nil { try await client.readMore() }
            try await outbound.write(client.channel.connected())
            while !client.isOpen { try await client.readMore() }
            return try await body(client)
        }
    }

    /// The same with an activated session.
    static func session<Result>(_ port: Int, _ body: (RawClient) async throws -> Result) async throws -> Result {
        try await connect(port) { client in
            try await client.createSession()
            try await client.activate()
            return try await body(client)
        }
    }

    func createSession(
        timeout: Double = 60_000, applicationURI: String = "urn:test:client", maxResponseBytes: UInt32 = 0
    ) async throws {
        let created = try await call(
            CreateSessionRequest(
                clientDescription: ApplicationDescription(applicationUri: applicationURI), sessionName: "raw",
                clientNonce: ByteString([UInt8](repeating: 1, count: 32)), requestedSessionTimeout: timeout,
                maxResponseMessageSize: maxResponseBytes))
        #expect(created.responseHeader.serviceResult == .good)
        token = created.authenticationToken
    }

    @discardableResult
    func activate(as identity: ExtensionObject = ExtensionObject(AnonymousIdentityToken(policyId: "anonymous")))
        async throws -> StatusCode
    {
        try await call(ActivateSessionRequest(userIdentityToken: identity)).responseHeader.serviceResult
    }

    /// Sends a request; its answer is waited for later.
    func send<R: ServiceRequest>(_ request: R, timeoutHint: UInt32 = 0) async throws -> Sent<R> {
        var request = request
        handle += 1
        request.requestHeader.authenticationToken = token
        request.requestHeader.requestHandle = handle
        request.requestHeader.timeoutHint = timeoutHint
        guard case .write(let bytes, let id) = channel.send(OutgoingMessage(request)) else {
            throw ServerError(description: "the channel is closed")
        }
        try await outbound.write(bytes)
        return Sent(id: id)
    }

    struct Sent<R: ServiceRequest> { var id: UInt32 }

    /// The answer of a request; a fault becomes an answer with nothing but its header.
    func answer<R: ServiceRequest>(of sent: Sent<R>) async throws -> R.Response {
        while answers[sent.id] == nil { try await readMore() }
        let bytes = answers.removeValue(forKey: sent.id)
        let message = try IncomingMessage(try #require(bytes))
        if let fault = try message.decode(ServiceFault.self) {
            // Every response begins with its header, and all the rest of an empty one is zero or null.
            var writer = BinaryWriter()
            fault.responseHeader.encode(to: &writer)
            writer.write(bytes: [UInt8](repeating: 0, count: 256))
            return try R.Response(decoding: writer.buffer)
        }
        return try R.Response(decoding: message.body)
    }

    func call<R: ServiceRequest>(_ request: R) async throws -> R.Response {
        try await answer(of: try await send(request))
    }

    func status<R: ServiceRequest>(of request: R) async throws -> StatusCode {
        try await call(request).responseHeader.serviceResult
    }

    private func readMore() async throws {
        guard let bytes = try await inbound.next() else {
            throw ServerError(description: "the server closed the connection")
        }
        frames.append(bytes)
        while let frame = try frames.next() {
            if let hello = try ReverseHello(frame) {
                greeting = hello
                continue
            }
            switch channel.frameReceived(frame, now: SystemClock.moment) {
            case .send(let bytes): try await outbound.write(bytes)
            case .opened: isOpen = true
            case .response(let id, let message): answers[id] = message
            case .fail(let error): throw error
            case .aborted, .renewed, .wait: break
            }
        }
    }
}

// MARK: What most tests say

extension RawClient {
    func subscribe(
        interval: Double = 10, lifetime: UInt32 = 100_000, keepAlive: UInt32 = 100, publishing: Bool = true
    ) async throws -> UInt32 {
        try await call(
            CreateSubscriptionRequest(
                requestedPublishingInterval: interval, requestedLifetimeCount: lifetime,
                requestedMaxKeepAliveCount: keepAlive, publishingEnabled: publishing)
        ).subscriptionId
    }

    @discardableResult
    func monitor(
        _ nodes: [NodeId], in subscription: UInt32, attribute: UInt32 = AttributeId.value, queueSize: UInt32 = 1,
        sampling: Double = 0, filter: ExtensionObject = .null, range: String? = nil,
        mode: MonitoringMode = .reporting, handle first: Int = 0
    ) async throws -> [MonitoredItemCreateResult] {
        try await call(
            CreateMonitoredItemsRequest(
                subscriptionId: subscription, timestampsToReturn: .both,
                itemsToCreate: nodes.enumerated().map { index, node in
                    MonitoredItemCreateRequest(
                        itemToMonitor: ReadValueId(nodeId: node, attributeId: attribute, indexRange: range),
                        monitoringMode: mode,
                        requestedParameters: MonitoringParameters(
                            clientHandle: UInt32(first + index), samplingInterval: sampling, filter: filter,
                            queueSize: queueSize, discardOldest: true))
                })
        ).results
    }

    /// The next notification of any subscription that is no keep-alive.
    func publish(acknowledging: [SubscriptionAcknowledgement] = []) async throws -> PublishResponse {
        var acknowledgements = acknowledging
        while true {
            let answer = try await call(PublishRequest(subscriptionAcknowledgements: acknowledgements))
            acknowledgements = []
            if !answer.responseHeader.serviceResult.isGood || !answer.notificationMessage.notificationData.isEmpty
                || !acknowledging.isEmpty
            {
                return answer
            }
        }
    }

    func read(_ node: NodeId, _ attribute: UInt32 = AttributeId.value, range: String? = nil) async throws -> DataValue {
        let answer = try await call(
            ReadRequest(
                timestampsToReturn: .both,
                nodesToRead: [ReadValueId(nodeId: node, attributeId: attribute, indexRange: range)]))
        return try #require(answer.results.first)
    }
}

extension PublishResponse {
    /// Values of a data change, with their client handles.
    var changes: [(handle: UInt32, value: DataValue)] {
        notificationMessage.notificationData.flatMap { object -> [(UInt32, DataValue)] in
            let notification = try? object.decode(as: DataChangeNotification.self)
            return notification?.monitoredItems.map { ($0.clientHandle, $0.value) } ?? []
        }
    }

    var statusChange: StatusCode? {
        notificationMessage.notificationData.lazy
            .compactMap { try? $0.decode(as: StatusChangeNotification.self) }.first?.status
    }
}
