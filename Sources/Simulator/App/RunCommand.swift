import ArgumentParser
import Logging
import SimulatorExposures
import SimulatorPlant

/// `ot-simulator run`: the plant and its endpoints until SIGTERM or SIGINT.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run the plant and open its endpoints.",
        discussion: "Stops cleanly on SIGTERM and SIGINT. All endpoints show the same values at the same time.")

    @Option(help: "Seed of all randomness; the same seed gives the same values, tick by tick.")
    var seed: UInt64 = 1

    @Option(help: "Seconds of plant time per second of real time, 0.1 to 1000. Timestamps stay real.")
    var speed: Double = 1

    @Option(name: .customLong("interval-ms"), help: "Real time from tick to tick in milliseconds, 10 to 3600000.")
    var intervalMilliseconds = 1000

    @Option(help: "Copies of the plant; the second one is called mining.2 and so on. (default: 1)")
    var scale: Int?

    @Option(help: "Number of sensors in all, 1 to 1000000, instead of --scale.")
    var tags: Int?

    @Option(help: "Write every value served to this file, one JSON object per line; an old file is replaced.")
    var truth: String?

    @Option(help: "Industries to simulate, names with commas between. (default: all there are)")
    var industries: String?

    @Option(help: "Endpoints to open at start: opcua, mqtt, modbus with commas between, or all, or none.")
    var protocols = "all"

    @Option(help: "Address on which all endpoints listen; 0.0.0.0 for all networks.")
    var host = "127.0.0.1"

    @Option(name: .customLong("opcua-port"), help: "TCP port of the OPC UA server.")
    var opcuaPort = 4840

    @Option(name: .customLong("mqtt-port"), help: "TCP port of the MQTT broker.")
    var mqttPort = 1883

    @Option(name: .customLong("modbus-port"), help: "TCP port of the Modbus server.")
    var modbusPort = 5020

    @Option(name: .customLong("web-port"), help: "TCP port of the page and the REST interface.")
    var webPort = 8989

    @Flag(help: "Log what the endpoints do to standard error.")
    var verbose = false

    func validate() throws {
        for (flag, port) in [
            ("--opcua-port", opcuaPort), ("--mqtt-port", mqttPort), ("--modbus-port", modbusPort),
            ("--web-port", webPort),
        ] where !(0...65_535).contains(port) {
            throw ValidationError("\(flag) must lie between 0 (any free port) and 65535, not \(port)")
        }
        guard scale == nil || tags == nil else { throw ValidationError("give --scale or --tags, not both") }
        guard !host.isEmpty else { throw ValidationError("--host must not be empty") }
    }

    func run() async throws {
        var logger = Logger(label: "ot-simulator") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = verbose ? .debug : .error
        var catalogue = try Catalogue.builtIn()
        if let industries {
            catalogue = try catalogue.only(industries.split(separator: ",").map { $0.filter { $0 != " " } })
        }
        let simulator = Simulator(
            catalogue: catalogue,
            settings: try PlantSettings(
                seed: seed, size: tags.map(PlantSettings.Size.sensors) ?? .copies(scale ?? 1),
                intervalMilliseconds: intervalMilliseconds, speed: speed),
            protocols: try ExposureKind.list(protocols),
            endpoints: Endpoints(
                host: host, opcuaPort: opcuaPort, mqttPort: mqttPort, modbusPort: modbusPort, webPort: webPort),
            truth: truth, logger: logger)
        try await simulator.runUntilSignalled()
    }
}
