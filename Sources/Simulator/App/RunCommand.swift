import ArgumentParser
import Logging
import SimulatorExposures
import SimulatorPlant
import WebSupport

/// `ot-simulator run`: the plant and its endpoints until SIGTERM or SIGINT.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run the plant and open its endpoints.",
        discussion: "Stops cleanly on SIGTERM and SIGINT. All endpoints show the same values at the same time.")

    @Option(help: "Configuration file (YAML); a flag wins over the key of the file.")
    var config: String?

    @Option(help: "Seed of all randomness; the same seed gives the same values, tick by tick. (default: 1)")
    var seed: UInt64?

    @Option(help: "Seconds of plant time per second of real time, 0.1 to 1000. Timestamps stay real. (default: 1)")
    var speed: Double?

    @Option(
        name: .customLong("interval-ms"),
        help: "Real time from tick to tick in milliseconds, 10 to 3600000. (default: 1000)")
    var intervalMilliseconds: Int?

    @Option(
        help:
            "When the plant's clock begins in UTC, such as 2026-05-01T06:00:00Z: the same seed then gives the same run. (default: now)"
    )
    var start: String?

    @Option(help: "Copies of the plant; the second one is called mining.2 and so on. (default: 1)")
    var scale: Int?

    @Option(help: "Number of sensors in all, 1 to 1000000, instead of --scale.")
    var tags: Int?

    @Option(help: "Write every value served to this file, one JSON object per line; an old file is replaced.")
    var truth: String?

    @Option(help: "Industries to simulate, names with commas between. (default: all there are)")
    var industries: String?

    @Option(help: "Scenario to run from the start: a name, or a YAML file.")
    var scenario: String?

    @Option(help: "Recording to play from the start: a CSV file with the columns time, path, value and quality.")
    var replay: String?

    @Option(name: .customLong("replay-speed"), help: "Recorded seconds per second of plant time, 0.001 to 1000.")
    var replaySpeed = 1.0

    @Option(help: "Endpoints to open at start: opcua, mqtt, modbus with commas between, or all, or none.")
    var protocols = "all"

    @Option(help: "Address on which all endpoints listen; 0.0.0.0 for all networks. (default: 127.0.0.1)")
    var host: String?

    @Option(name: .customLong("opcua-port"), help: "TCP port of the OPC UA server. (default: 4840)")
    var opcuaPort: Int?

    @Option(name: .customLong("mqtt-port"), help: "TCP port of the MQTT broker. (default: 1883)")
    var mqttPort: Int?

    @Option(name: .customLong("modbus-port"), help: "TCP port of the Modbus server. (default: 5020)")
    var modbusPort: Int?

    @Option(
        name: .customLong("modbus-serial"),
        help: "Serial device on which Modbus RTU is served beside TCP, such as /dev/ttyUSB0.")
    var modbusSerial: String?

    @Option(name: .customLong("web-port"), help: "TCP port of the page and the REST interface. (default: 8989)")
    var webPort: Int?

    @Option(
        help:
            "Folder with Bootstrap and Chart.js for the page (dev/assets fills one). (default: assets beside the program)"
    )
    var assets: String?

    @Flag(help: "Log what the endpoints do to standard error.")
    var verbose = false

    func validate() throws {
        for (flag, port) in [
            ("--opcua-port", opcuaPort), ("--mqtt-port", mqttPort), ("--modbus-port", modbusPort),
            ("--web-port", webPort),
        ] {
            if let port, !(0...65_535).contains(port) {
                throw ValidationError("\(flag) must lie between 0 (any free port) and 65535, not \(port)")
            }
        }
        guard scale == nil || tags == nil else { throw ValidationError("give --scale or --tags, not both") }
        if let start, PlantStart.microseconds(start) == nil {
            throw ValidationError(
                "--start must be a time from 1970 to 2099 such as 2026-05-01T06:00:00Z, not '\(start)'")
        }
        guard modbusSerial != "" else { throw ValidationError("--modbus-serial must not be empty") }
        guard host != "" else { throw ValidationError("--host must not be empty") }
    }

    func run() async throws {
        var logger = Logger(label: "ot-simulator") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = verbose ? .debug : .warning
        let file = try config.map(SimulatorConfiguration.load) ?? SimulatorConfiguration()
        var modbus = file.modbus
        // Another device, with the settings that the file has for its own.
        if let modbusSerial {
            modbus.line = modbus.line ?? SerialLine(device: modbusSerial)
            modbus.line?.device = modbusSerial
        }
        let simulator = Simulator(
            catalogue: try CatalogueFiles.catalogue(
                files: file.files, industries: industries.map(CatalogueFiles.names) ?? file.industries),
            settings: try PlantSettings(
                seed: seed ?? file.seed ?? 1, size: size(file),
                intervalMilliseconds: intervalMilliseconds ?? file.intervalMilliseconds ?? 1000,
                speed: speed ?? file.speed ?? 1),
            start: start.flatMap(PlantStart.microseconds), protocols: try ExposureKind.list(protocols),
            endpoints: Endpoints(
                host: host ?? file.host ?? "127.0.0.1", opcuaPort: opcuaPort ?? file.opcuaPort ?? 4840,
                mqttPort: mqttPort ?? file.mqtt.port ?? 1883, modbusPort: modbusPort ?? file.modbus.port ?? 5020,
                webPort: webPort ?? file.webPort ?? 8989),
            opcuaAccess: file.opcuaAccess, mqtt: file.mqtt.settings, modbus: modbus, mdns: file.mdns,
            programme: try Programme(
                files: file.scenarios, scenario: scenario, replay: replay, replaySpeed: replaySpeed), truth: truth,
            assets: try StaticFiles.assets(named: assets), logger: logger)
        try await simulator.runUntilSignalled()
    }

    /// Either flag replaces whatever size the file names.
    private func size(_ file: SimulatorConfiguration) -> PlantSettings.Size {
        if let tags { return .sensors(tags) }
        if let scale { return .copies(scale) }
        return file.tags.map(PlantSettings.Size.sensors) ?? .copies(file.scale ?? 1)
    }
}
