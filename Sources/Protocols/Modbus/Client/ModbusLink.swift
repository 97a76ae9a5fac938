public import Logging
public import ModbusCore
import ModbusSerial
public import NIOCore
public import NIOPosix
import NIOSSL
import NIOTLS
import TLSSupport

/// Opens connections to Modbus devices, over a network or a serial line.
public enum ModbusLink {
    /// Connects, runs `body` with the connection, and closes it when `body` has ended, however it ends.
    ///
    /// - Throws: `ModbusClientError` with code `cannotConnect`, else what `body` throws.
    public static func withConnection<Result>(
        to endpoint: ModbusEndpoint, configuration: ModbusClientConfiguration = ModbusClientConfiguration(),
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton, logger: Logger,
        _ body: (ModbusConnection) async throws -> Result
    ) async throws -> Result {
        let connection = try await connect(endpoint, configuration, group, logger)
        do {
            let result = try await body(connection)
            await connection.close()
            return result
        } catch {
            await connection.close()
            throw error
        }
    }

    private static func connect(
        _ endpoint: ModbusEndpoint, _ configuration: ModbusClientConfiguration, _ group: any EventLoopGroup,
        _ logger: Logger
    ) async throws -> ModbusConnection {
        do {
            let connection: ModbusConnection
            switch endpoint.place {
            case .serial(let path):
                connection = try await SerialPort.channel(path, configuration.serial, group: group) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try install(on: channel, endpoint, configuration, logger)
                    }
                }
            case .network(let host, let port):
                let tls = endpoint.isSecure ? try configuration.tls.context() : nil
                connection = try await ClientBootstrap(group: group)
                    .connectTimeout(configuration.connectTimeout)
                    .channelOption(.socketOption(.tcp_nodelay), value: 1)
                    .channelOption(.socketOption(.so_keepalive), value: 1)
                    // An answer comes whole; a second read would only learn that there is no more.
                    .channelOption(.maxMessagesPerRead, value: 1)
                    .connect(host: host, port: port) { channel in
                        channel.eventLoop.makeCompletedFuture {
                            if let tls { try secure(channel, tls, host: host) }
                            return try install(on: channel, endpoint, configuration, logger)
                        }
                    }
            }
            return try await ready(connection, configuration)
        } catch let error as ModbusClientError {
            throw error
        } catch {
            throw ModbusClientError(
                .cannotConnect, "\(endpoint) cannot be reached: \(reason(for: error))", endpoint: endpoint,
                cause: error)
        }
    }

    private static func install(
        on channel: any Channel, _ endpoint: ModbusEndpoint, _ configuration: ModbusClientConfiguration,
        _ logger: Logger
    ) throws -> ModbusConnection {
        let handler = ModbusClientHandler(
            link: configuration.link(to: endpoint, firstTransaction: .random(in: 0 ... .max)),
            isOverTCP: !endpoint.isSerialLine, logger: logger)
        try channel.pipeline.syncOperations.addHandler(handler)
        return ModbusConnection(endpoint: endpoint, timeout: configuration.timeout, channel: channel, handler: handler)
    }

    private static func secure(_ channel: any Channel, _ context: NIOSSLContext, host: String) throws {
        // A name that is an IP address is no server name; the certificate's addresses are compared instead.
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        let handler = try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : host)
        try channel.pipeline.syncOperations.addHandlers(handler, HandshakeWatch(channel.eventLoop))
    }

    /// Waits for the handshake where there is one, so that a wrong certificate is told at once and in words.
    private static func ready(
        _ connection: ModbusConnection, _ configuration: ModbusClientConfiguration
    ) async throws -> ModbusConnection {
        guard connection.endpoint.isSecure else { return connection }
        do {
            try await connection.handshake(within: configuration.connectTimeout)
            return connection
        } catch {
            await connection.close()
            throw ModbusClientError(
                .cannotConnect,
                "\(connection.endpoint): TLS failed: \(error); look at tls.ca, tls.certificate and tls.private_key",
                endpoint: connection.endpoint, cause: error)
        }
    }

    /// The part of a connection error that helps a person.
    private static func reason(for error: any Error) -> String {
        switch error {
        case let error as SerialPortError: return error.reason
        case let error as NIOConnectionError:
            if error.dnsAError != nil, error.connectionErrors.isEmpty { return "the host name is not known" }
            guard let first = error.connectionErrors.first else { return "no address answers" }
            return reason(for: first.error)
        case let error as IOError:
            return switch error.errnoCode {
            case 111: "the connection was refused; is the device's Modbus server on, and is the port right?"
            case 113, 101: "there is no route to the host"
            case 110: "the host does not answer"
            default: String(describing: error)
            }
        case ChannelError.connectTimeout: return "the host does not answer"
        default: return String(describing: error)
        }
    }
}

/// Tells when the TLS handshake is done or has failed.
final class HandshakeWatch: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    private let promise: EventLoopPromise<Void>

    /// Fulfilled when the handshake is done; fails with what stood in its way.
    var done: EventLoopFuture<Void> { promise.futureResult }

    init(_ loop: any EventLoop) {
        promise = loop.makePromise()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted? = event as? TLSUserEvent { promise.succeed() }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(error)
        context.fireErrorCaught(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise.fail(ChannelError.eof)
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        promise.fail(ChannelError.eof)
    }
}
