import Foundation
import Glibc
import ModbusClient
import ModbusCore
import NIOCore
import Testing

@testable import SimulatorExposures

/// Two pseudo-terminals joined like the ends of a serial line, by socat.
private final class Cable: Sendable {
    private let process: Process
    private let ends: [String]
    /// Both ends, held open: else socat ends as soon as one has nobody.
    private let held: [CInt]

    init(_ left: String, _ right: String) async throws {
        ends = [left, right]
        let process = Process()
        self.process = process
        process.executableURL = URL(fileURLWithPath: "/usr/bin/socat")
        process.arguments = ["pty,raw,echo=0,link=\(left)", "pty,raw,echo=0,link=\(right)"]
        try process.run()
        while !FileManager.default.fileExists(atPath: left) || !FileManager.default.fileExists(atPath: right) {
            try #require(process.isRunning, "socat is missing: run dev/bootstrap")
            try await Task.sleep(for: .milliseconds(2))
        }
        held = ends.map { open($0, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC) }
    }

    /// Pulls it out: both ends vanish. By a signal that the threads of the pool do not block.
    func pull() {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        for end in ends { unlink(end) }
        for descriptor in held { close(descriptor) }
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
}

@Suite(.serialized, .timeLimit(.minutes(1))) struct SerialExposureTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("line-\(UUID().uuidString)")

    private func withFolder(_ body: (_ left: String, _ right: String) async throws -> Void) async throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder.appendingPathComponent("left").path, folder.appendingPathComponent("right").path)
    }

    private func read(_ endpoint: ModbusEndpoint, _ plant: ManualPlant, unit: UnitID) async throws -> [UInt16] {
        try await ModbusLink.withConnection(
            to: endpoint, configuration: ModbusClientConfiguration(timeout: .milliseconds(500), retries: 0),
            logger: plant.logger
        ) { client in
            try await client.read(ReadRequest(type: .input, address: 0, count: 44), unit: unit).registers
        }
    }

    @Test func bothWaysShowTheSameTickAndUnitsAreHonoured() async throws {
        let plant = try ManualPlant(.crushingLine())
        try await withFolder { left, right in
            let cable = try await Cable(left, right)
            defer { cable.pull() }
            let exposure = ModbusExposure(
                host: "127.0.0.1", port: 0, map: try RegisterMap(plant.sensors, firstUnit: 17),
                line: SerialLine(device: left, baud: 19_200), feed: plant.feed, logger: plant.logger)
            try await plant.withSwitchboard([exposure]) { board in
                let network = try ModbusEndpoint(parsing: try await board.start(.modbus))
                let line = ModbusEndpoint(serialLine: right, framing: .rtu)
                #expect(await board.remark(.modbus) == "Modbus RTU on \(left) (19200 baud, 8N1)")
                for _ in 0..<3 {
                    let tick = try plant.tick()
                    let seen = try await read(line, plant, unit: 17)
                    #expect(Array(seen.prefix(10)) == RegisterMap.head(tick))
                    #expect(try await read(network, plant, unit: 17) == seen)
                    #expect(try await read(network, plant, unit: 0) == seen, "a device that is no gateway")
                }
                // Nobody has these addresses on the line; on the network the answer says so.
                for unit in [UnitID(rawValue: 1), 18] {
                    let silence = await #expect(throws: ModbusClientError.self) {
                        try await read(line, plant, unit: unit)
                    }
                    #expect(silence?.code == .timeout)
                    let refusal = await #expect(throws: ModbusClientError.self) {
                        try await read(network, plant, unit: unit)
                    }
                    #expect(refusal?.code == .exception(.gatewayTargetDeviceFailedToRespond))
                }
                await board.stop(.modbus)
                #expect(await board.remark(.modbus) == nil)
                let stopped = await #expect(throws: ModbusClientError.self) { try await read(line, plant, unit: 17) }
                #expect(stopped?.code == .timeout)
                _ = try await board.start(.modbus)
                #expect(try await read(line, plant, unit: 17).count == 44)
            }
        }
    }

    @Test func aDeviceThatIsMissingOrPulledComesBackByItself() async throws {
        let plant = try ManualPlant(.crushingLine())
        try await withFolder { left, right in
            let exposure = ModbusExposure(
                host: "127.0.0.1", port: 0, map: try RegisterMap(plant.sensors), line: SerialLine(device: left),
                pause: .milliseconds(5), feed: plant.feed, logger: plant.logger)
            try await plant.withSwitchboard([exposure]) { board in
                func remark(has words: String) async throws {
                    while await board.remark(.modbus)?.contains(words) != true {
                        try await Task.sleep(for: .milliseconds(2))
                    }
                }
                let network = try ModbusEndpoint(parsing: try await board.start(.modbus))
                try await remark(has: "\(left): there is no such line; is the adapter plugged in?")
                #expect(try await read(network, plant, unit: 1).count == 44, "the network goes on")
                for _ in 0..<2 {
                    let cable = try await Cable(left, right)
                    try await remark(has: "Modbus RTU on")
                    let line = ModbusEndpoint(serialLine: right, framing: .rtu)
                    #expect(try await read(line, plant, unit: 1).count == 44)
                    cable.pull()
                    try await remark(has: "Modbus RTU waits: \(left):")
                }
            }
        }
    }

    @Test func aLineThatSomebodyElseHasIsNamed() async throws {
        let plant = try ManualPlant(.crushingLine())
        try await withFolder { left, right in
            let cable = try await Cable(left, right)
            defer { cable.pull() }
            func exposure() throws -> ModbusExposure {
                ModbusExposure(
                    host: "127.0.0.1", port: 0, map: try RegisterMap(plant.sensors), line: SerialLine(device: left),
                    feed: plant.feed, logger: plant.logger)
            }
            let (first, second) = (try exposure(), try exposure())
            try await plant.withSwitchboard([first]) { board in
                _ = try await board.start(.modbus)
                try await plant.withSwitchboard([second]) { other in
                    _ = try await other.start(.modbus)
                    #expect(await other.remark(.modbus) == "Modbus RTU waits: \(left): another program has it open")
                }
            }
        }
    }
}
