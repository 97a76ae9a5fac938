import Foundation
import SimulatorExposures
import SimulatorPlant
import YAMLSupport

/// The simulator's configuration file (`--config`); every key may be left out, and a flag wins over its key.
struct SimulatorConfiguration: Equatable {
    var seed: UInt64?
    var speed: Double?
    var scale: Int?
    var tags: Int?
    var intervalMilliseconds: Int?
    var industries: [String]?
    /// Texts of further machines and industries. The file's relative paths are seen from its own folder.
    var files: [String] = []
    /// Files of scenarios that can be run by their names, seen likewise.
    var scenarios: [String] = []
    var host: String?
    var opcuaPort: Int?
    var opcuaAccess = OPCUAAccess()
    var mqtt = MQTTSection()
    var modbus = ModbusSection()
    var mdns = AnnouncingSettings()
    var webPort: Int?

    /// Reads a file as strictly as the connector reads its own, and the files that it names.
    static func load(_ path: String) throws -> SimulatorConfiguration {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw SimulatorConfigurationError(description: "cannot read the configuration \(path)")
        }
        var configuration = try read(
            String(decoding: bytes, as: UTF8.self), file: path, environment: ProcessInfo.processInfo.environment
        ) { $0.settle(beside: path) }
        configuration.modbus.map = configuration.modbus.map.map { beside(path, $0) }
        return configuration
    }

    static func read(
        _ text: String, file: String, environment: [String: String],
        settle: (inout SimulatorConfiguration) -> Fault? = { _ in nil }
    ) throws(ConfigurationError) -> SimulatorConfiguration {
        try StrictDocument.read(text, file: file, environment: environment) { root in
            var configuration = SimulatorConfiguration()
            configuration.readPlant(root.section("plant"), settle)
            var opcua = root.section("opcua")
            configuration.opcuaPort = opcua.optionalInteger("port", in: 0...65_535)
            configuration.opcuaAccess = OPCUAAccess.read(&opcua)
            opcua.finish()
            configuration.mqtt = MQTTSection.read(root.section("mqtt"))
            configuration.modbus = ModbusSection.read(root.section("modbus"))
            configuration.mdns = AnnouncingSettings.read(root.section("mdns"))
            var web = root.section("web")
            configuration.host = web.string("host")
            if configuration.host == "" { web.report("must not be empty", at: "host") }
            configuration.webPort = web.optionalInteger("port", in: 0...65_535)
            web.finish()
            return configuration
        }.settings
    }

    private mutating func readPlant(
        _ section: consuming Section, _ settle: (inout SimulatorConfiguration) -> Fault?
    ) {
        seed = section.optionalInteger("seed", in: 0...Int.max).map(UInt64.init)
        speed = section.optionalNumber("speed", in: PlantSettings.speeds)
        scale = section.optionalInteger("scale", in: 1...1_000_000)
        tags = section.optionalInteger("tags", in: 1...1_000_000)
        if scale != nil, tags != nil { section.report("give scale or tags, not both", at: "tags") }
        intervalMilliseconds = section.optionalInteger("interval_ms", in: PlantSettings.intervalMilliseconds)
        industries = section.has("industries") ? section.strings("industries") : nil
        files = section.strings("files")
        scenarios = section.strings("scenarios")
        if let fault = settle(&self) { section.report(fault.problem, at: fault.key) }
        section.finish()
    }
}

// MARK: The files that it names

extension SimulatorConfiguration {
    /// What is wrong with what a key of `plant` names.
    struct Fault {
        let key: String
        let problem: String
    }

    /// Finds the files that the configuration names, and reads them once to see whether a plant can be made of them.
    fileprivate mutating func settle(beside path: String) -> Fault? {
        files = files.map { Self.beside(path, $0) }
        scenarios = scenarios.map { Self.beside(path, $0) }
        var key = "files"
        do {
            let whole = try CatalogueFiles.catalogue(files: files, industries: nil)
            key = "industries"
            let chosen = try industries.map(whole.only) ?? whole
            guard !chosen.industries.isEmpty else { return Fault(key: key, problem: "at least one is needed") }
            key = "scale"
            let sensors = chosen.industries.reduce(0) { $0 + $1.sensorCount }
            _ = try PlantSettings(size: .copies(scale ?? 1)).sensorCount(sensorsPerCopy: sensors)
            key = "scenarios"
            for scenario in scenarios { _ = try ScenarioFile.load(scenario) }
            return nil
        } catch {
            return Fault(key: key, problem: "\(error)")
        }
    }

    /// Where a configuration means a file to be: relative paths are seen from the configuration's own folder.
    private static func beside(_ configuration: String, _ file: String) -> String {
        guard !file.hasPrefix("/"), let slash = configuration.lastIndex(of: "/") else { return file }
        return configuration[...slash] + file
    }
}

struct SimulatorConfigurationError: Error, CustomStringConvertible {
    let description: String
}
