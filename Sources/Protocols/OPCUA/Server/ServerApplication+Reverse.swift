import Logging
import NIOCore
import NIOPosix
import OPCUACore

extension ServerApplication {
    /// Connects to a client again and again, one connection at a time, until the task is cancelled.
    func serve(_ target: ReverseConnect, _ core: NIOLoopBoundBox<ServerCore>, endpointURL: String) async throws {
        while !Task.isCancelled {
            do {
                let channel = try await dial(target, core, endpointURL: endpointURL)
                try await channel.closeFuture.get()
            } catch {
                logger.debug(
                    "no reverse connection to \(target.host) port \(target.port)", metadata: ["reason": "\(error)"])
            }
            try await Task.sleep(for: target.interval)
        }
    }

    private func dial(
        _ target: ReverseConnect, _ core: NIOLoopBoundBox<ServerCore>, endpointURL: String
    ) async throws -> any Channel {
        let hello = ReverseHello(serverURI: configuration.applicationURI, endpointURL: endpointURL)
        return try await ClientBootstrap(group: loop)
            .connectTimeout(.seconds(10))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        ConnectionHandler(core: core.value, greeting: hello))
                }
            }
            .connect(host: target.host, port: target.port).get()
    }
}
