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
///     modbus-bench read PORT REGISTERS SECONDS IN_FLIGHT [GAP_MS TIMEOUT_MS RETRIES]
///                                                       prints requests, seconds, CPU seconds
///     modbus-bench delay PORT MILLISECONDS                      a proxy to PORT; prints its own port
@main struct ModbusBench {
    static func main() async {
        do {
            try await run()
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            exit(1)
        }
    }

    private static func run() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        let numbers = arguments.dropFirst().compactMap { Double($0) }
        switch (arguments.first, numbers.count) {
        case ("serve", 0): try await serve()
        case ("read", 4), ("read", 7):
            var client = ModbusClientConfiguration(maxInFlight: Int(numbers[3]))
            if numbers.count == 7 {
                let gap = TimeAmount.microseconds(Int64(numbers[4] * 1_000))
                client.timing = SerialTiming(interFrameGap: gap, silence: SerialTiming.overNetwork.silence)
                client.timeout = .milliseconds(Int64(numbers[5]))
                client.retries = Int(numbers[6])
                client.maxSilentInARow = .max
            }
            try await read(port: Int(numbers[0]), registers: Int(numbers[1]), seconds: numbers[2], client)
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

    /// Polls of 64 requests, two of them at a time: while the task of one hears of its end, the other is under way.
    private static func read(
        port: Int, registers: Int, seconds: Double, _ configuration: ModbusClientConfiguration
    ) async throws {
        let request = UnitRequest(unit: 1, read: try ReadRequest(type: .holding, address: 0, count: registers))
        let poll = [UnitRequest](repeating: request, count: 64)
        try await ModbusLink.withConnection(
            to: ModbusEndpoint(host: "127.0.0.1", port: port), configuration: configuration, logger: logger
        ) { connection in
            let clock = ContinuousClock()
            let begin = clock.now
            let requests = try await withThrowingTaskGroup(of: Int.self) { groups in
                for _ in 0..<2 {
                    groups.addTask {
                        let good = Atomic(0)
                        var requests = 0
                        while clock.now - begin < .seconds(seconds) {
                            try await connection.perform(poll) { _, outcome in
                                guard case .response(.block(let block)) = outcome, block.count == registers else {
                                    return
                                }
                                good.add(1, ordering: .relaxed)
                            }
                            guard connection.isOpen else { throw connection.closeError }
                            requests += poll.count
                        }
                        guard good.load(ordering: .acquiring) == requests else {
                            throw LostRequests(count: requests - good.load(ordering: .acquiring), of: requests)
                        }
                        return requests
                    }
                }
                return try await groups.reduce(0, +)
            }
            let passed = (clock.now - begin) / .seconds(1)
            var usage = rusage()
            getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
            let cpu = [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
            say("\(requests) \(passed) \(cpu)")
        }
    }

    private struct LostRequests: Error, CustomStringConvertible {
        let count: Int
        let of: Int

        var description: String { "\(count) of \(of) requests were not answered" }
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
        // A long way only delays: without this the system would hold back acknowledgements too, and with them the
        // answers of a server that waits for them (TCP_QUICKACK).
        try? context.channel.syncOptions?.setOption(.tcpOption(.init(rawValue: 12)), value: 1)
        context.eventLoop.scheduleTask(in: time) { other.writeAndFlush(bytes, promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        other.close(promise: nil)
    }
}
