import ArgumentParser
import CommandSupport
import ConnectorConfiguration
import ConnectorModel
import LocalTableAdapter
import ZerobusAdapter

/// `penstock tables`: the CREATE TABLE text of the configured target.
struct TablesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tables", abstract: "Print the CREATE TABLE text of each target.")

    @OptionGroup var configuration: ConfigurationOptions

    func run() async throws {
        let (settings, _) = try configuration.load()
        switch settings.target {
        case .zerobus(let zerobus): Console.say(zerobus.layout.createTable(named: zerobus.table))
        case .local(let local): Console.say(local.layout.createTable(named: "main.default.\(local.table)"))
        case .notConfigured, .disabled:
            Console.say(RecordLayout.rawEvents.createTable(named: "main.default.raw_events"))
        }
    }
}
