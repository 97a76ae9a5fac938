import ConnectorModel
import Logging
import ModbusCore
import ModbusServer
import NIOCore
import NIOPosix
import Synchronization

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// A lane that only counts, and lets a test wait for a count.
final class CountingSink: FrameSink {
    private let count = Mutex((prefixes: UInt32(0), tickets: UInt64(0), readings: 0))
    private let changes = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    func register(prefix: [UInt8]) -> UInt32 {
        count.withLock { count in
            count.prefixes += 1
            return count.prefixes
        }
    }

    func submit(_ frames: [EncodedFrame], from source: String) -> Ticket {
        defer { changes.continuation.yield() }
        return count.withLock { count in
            count.tickets += 1
            for frame in frames { count.readings += frame.count }
            return Ticket(number: count.tickets)
        }
    }

    func wait(for readings: Int) async {
        while count.withLock({ $0.readings }) < readings {
            for await _ in changes.stream { break }
        }
    }
}

/// Runs `body` with our own server on a free port.
func device<Result>(_ bank: RegisterBank, _ body: (Int) async throws -> Result) async throws -> Result {
    try await ModbusTCPServer(configuration: .init(port: 0), bank: bank, logger: quiet).withServer(body)
}

/// A device that does not behave.
enum BadManners: Sendable {
    /// Takes requests and never answers.
    case silent
    /// Hangs up when more than so many requests arrive together; else answers 0 for each register.
    case hangsUp(whenMoreThan: Int)
    /// Answers only the last of the requests that arrive together, as some servers do.
    case answersLastOnly
}

func peer(_ manners: BadManners, _ body: (Int) async throws -> Void) async throws {
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .childChannelInitializer { $0.pipeline.addHandler(BadPeer(manners)) }
        .bind(host: "127.0.0.1", port: 0).get()
    try await body(channel.localAddress?.port ?? 0)
    try await channel.close()
}

private final class BadPeer: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private let manners: BadManners

    init(_ manners: BadManners) {
        self.manners = manners
    }

    /// The client writes whole requests of 12 bytes, so no reassembly is needed here.
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var requests = unwrapInboundIn(data)
        var limit = Int.max
        switch manners {
        case .silent: return
        case .hangsUp(let most): limit = most
        case .answersLastOnly: requests.moveReaderIndex(forwardBy: max(requests.readableBytes - 12, 0))
        }
        guard requests.readableBytes / 12 <= limit else {
            context.close(promise: nil)
            return
        }
        while let request = requests.readSlice(length: 12) {
            guard let transaction = request.getInteger(at: request.readerIndex, as: UInt16.self) else { return }
            var answer = context.channel.allocator.buffer(capacity: 16)
            MBAPFrame.encode(transaction: transaction, unit: 1, into: &answer) {
                ResponseEncoder.registers([0], function: .readHoldingRegisters, into: &$0)
            }
            context.write(wrapOutboundOut(answer), promise: nil)
        }
        context.flush()
    }
}
