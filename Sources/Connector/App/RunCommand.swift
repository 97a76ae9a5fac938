import ArgumentParser
import CommandSupport
import ConnectorConfiguration
import ConnectorKeys
import ConnectorVault
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
        let (settings, file) = try load()
        let level = verbose ? .debug : Logger.Level(settings.logLevel)
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return handler
        }
        Console.say("configuration: \(file ?? "none, defaults") (\(settings.sources.count) sources)")
        let assembly = ConnectorAssembly(
            settings: settings, vault: try vault(in: settings), reload: { [self] in try load().settings },
            logger: Logger(label: "penstock"))
        try await assembly.runUntilSignalled()
    }

    private func vault(in settings: ConnectorSettings) throws -> Vault {
        do {
            let password = try MasterPassword.find(in: ProcessInfo.processInfo.environment)
            return Vault(stateDirectory: settings.stateDirectory, password: password)
        } catch {
            throw CommandError(error.message)
        }
    }

    /// The settings as the file has them now, with what the command line overrules.
    private func load() throws -> (settings: ConnectorSettings, file: String?) {
        var (settings, file) = try configuration.load(stateDirectory: state)
        if let webPort { settings.web.port = webPort }
        if let metricsPort { settings.metrics.port = metricsPort }
        return (settings, file)
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
