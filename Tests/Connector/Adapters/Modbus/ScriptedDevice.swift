import ModbusCore
import NIOCore
import NIOPosix
import Synchronization

/// A Modbus TCP device that answers each request as a test says.
final class ScriptedDevice: Sendable {
    /// What the device does with a request.
    enum Answer: Sendable {
        case registers([UInt16])
        case exception(ExceptionCode)
        case nothing
        case asUnit(UnitID)
        case asTransaction(UInt16)
    }

    struct Request: Hashable, Sendable {
        var unit: UInt8
        var address: Int
        var count: Int
    }

    private let script: @Sendable (Request) -> Answer
    private let seen = Mutex<[Request]>([])

    init(_ script: @escaping @Sendable (Request) -> Answer) {
        self.script = script
    }

    /// Every request so far, in the order in which they came.
    var requests: [Request] { seen.withLock { $0 } }

    func run(_ body: (Int) async throws -> Void) async throws {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(self))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        try await body(channel.localAddress?.port ?? 0)
        try await channel.close()
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private var decoder = MBAPDecoder()
        private let device: ScriptedDevice

        init(_ device: ScriptedDevice) {
            self.device = device
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            decoder.append(unwrapInboundIn(data))
            while let frame = try? decoder.next() {
                var pdu = frame.pdu
                guard let (function, address, count) = pdu.readMultipleIntegers(as: (UInt8, UInt16, UInt16).self)
                else { continue }
                let request = Request(unit: frame.unit.rawValue, address: Int(address), count: Int(count))
                device.seen.withLock { $0.append(request) }
                answer(device.script(request), frame, function, count, context)
            }
        }

        private func answer(
            _ answer: Answer, _ frame: MBAPFrame, _ function: UInt8, _ count: UInt16, _ context: ChannelHandlerContext
        ) {
            var unit = frame.unit
            var transaction = frame.transaction
            var words = [UInt16](repeating: 0, count: Int(count))
            var code: ExceptionCode?
            switch answer {
            case .nothing: return
            case .registers(let given): words = given
            case .exception(let given): code = given
            case .asUnit(let given): unit = given
            case .asTransaction(let given): transaction = given
            }
            var buffer = context.channel.allocator.buffer(capacity: 260)
            MBAPFrame.encode(transaction: transaction, unit: unit, into: &buffer) { pdu in
                if let code {
                    ResponseEncoder.exception(code, function: function, into: &pdu)
                } else {
                    ResponseEncoder.registers(
                        words, function: FunctionCode(rawValue: function) ?? .readHoldingRegisters, into: &pdu)
                }
            }
            context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
        }
    }
}
