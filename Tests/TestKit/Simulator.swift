/// A running `ot-simulator` and its ports.
package struct Simulator: Sendable {
    package var opcuaPort: Int
    package var mqttPort: Int
    package var modbusPort: Int
    package var webPort: Int
    package var program: RunningProgram

    package var http: LocalHTTP { LocalHTTP(port: webPort) }
    package var opcuaEndpoint: String { "opc.tcp://127.0.0.1:\(opcuaPort)/ot-simulator/server/" }
    package var mqttEndpoint: String { "mqtt://127.0.0.1:\(mqttPort)" }
    package var modbusEndpoint: String { "modbus://127.0.0.1:\(modbusPort)" }

    /// The sensors of the plant as `/api/sensors` lists them.
    package func sensors() async throws -> [JSONValue] {
        try await http.json("/api/sensors")["sensors"].array
    }
}

/// Starts `ot-simulator run` on free ports, without a scope, and waits until it is healthy.
package func startSimulator(seed: Int = 7, arguments: [String] = []) async throws -> Simulator {
    let ports = try (0..<4).map { _ in try FreePorts.next() }
    let program = try start(
        .program(
            "ot-simulator",
            [
                "run", "--seed", "\(seed)", "--opcua-port", "\(ports[0])", "--mqtt-port", "\(ports[1])",
                "--modbus-port", "\(ports[2])", "--web-port", "\(ports[3])",
            ] + arguments))
    let simulator = Simulator(
        opcuaPort: ports[0], mqttPort: ports[1], modbusPort: ports[2], webPort: ports[3], program: program)
    try await program.whileAlive("ot-simulator is healthy") {
        try await simulator.http.get("/health").status == 200 ? () : nil
    }
    return simulator
}

/// Runs `ot-simulator run` on free ports for the time of the body.
package func withSimulator<Result>(
    seed: Int = 7, arguments: [String] = [], _ body: (Simulator) async throws -> Result
) async throws -> Result {
    let simulator = try await startSimulator(seed: seed, arguments: arguments)
    do {
        let result = try await body(simulator)
        await simulator.program.stop()
        return result
    } catch {
        await simulator.program.stop()
        throw error
    }
}
