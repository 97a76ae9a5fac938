import TestKit
import Testing

/// The real programs on loopback, the plug pulled at each joint. They start processes, so they run one after the
/// other.
@Suite(.serialized, .timeLimit(.minutes(5))) struct EndToEnd {
    static let table = "main.plant.raw_events"
}

/// A configuration with one source per protocol on a simulator.
func plantSources(_ simulator: Simulator) async throws -> String {
    let map = try await simulator.http.json("/api/modbus/map")["registers"].array
    let registers = map.map { register -> String in
        let path = register["path"].text ?? ""
        let input = register["input_address"].integer ?? 0
        let holding = register["holding_address"].integer ?? 0
        let scale = register["scale"].double ?? 1
        let type = register["input_type"].text ?? ""
        return """
                  - {name: \(path), address: \(input), type: input, data_type: \(type)}
                  - {name: \(path), address: \(holding), type: holding, data_type: int16, scale: \(scale)}
            """
    }.joined(separator: "\n")
    return """
        sources:
          - name: plant-opcua
            endpoint: \(simulator.opcuaEndpoint)
            publishing_interval_ms: 200
            reconnect: {initial_delay_ms: 200, max_delay_ms: 1000}
          - name: plant-mqtt
            endpoint: \(simulator.mqttEndpoint)
            topics: ["sensors/+/+/value"]
            qos: 1
            reconnect: {initial_delay_ms: 200, max_delay_ms: 1000}
          - name: plant-modbus
            endpoint: \(simulator.modbusEndpoint)
            unit_id: 1
            poll_interval_ms: 500
            reconnect: {initial_delay_ms: 200, max_delay_ms: 1000}
            registers:
        \(registers)

        """
}

/// How many rows each protocol has in the table.
func rowsByProtocol(_ service: TableService) async throws -> [String: Int] {
    let known = try await service.http.json("/tables")
    guard "\(known)".contains(EndToEnd.table) else { return [:] }
    let rows = try await service.query(
        "SELECT protocol_type, count(*) AS n FROM \(EndToEnd.table) WHERE status = 'Good' GROUP BY protocol_type")
    return Dictionary(
        rows.map { ($0["protocol_type"].text ?? "", Int($0["n"].integer ?? 0)) }, uniquingKeysWith: { $0 + $1 })
}

let protocols = ["modbus", "mqtt", "opcua"]
