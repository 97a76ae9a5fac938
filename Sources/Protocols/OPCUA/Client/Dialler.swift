import NIOCore
import NIOPosix
import OPCUACore
import OPCUASecurity
import OPCUATypes
import Synchronization

/// How a server is reached.
public enum OPCUADialling: Sendable {
    /// This side connects.
    case connect
    /// The server connects to this side (Part 6, 7.1.2.6).
    case accept(from: OPCUAReverseListener)

    /// Whether the name that was dialled says anything of the server.
    var namesTheHost: Bool { if case .connect = self { true } else { false } }
}

/// Makes links: a socket with a handler whose secure channel is open.
struct Dialler: Sendable {
    typealias Link = (channel: any Channel, handler: NIOLoopBound<ClientHandler>, url: String)

    let configuration: OPCUAClientConfiguration
    let dialling: OPCUADialling
    let receiver: any OPCUAReceiver
    let recovery: OPCUARecovery?
    let group: any EventLoopGroup

    /// Dials another endpoint of the server, and the known one where that cannot be reached.
    func dial(
        _ endpoint: OPCUAEndpoint, else other: OPCUAEndpoint?, _ security: ChannelSecurity
    ) async throws -> OPCUAConnection {
        guard let other else { return try await dial(endpoint, security) }
        do {
            return try await dial(other, security)
        } catch let error as OPCUAClientError where error.status == nil && !Task.isCancelled {
            return try await dial(endpoint, security)
        }
    }

    /// Dials and opens the channel. Ends at once when the task is cancelled.
    func dial(_ endpoint: OPCUAEndpoint, _ security: ChannelSecurity) async throws -> OPCUAConnection {
        let link =
            switch dialling {
            case .connect: try await connect(endpoint, security)
            case .accept(let listener): try await accept(listener, security)
            }
        let connection = OPCUAConnection(
            link.channel, link.handler, configuration, sentURL: link.url, recovery: recovery)
        let handler = link.handler
        let timeout = link.channel.eventLoop.scheduleTask(in: configuration.connectTimeout) {
            handler.value.fail(OPCUAError(.badTimeout, "no answer to the handshake; is this an OPC UA server?"))
        }
        defer { timeout.cancel() }
        try await connection.closingWhenCancelled {
            try await link.channel.eventLoop.flatSubmit {
                handler.value.openedFuture ?? link.channel.eventLoop.makeSucceededVoidFuture()
            }.get()
        }
        return connection
    }

    private func connect(_ endpoint: OPCUAEndpoint, _ security: ChannelSecurity) async throws -> Link {
        let attempt = Attempt()
        let race = group.any().makePromise(of: (any Channel).self)
        ClientBootstrap(group: group)
            .connectTimeout(configuration.connectTimeout)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    attempt.keep(try install(on: channel, url: endpoint.url, security), for: channel)
                }
            }
            .connect(host: endpoint.host, port: endpoint.port)
            .whenComplete { result in
                if attempt.isFirst() {
                    race.completeWith(result)
                } else if case .success(let channel) = result {
                    channel.close(promise: nil)
                }
            }
        do {
            let channel = try await withTaskCancellationHandler {
                try await race.futureResult.get()
            } onCancel: {
                if attempt.isFirst() { race.fail(CancellationError()) }
            }
            guard let handler = attempt.handler(for: channel) else { throw ChannelError.alreadyClosed }
            return (channel, handler, endpoint.url)
        } catch let error as CancellationError {
            throw error
        } catch {
            throw OPCUAClientError(connecting: endpoint, failed: error)
        }
    }

    private func accept(_ listener: OPCUAReverseListener, _ security: ChannelSecurity) async throws -> Link {
        let incoming = try await listener.accept(within: configuration.connectTimeout)
        let url = incoming.hello.endpointURL
        let handler = try await incoming.channel.eventLoop.flatSubmit { [channel = incoming.channel] in
            channel.pipeline.removeHandler(name: ReverseHelloHandler.name).flatMapThrowing {
                try install(on: channel, url: url, security)
            }
        }.get()
        return (incoming.channel, handler, url)
    }

    private func install(
        on channel: any Channel, url: String, _ security: ChannelSecurity
    ) throws -> NIOLoopBound<ClientHandler> {
        let handler = ClientHandler(
            configuration, url: url, security: security, receiver: receiver, recovery: recovery,
            on: channel.eventLoop)
        try channel.pipeline.syncOperations.addHandler(handler)
        return NIOLoopBound(handler, eventLoop: channel.eventLoop)
    }
}

/// One try to connect, which cancellation may end: the bootstrap itself knows nothing of that. Handlers are kept here, as
/// a connection that ends at once no longer has its handler in its pipeline.
private final class Attempt: Sendable {
    private struct State {
        var handlers: [ObjectIdentifier: NIOLoopBound<ClientHandler>] = [:]
        var isDecided = false
    }

    private let state = Mutex(State())

    func keep(_ handler: NIOLoopBound<ClientHandler>, for channel: any Channel) {
        state.withLock { $0.handlers[ObjectIdentifier(channel)] = handler }
    }

    func handler(for channel: any Channel) -> NIOLoopBound<ClientHandler>? {
        state.withLock { $0.handlers[ObjectIdentifier(channel)] }
    }

    /// True once: for whoever ends the race.
    func isFirst() -> Bool {
        state.withLock { state in
            defer { state.isDecided = true }
            return !state.isDecided
        }
    }
}

/// Takes what nobody subscribed to.
struct NoReceiver: OPCUAReceiver {
    func notifications(_ message: NotificationReader, of subscription: UInt32) {}
    func lost(_ messages: Int, of subscription: UInt32) {}
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
