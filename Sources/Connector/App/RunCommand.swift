import ArgumentParser
import CommandSupport
import ConnectorConfiguration
import Foundation
import Logging

/// `penstock run`: the connector itself.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Carry readings from the configured sources to the configured target (default).")

    @OptionGroup var configuration: ConfigurationOptions

    @Option(help: "Port of the page and the API (default: web_ui.port, 8080); 0 takes a free one.")
    var webPort: Int?

    @Option(help: "Port of the Prometheus metrics (default: monitoring.prometheus.port, 9090); 0 takes a free one.")
    var metricsPort: Int?

    @Option(help: "Folder of journal and local tables (default: state_directory, ./penstock-data).")
    var state: String?

    @Flag(help: "Log more detail.")
    var verbose = false

    func validate() throws {
        for (name, port) in [("--web-port", webPort), ("--metrics-port", metricsPort)] {
            if let port, !(0...65_535).contains(port) {
                throw ValidationError("\(name) \(port) is out of range; 0 to 65535 is possible")
            }
        }
    }

    func run() async throws {
        let (desk, document) = try configuration.open(stateDirectory: state)
        let read = try desk.settings(of: document)
        for warning in read.warnings { Console.complain("warning: \(warning)") }
        let settings = overruled(read)
        let level = verbose ? .debug : Logger.Level(settings.logLevel)
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return handler
        }
        Console.say("configuration: \(document.file ?? "none, defaults") (\(settings.sources.count) sources)")
        let assembly = ConnectorAssembly(
            settings: settings, desk: desk, hasFile: document.file != nil, overrule: { [self] in overruled($0) },
            logger: Logger(label: "penstock"))
        try await assembly.runUntilSignalled()
    }

    /// The settings with what the command line says over them.
    private func overruled(_ settings: ConnectorSettings) -> ConnectorSettings {
        var settings = settings
        if let webPort { settings.web.port = webPort }
        if let metricsPort { settings.metrics.port = metricsPort }
        return settings
    }
}

extension Logger.Level {
    init(_ level: ConnectorSettings.LogLevel) {
        self =
            switch level {
            case .debug: .debug
            case .info: .info
            case .warning: .warning
            case .error: .error
            }
    }
}
