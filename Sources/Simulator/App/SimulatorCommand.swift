import ArgumentParser

/// `ot-simulator` and its subcommands.
struct SimulatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ot-simulator",
        abstract: "A simulated plant that speaks OPC UA, MQTT and Modbus TCP.",
        subcommands: [RunCommand.self, ReportCommand.self, DocumentCommand.self],
        defaultSubcommand: RunCommand.self)
}
