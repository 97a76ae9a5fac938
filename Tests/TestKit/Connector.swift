/// A running `penstock` with its state folder and its two web ports.
package struct Connector: Sendable {
    package var webPort: Int
    package var metricsPort: Int
    package var state: String
    package var program: RunningProgram

    package init(webPort: Int, metricsPort: Int, state: String, program: RunningProgram) {
        self.webPort = webPort
        self.metricsPort = metricsPort
        self.state = state
        self.program = program
    }

    package var http: LocalHTTP { LocalHTTP(port: webPort) }
    package var metrics: LocalHTTP { LocalHTTP(port: metricsPort) }

    package func status() async throws -> JSONValue {
        try await http.json("/api/status")
    }
}

/// Starts `penstock run` on a configuration text, without a scope, and waits until it is ready.
///
/// - Parameters:
///   - configuration: YAML; written to `<directory>/penstock.yaml`.
///   - directory: holds the configuration and the state; the same folder again is a restart.
package func startConnector(
    configuration: String, directory: String, environment: [String: String] = [:], arguments: [String] = []
) async throws -> Connector {
    let file = directory + "/penstock.yaml"
    let state = directory + "/state"
    try write(configuration, to: file)
    let webPort = try FreePorts.next()
    let metricsPort = try FreePorts.next()
    let program = try start(
        .program(
            "penstock",
            [
                "run", "--config", file, "--state", state, "--web-port", "\(webPort)", "--metrics-port",
                "\(metricsPort)",
            ] + arguments,
            environment: environment))
    let connector = Connector(webPort: webPort, metricsPort: metricsPort, state: state, program: program)
    try await program.whileAlive("penstock is ready") {
        try await connector.http.get("/health/ready").status == 200 ? () : nil
    }
    return connector
}

/// Runs `penstock run` for the time of the body; it drains and stops in good order afterwards.
package func withConnector<Result>(
    configuration: String, directory: String, environment: [String: String] = [:],
    _ body: (Connector) async throws -> Result
) async throws -> Result {
    let connector = try await startConnector(
        configuration: configuration, directory: directory, environment: environment)
    do {
        let result = try await body(connector)
        await connector.program.stop()
        return result
    } catch {
        await connector.program.stop()
        throw error
    }
}

/// The block `sources` with one, `numbered`, that takes every message below `plant` at QoS 1; further keys of it may
/// follow.
package func numberedSource(_ broker: Mosquitto) -> String {
    """
    sources:
      - name: numbered
        endpoint: \(broker.endpoint)
        qos: 1
        topics: ["plant/#"]

    """
}

/// The `zerobus` and `state` part of a configuration that sends to a local table service.
package func zerobusSettings(_ service: TableService, table: String = "main.plant.raw_events") -> String {
    let parts = table.split(separator: ".").map(String.init)
    return """
        zerobus:
          workspace_host: \(service.workspace)
          zerobus_endpoint: \(service.grpcEndpoint)
          auth:
            client_id: test-client
            client_secret: test-secret
          default_target:
            catalog: \(parts[0])
            schema: \(parts[1])
            table: \(parts[2])

        """
}
