import Logging
import ModbusCore
import ModbusServer
import NIOCore
import NIOPosix
import Testing

/// The server behind its socket, with clients that are nothing but bytes.
@Suite struct ModbusTCPServerTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func server(_ bank: RegisterBank, maxConnections: Int = 64) -> ModbusTCPServer {
        ModbusTCPServer(configuration: .init(port: 0, maxConnections: maxConnections), bank: bank, logger: logger)
    }

    /// A client that sends and receives bytes and knows nothing of Modbus.
    private struct ByteClient {
        let channel: any Channel
        let received: AsyncStream<[UInt8]>

        func send(_ bytes: [UInt8]) async throws {
            try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
        }

        /// Waits until so many bytes have come, or the server has hung up.
        func receive(_ count: Int) async -> [UInt8] {
            var bytes: [UInt8] = []
            for await part in received {
                bytes += part
                if bytes.count >= count { break }
            }
            return bytes
        }
    }

    private final class Collector: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        let received: AsyncStream<[UInt8]>.Continuation

        init(_ received: AsyncStream<[UInt8]>.Continuation) {
            self.received = received
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            received.yield(Array(unwrapInboundIn(data).readableBytesView))
        }

        func channelInactive(context: ChannelHandlerContext) {
            received.finish()
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }

    private func withClient(_ port: Int, _ body: (ByteClient) async throws -> Void) async throws {
        let (received, continuation) = AsyncStream.makeStream(of: [UInt8].self)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { $0.pipeline.addHandler(Collector(continuation)) }
            .connect(host: "127.0.0.1", port: port).get()
        try await body(ByteClient(channel: channel, received: received))
        channel.close(promise: nil)
    }

    @Test func requestsInOnePacketAreAnsweredInTheirOrder() async throws {
        let bank = RegisterBank([1: UnitRegisters(inputs: [0..<1])])
        try await server(bank).withServer { port in
            try await withClient(port) { client in
                let request: [UInt8] = [0, 0, 0, 6, 1, 4, 0, 0, 0, 1]
                try await client.send([0, 1] + request + [0, 2] + request)
                let answer: [UInt8] = [0, 0, 0, 5, 1, 4, 2, 0, 0]
                #expect(await client.receive(22) == [0, 1] + answer + [0, 2] + answer)
            }
        }
    }

    @Test func whoDoesNotSpeakModbusIsDisconnected() async throws {
        try await server(RegisterBank([:])).withServer { port in
            try await withClient(port) { client in
                try await client.send(Array("GET / HTTP/1.1\r\n\r\n".utf8))
                #expect(await client.receive(1) == [])
            }
        }
    }

    @Test func clientsAreTakenUpToTheLimitAndNotMore() async throws {
        let bank = RegisterBank([1: UnitRegisters(inputs: [0..<1])])
        try await server(bank, maxConnections: 1).withServer { port in
            try await withClient(port) { first in
                let request: [UInt8] = [0, 1, 0, 0, 0, 6, 1, 4, 0, 0, 0, 1]
                try await first.send(request)
                #expect(await first.receive(11).count == 11)
                try await withClient(port) { second in
                    #expect(await second.receive(1) == [])
                }
                try await first.send(request)
                #expect(await first.receive(11).count == 11)
            }
        }
    }

    @Test func aPortInUseIsSaidInWords() async throws {
        try await server(RegisterBank([:])).withServer { port in
            let other = ModbusTCPServer(
                configuration: .init(port: port), bank: RegisterBank([:]), logger: logger)
            let error = await #expect(throws: ModbusServerError.self) { try await other.withServer { _ in } }
            #expect(error?.description == "Modbus cannot listen on 127.0.0.1:\(port): the port is in use")
        }
    }

    @Test func theEndOfTheServerClosesItsClientsAndFreesThePort() async throws {
        let server = server(RegisterBank([:]))
        let port = try await server.withServer { port in
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "127.0.0.1", port: port).get()
            #expect(channel.isActive)
            return port
        }
        let again = ModbusTCPServer(configuration: .init(port: port), bank: RegisterBank([:]), logger: logger)
        try await again.withServer { #expect($0 == port) }
    }

    @Test func runListensUntilCancelled() async throws {
        let server = server(RegisterBank([:]))
        let (ports, listening) = AsyncStream.makeStream(of: Int.self)
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run { listening.yield($0) } }
            for await port in ports {
                #expect(port > 0)
                break
            }
            group.cancelAll()
            await #expect(throws: CancellationError.self) { try await group.next() }
        }
    }
}
