public import ArgumentParser

/// The command line of `zerobus-local`.
public struct ZerobusLocal: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "zerobus-local",
        abstract: "A stand-in for Databricks Zerobus on this machine: ingest, tokens, tables.",
        subcommands: [Serve.self, Create.self, Query.self])

    public init() {}

    /// Runs the program with the process's arguments and ends the process.
    public static func runProgram() async {
        await main()
    }
}

/// What every command takes.
struct CommonOptions: ParsableArguments {
    @Option(name: .customLong("data"), help: ArgumentHelp("The folder of tables.", valueName: "dir"))
    var dataDirectory = "zerobus-data"

    @Flag(name: .long, help: "Say more, also about errors.")
    var verbose = false
}
