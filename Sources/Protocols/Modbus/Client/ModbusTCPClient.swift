public import Logging
public import ModbusCore
public import NIOCore
public import NIOPosix

/// Opens connections to Modbus TCP devices.
public enum ModbusTCPClient {
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
        let bootstrap = ClientBootstrap(group: group)
            .connectTimeout(configuration.connectTimeout)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.so_keepalive), value: 1)
        do {
            return try await bootstrap.connect(host: endpoint.host, port: endpoint.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = ModbusClientHandler(
                        configuration: configuration, firstTransaction: .random(in: 0 ... .max), logger: logger)
                    try channel.pipeline.syncOperations.addHandler(handler)
                    return ModbusConnection(
                        endpoint: endpoint, timeout: configuration.timeout, channel: channel, handler: handler)
                }
            }
        } catch {
            throw ModbusClientError(
                .cannotConnect, "\(endpoint) cannot be reached: \(reason(for: error))", endpoint: endpoint,
                cause: error)
        }
    }

    /// The part of a connection error that helps a person.
    private static func reason(for error: any Error) -> String {
        switch error {
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
