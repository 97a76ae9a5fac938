package import Logging
import ModbusCore
import ModbusServer
package import SimulatorPlant

/// Shows the plant over Modbus TCP, and over RTU where there is a serial line, as `RegisterMap` lays it out: the same
/// registers at the same tick. Nothing can be written.
package struct ModbusExposure: Exposure {
    private let host: String
    private let port: Int
    private let map: RegisterMap
    private let line: SerialLineKeeper?
    private let feed: TickFeed
    private let logger: Logger

    /// An exposure at an address; port 0 takes a free one.
    ///
    /// - Parameters:
    ///   - line: the serial line; a device that is missing or vanishes is tried again and again.
    ///   - pause: from one try to the next.
    package init(
        host: String, port: Int, map: RegisterMap, line: SerialLine? = nil, pause: Duration = .seconds(2),
        feed: TickFeed, logger: Logger
    ) {
        self.host = host
        self.port = port
        self.map = map
        self.line = line.map { SerialLineKeeper($0, pause: pause, logger: logger) }
        self.feed = feed
        self.logger = logger
    }

    package var kind: ExposureKind { .modbus }

    package var remark: String? { line?.remark }

    private static let identity = DeviceIdentity(
        vendorName: "Penstock", productCode: "OT-SIMULATOR", revision: "1", productName: "OT Data Simulator")

    package func serve(opened: @escaping @Sendable (_ url: String) async -> Void) async throws {
        let registers = ModbusRegisters(map)
        try feed.join(registers)
        defer { feed.leave(registers) }
        let (tries, tried) = AsyncStream<Never>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            if let line {
                group.addTask {
                    try await line.serve(registers.bank, identity: Self.identity) { tried.finish() }
                }
            } else {
                tried.finish()
            }
            group.addTask {
                try await serveTCP(registers.bank) { url in
                    // Who waits for the start finds the line open, or a remark that says why it is not.
                    for await _ in tries {}
                    await opened(url)
                }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func serveTCP(_ bank: RegisterBank, opened: (_ url: String) async -> Void) async throws {
        let server = ModbusTCPServer(
            configuration: ModbusTCPServer.Configuration(
                host: host, port: port, maxConnections: 256, acceptsWrites: false,
                defaultUnit: map.entries.first.map { UnitID(rawValue: $0.unitID) }, identity: Self.identity),
            bank: bank, logger: logger)
        do {
            try await server.withServer { port in
                await opened("modbus://\(Endpoint.authority(host, port))")
                try await untilCancelled()
            }
        } catch let error as ModbusServerError {
            throw ExposureError(message: error.description)
        }
    }
}
