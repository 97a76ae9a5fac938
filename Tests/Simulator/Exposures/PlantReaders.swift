import MQTTClient
import MQTTCore
import ModbusClient
import ModbusCore
import OPCUAClient
import OPCUATypes
import SimulatorPlant

@testable import SimulatorExposures

/// A reader of each protocol on the exposures of one plant.
struct PlantReaders: Sendable {
    let board: ExposureSwitchboard
    let opcua: OPCUAConnection
    /// What a subscriber to all values hears.
    let mqtt: MQTTInbox
    let modbus: ModbusConnection

    /// The nodes' values in one Read.
    func values(_ paths: [String]) async throws -> [DataValue] {
        try await opcua.read(
            paths.map { (NodeId(namespace: 2, string: $0), .value) }, limits: OperationLimits())
    }

    /// Registers or bits in one request.
    func block(_ type: RegisterType, at address: Int, count: Int) async throws -> RegisterBlock {
        try await modbus.read(
            ReadRequest(type: type, address: UInt16(address), count: count), unit: 1)
    }
}

extension ManualPlant {
    /// The exposure of a protocol, with its plain payload; port 0 takes a free one.
    func exposure(_ kind: ExposureKind, port: Int = 0) throws -> any Exposure {
        let host = "127.0.0.1"
        switch kind {
        case .opcua: return OPCUAExposure(host: host, port: port, sensors: sensors, feed: feed, logger: logger)
        case .mqtt: return MQTTExposure(host: host, port: port, sensors: sensors, feed: feed, logger: logger)
        case .modbus:
            return ModbusExposure(
                host: host, port: port, map: try RegisterMap(sensors), feed: feed, logger: logger)
        }
    }

    /// Opens all exposures and connects a reader to each, for the time of the body.
    func withReaders(_ body: @escaping @Sendable (PlantReaders) async throws -> Void) async throws {
        try await withSwitchboard(ExposureKind.allCases.map { try exposure($0) }) { board in
            let opcua = OPCUAClientConfiguration(endpoint: try OPCUAEndpoint(try await board.start(.opcua)))
            let mqtt = try MQTTClientConfiguration(
                endpoint: try await board.start(.mqtt), clientID: "test",
                subscriptions: [Subscription(TopicFilter("sensors/+/+/value"), qos: .atLeastOnce)])
            let modbus = try ModbusEndpoint(parsing: try await board.start(.modbus))
            let inbox = MQTTInbox()
            try await MQTTConnection.withConnection(mqtt, receiver: inbox, logger: self.logger) { _ in
                try await OPCUAConnection.withConnection(opcua, receiver: OPCUAInbox()) { reader in
                    try await ModbusLink.withConnection(to: modbus, logger: self.logger) { master in
                        try await body(PlantReaders(board: board, opcua: reader, mqtt: inbox, modbus: master))
                    }
                }
            }
        }
    }
}
