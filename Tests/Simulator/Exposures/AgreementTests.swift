import Foundation
import MQTTClient
import MQTTCore
import ModbusClient
import ModbusCore
import OPCUAClient
import OPCUATypes
import SimulatorPlant
import Testing

@testable import SimulatorExposures

/// What one consumer sees at a time, all see.
@Suite struct AgreementTests {
    @Test func allExposuresAndTheTruthLogShowTheSameTick() async throws {
        let plant = try ManualPlant(.crushingLine())
        let path = NSTemporaryDirectory() + "truth-\(UUID().uuidString).ndjson"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let truth = try TruthLog(path: path, sensors: plant.sensors)
        try plant.feed.join(truth)
        let (host, sensors, feed, logger) = ("127.0.0.1", plant.sensors, plant.feed, plant.logger)
        let exposures: [any Exposure] = [
            OPCUAExposure(host: host, port: 0, sensors: sensors, feed: feed, logger: logger),
            MQTTExposure(host: host, port: 0, sensors: sensors, feed: feed, logger: logger),
            ModbusExposure(host: host, port: 0, map: try RegisterMap(sensors), feed: feed, logger: logger),
        ]
        try await plant.withSwitchboard(exposures) { board in
            let opcua = OPCUAClientConfiguration(endpoint: try OPCUAEndpoint(try await board.start(.opcua)))
            let mqtt = try MQTTClientConfiguration(
                endpoint: try await board.start(.mqtt), clientID: "test",
                subscriptions: [Subscription(TopicFilter("sensors/+/+/value"), qos: .atLeastOnce)])
            let modbus = try ModbusEndpoint(parsing: try await board.start(.modbus))
            let inbox = MQTTInbox()
            let tick = try await MQTTConnection.withConnection(mqtt, receiver: inbox, logger: logger) { _ in
                let tick = try plant.tick()
                let messages = try await inbox.next(sensors.count).map {
                    try JSONDecoder().decode(MQTTValue.self, from: Data($0.payload.utf8))
                }
                #expect(messages.map(\.value) == tick.values)
                #expect(Set(messages.map(\.timestamp)) == [tick.timestamp])
                return tick
            }
            try await OPCUAConnection.withConnection(opcua, receiver: OPCUAInbox()) { client in
                let nodes = sensors.map { NodeId(namespace: 2, string: $0.path) }
                let values = try await client.read(nodes.map { ($0, .value) }, limits: OperationLimits())
                #expect(values.map(\.value) == tick.values.map { .double($0) })
                #expect(Set(values.map { $0.sourceTimestamp?.utcMicroseconds }) == [tick.timestamp])
            }
            try await ModbusLink.withConnection(to: modbus, logger: logger) { client in
                let request = try ReadRequest(type: .input, address: 0, count: 10 + 2 * sensors.count)
                let block = try await client.read(request, unit: 1)
                let time = try RegisterDecoder(.uint64).decode(block, at: 0)
                #expect(time == .uint(UInt64(tick.timestamp)))
                let floats = try sensors.indices.map { try RegisterDecoder(.float32).decode(block, at: 10 + 2 * $0) }
                #expect(floats == tick.values.map { .float32(Float($0)) })
            }
            let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
            let last = try lines.suffix(sensors.count).map {
                try JSONDecoder().decode(TruthRecord.self, from: Data($0.utf8))
            }
            #expect(last.map(\.value) == tick.values)
            #expect(Set(last.map(\.timestamp)) == [tick.timestamp])
            // One endpoint closes; the others go on.
            await board.stop(.mqtt)
            #expect(await board.states.map(\.state.word) == ["running", "stopped", "running"])
        }
        try truth.close()
    }

    @Test(arguments: ExposureKind.allCases)
    func aUsedPortIsNamedAndAStoppedOneIsFree(kind: ExposureKind) async throws {
        let plant = try ManualPlant(.crushingLine())
        @Sendable func exposure(port: Int) throws -> any Exposure {
            let (host, sensors, feed, logger) = ("127.0.0.1", plant.sensors, plant.feed, plant.logger)
            switch kind {
            case .opcua:
                return OPCUAExposure(host: host, port: port, sensors: sensors, feed: feed, logger: logger)
            case .mqtt: return MQTTExposure(host: host, port: port, sensors: sensors, feed: feed, logger: logger)
            case .modbus:
                return ModbusExposure(
                    host: host, port: port, map: try RegisterMap(sensors), feed: feed, logger: logger)
            }
        }
        try await plant.withSwitchboard([try exposure(port: 0)]) { board in
            let port = ManualPlant.port(try await board.start(kind))
            let second = try exposure(port: port)
            let error = await #expect(throws: ExposureError.self) { try await second.serve { _ in } }
            #expect(error?.message.contains(":\(port)") == true, "\(error?.message ?? "")")
            #expect(error?.message.contains("in use") == true, "\(error?.message ?? "")")
            await board.stop(kind)
            try await plant.withSwitchboard([second]) { _ = try await $0.start(kind) }
        }
    }
}

/// A line of the truth log.
struct TruthRecord: Decodable {
    let tick: UInt64
    let timestamp: Int64
    let path: String
    let value: Double
    let quality: String
    let int16: Int
    let scale: Double
}
