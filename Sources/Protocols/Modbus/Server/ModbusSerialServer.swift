public import Logging
public import ModbusCore
import ModbusSerial
public import NIOCore
public import NIOPosix

/// A Modbus server on a serial line, over a bank of registers: every unit of the bank answers as one device.
public struct ModbusSerialServer: Sendable {
    private let path: String
    private let framing: Framing
    private let settings: SerialSettings
    private let responder: RequestResponder
    private let group: any EventLoopGroup
    private let logger: Logger

    /// - Parameter framing: `rtu` or `ascii`; `mbap`, which no line carries, is taken for `rtu`.
    public init(
        path: String, framing: Framing = .rtu, settings: SerialSettings = .standard, bank: RegisterBank,
        identity: DeviceIdentity = DeviceIdentity(vendorName: "Penstock", productCode: "MODBUS", revision: "1"),
        acceptsWrites: Bool = true, group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton, logger: Logger
    ) {
        self.path = path
        self.framing = framing == .mbap ? .rtu : framing
        self.settings = settings
        responder = RequestResponder(
            bank: bank, identity: identity, acceptsWrites: acceptsWrites, defaultUnit: nil)
        self.group = group
        self.logger = logger
    }

    /// Answers on the line while `body` runs, then gives the line up.
    ///
    /// - Throws: `ModbusLineError` when the line cannot be had, else what `body` throws.
    public func withServer<Result>(_ body: () async throws -> Result) async throws -> Result {
        let channel = try await open()
        do {
            let result = try await body()
            await Self.close(channel)
            return result
        } catch {
            await Self.close(channel)
            throw error
        }
    }

    /// Answers on the line until the task is cancelled; returns when the line is lost before that, as when its adapter is
    /// pulled out.
    ///
    /// - Parameter opened: called once the line is open.
    /// - Throws: `ModbusLineError` when the line cannot be had; `CancellationError` at the end.
    public func run(opened: @Sendable () -> Void = {}) async throws {
        let channel = try await open()
        opened()
        await withTaskCancellationHandler {
            await Self.ended(channel)
        } onCancel: {
            channel.close(promise: nil)
        }
        try Task.checkCancellation()
    }

    private func open() async throws -> any Channel {
        let (framing, settings, responder, logger) = (framing, settings, responder, logger)
        do {
            return try await SerialPort.channel(path, settings, group: group) { channel in
                channel.eventLoop.makeCompletedFuture { () -> any Channel in
                    let handler = ModbusServerHandler(
                        framing: framing, timing: SerialTiming(settings, framing: framing), responder: responder,
                        logger: logger)
                    try channel.pipeline.syncOperations.addHandler(handler)
                    return channel
                }
            }
        } catch let error as SerialPortError {
            throw ModbusLineError(path: error.path, reason: error.reason, isInUse: error.isInUse)
        }
    }

    private static func close(_ channel: any Channel) async {
        channel.close(promise: nil)
        await ended(channel)
    }

    private static func ended(_ channel: any Channel) async {
        await withCheckedContinuation { continuation in
            channel.closeFuture.whenComplete { _ in continuation.resume() }
        }
    }
}
