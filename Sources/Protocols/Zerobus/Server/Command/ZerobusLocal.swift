import ArgumentParser
import CommandSupport

/// The program `zerobus-local`.
public enum ZerobusLocalProgram {
    /// Runs until the command is done; ends the process with a status other than 0 on an error.
    public static func main() async {
        await ZerobusLocal.runProgram()
    }
}

/// `zerobus-local` and its subcommands.
struct ZerobusLocal: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "zerobus-local",
        abstract: "A stand-in for Databricks Zerobus on this machine: ingest, tokens, tables.",
        subcommands: [Serve.self, Create.self, Query.self])
}

/// What every command takes.
struct CommonOptions: ParsableArguments {
    @Option(name: .customLong("data"), help: ArgumentHelp("The folder of tables.", valueName: "dir"))
    var dataDirectory = "zerobus-data"

    @Flag(name: .long, help: "Say more, also about errors.")
    var verbose = false
}
