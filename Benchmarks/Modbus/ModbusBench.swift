import Foundation
import Logging
import ModbusClient
import ModbusCore
import ModbusServer
import NIOCore
import NIOPosix
import Synchronization

/// Measures Modbus TCP; `dev/bench-modbus` runs it beside libmodbus and pymodbus.
///
///     modbus-bench serve                                        a server of ours; prints its port
///     modbus-bench read PORT REGISTERS SECONDS IN_FLIGHT UNIT   prints requests, seconds, CPU seconds
///     modbus-bench delay PORT MILLISECONDS                      a proxy to PORT; prints its own port
@main struct ModbusBench {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        let numbers = arguments.dropFirst().compactMap { Double($0) }
        switch (arguments.first, numbers.count) {
        case ("serve", 0): try await serve()
        case ("read", 5):
            try await read(
                port: Int(numbers[0]), registers: Int(numbers[1]), seconds: numbers[2], inFlight: Int(numbers[3]),
                unit: UnitID(rawValue: UInt8(numbers[4])))
        case ("delay", 2): try await delay(port: Int(numbers[0]), by: .milliseconds(Int64(numbers[1])))
        default:
            FileHandle.standardError.write(Data("see the head of ModbusBench.swift\n".utf8))
            exit(2)
        }
    }

    private static let logger = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }

    private static func say(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }

    private static func serve() async throws {
        let bank = RegisterBank([1: UnitRegisters(holdings: [0..<1_000])])
        try await ModbusTCPServer(configuration: .init(port: 0), bank: bank, logger: logger).run { say("\($0)") }
    }

    private static func read(
        port: Int, registers: Int, seconds: Double, inFlight: Int, unit: UnitID
    ) async throws {
        let endpoint = ModbusEndpoint(host: "127.0.0.1", port: port)
        try await ModbusLink.withConnection(
            to: endpoint, configuration: ModbusClientConfiguration(maxInFlight: inFlight), logger: logger
        ) { connection in
            let request = UnitRequest(unit: unit, read: try ReadRequest(type: .holding, address: 0, count: registers))
            let batch = [UnitRequest](repeating: request, count: 64)
            let clock = ContinuousClock()
            let begin = clock.now
            var requests = 0
            while clock.now - begin < .seconds(seconds) {
                let lost = Mutex(0)
                try await connection.perform(batch) { _, outcome in
                    guard case .response(.block(let block)) = outcome, block.count == registers else {
                        lost.withLock { $0 += 1 }
                        return
                    }
                }
                let missing = lost.withLock { $0 }
                guard missing == 0 else {
                    FileHandle.standardError.write(
                        Data("\(missing) of \(batch.count) requests were not answered\n".utf8))
                    exit(1)
                }
                requests += batch.count
            }
            let passed = (clock.now - begin) / .seconds(1)
            var usage = rusage()
            getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
            let cpu = [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
            say("\(requests) \(passed) \(cpu)")
        }
    }

    private static func delay(port: Int, by time: TimeAmount) async throws {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { client in
                let device = ClientBootstrap(group: client.eventLoop)
                    .channelOption(.socketOption(.tcp_nodelay), value: 1)
                    .channelInitializer { device in
                        device.eventLoop.makeCompletedFuture {
                            try device.pipeline.syncOperations.addHandler(Forwarder(to: client, after: time))
                        }
                    }.connect(host: "127.0.0.1", port: port)
                return device.flatMapThrowing { device in
                    try client.pipeline.syncOperations.addHandler(Forwarder(to: device, after: time))
                }
            }.bind(host: "127.0.0.1", port: 0).get()
        say("\(channel.localAddress?.port ?? 0)")
        try await channel.closeFuture.get()
    }
}

/// Passes bytes on after a while, in order, as a network with a long way does.
private final class Forwarder: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    private let other: any Channel
    private let time: TimeAmount

    init(to other: any Channel, after time: TimeAmount) {
        self.other = other
        self.time = time
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        let other = other
        context.eventLoop.scheduleTask(in: time) { other.writeAndFlush(bytes, promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        other.close(promise: nil)
    }
}
