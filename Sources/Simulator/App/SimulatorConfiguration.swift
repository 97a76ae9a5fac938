import Foundation
import SimulatorExposures
import YAMLSupport

/// The simulator's configuration file (`--config`); every key may be left out, and a flag wins over its key.
struct SimulatorConfiguration: Equatable {
    var seed: UInt64?
    var speed: Double?
    var scale: Int?
    var tags: Int?
    var intervalMilliseconds: Int?
    var industries: [String]?
    /// Texts of further machines and industries, as absolute paths or seen from the working directory.
    var files: [String] = []
    /// Files of scenarios that can be run by their names.
    var scenarios: [String] = []
    var host: String?
    var opcuaPort: Int?
    var opcuaAccess = OPCUAAccess()
    var mqtt = MQTTSection()
    var modbusPort: Int?
    var webPort: Int?

    /// Reads a file as strictly as the connector reads its own.
    static func load(_ path: String) throws -> SimulatorConfiguration {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw SimulatorConfigurationError(description: "cannot read the configuration \(path)")
        }
        return try read(
            String(decoding: bytes, as: UTF8.self), file: path, environment: ProcessInfo.processInfo.environment)
    }

    static func read(
        _ text: String, file: String, environment: [String: String]
    ) throws(ConfigurationError) -> SimulatorConfiguration {
        try StrictDocument.read(text, file: file, environment: environment) { root in
            var configuration = SimulatorConfiguration()
            configuration.readPlant(root.section("plant"))
            var opcua = root.section("opcua")
            configuration.opcuaPort = opcua.optionalInteger("port", in: 0...65_535)
            configuration.opcuaAccess = OPCUAAccess.read(&opcua)
            opcua.finish()
            configuration.mqtt = MQTTSection.read(root.section("mqtt"))
            configuration.modbusPort = Self.port(root.section("modbus"))
            var web = root.section("web")
            configuration.host = web.string("host")
            configuration.webPort = web.optionalInteger("port", in: 0...65_535)
            web.finish()
            return configuration
        }.settings
    }

    private mutating func readPlant(_ section: consuming Section) {
        seed = section.optionalInteger("seed", in: 0...Int.max).map(UInt64.init)
        speed = section.has("speed") ? section.number("speed", default: 1) : nil
        scale = section.optionalInteger("scale", in: 1...1_000_000)
        tags = section.optionalInteger("tags", in: 1...1_000_000)
        if scale != nil, tags != nil { section.report("give scale or tags, not both", at: "tags") }
        intervalMilliseconds = section.optionalInteger("interval_ms", in: 10...3_600_000)
        industries = section.has("industries") ? section.strings("industries") : nil
        files = section.strings("files")
        scenarios = section.strings("scenarios")
        section.finish()
    }

    private static func port(_ section: consuming Section) -> Int? {
        let port = section.optionalInteger("port", in: 0...65_535)
        section.finish()
        return port
    }
}

struct SimulatorConfigurationError: Error, CustomStringConvertible {
    let description: String
}
