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

    private func withClient<Result>(
        _ port: Int,
        _ body: (NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator, NIOAsyncChannelOutboundWriter<ByteBuffer>)
            async throws -> Result
    ) async throws -> Result {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await body(inbound.makeAsyncIterator(), outbound)
        }
    }

    /// Reads until so many bytes have come, or the server has hung up.
    private func collect(
        _ count: Int, _ inbound: inout NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    ) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count, let part = try await inbound.next() { bytes += Array(part.readableBytesView) }
        return bytes
    }

    @Test func requestsInOnePacketAreAnsweredInTheirOrder() async throws {
        let bank = RegisterBank([1: UnitRegisters(inputs: [0..<1])])
        try await server(bank).withServer { port in
            try await withClient(port) { inbound, outbound in
                var inbound = inbound
                let request: [UInt8] = [0, 0, 0, 6, 1, 4, 0, 0, 0, 1]
                try await outbound.write(ByteBuffer(bytes: [0, 1] + request + [0, 2] + request))
                let answer: [UInt8] = [0, 0, 0, 5, 1, 4, 2, 0, 0]
                #expect(try await collect(22, &inbound) == [0, 1] + answer + [0, 2] + answer)
            }
        }
    }

    @Test func whoDoesNotSpeakModbusIsDisconnected() async throws {
        try await server(RegisterBank([:])).withServer { port in
            try await withClient(port) { inbound, outbound in
                var inbound = inbound
                try await outbound.write(ByteBuffer(string: "GET / HTTP/1.1\r\n\r\n"))
                #expect(try await collect(1, &inbound) == [])
            }
        }
    }

    @Test func clientsAreTakenUpToTheLimitAndNotMore() async throws {
        let bank = RegisterBank([1: UnitRegisters(inputs: [0..<1])])
        try await server(bank, maxConnections: 1).withServer { port in
            try await withClient(port) { first, outbound in
                var first = first
                let request = ByteBuffer(bytes: [0, 1, 0, 0, 0, 6, 1, 4, 0, 0, 0, 1])
                try await outbound.write(request)
                #expect(try await collect(11, &first).count == 11)
                try await withClient(port) { second, _ in
                    var second = second
                    #expect(try await collect(1, &second) == [])
                }
                try await outbound.write(request)
                #expect(try await collect(11, &first).count == 11)
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
