import ArgumentParser
import CommandSupport
import ConnectorConfiguration
import OPCUAAdapter

/// `penstock certificates`: the connector's own OPC UA certificate, and those that it trusts.
struct CertificatesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certificates", abstract: "Make, list, show, trust and reject OPC UA certificates.",
        subcommands: [Create.self, List.self, Info.self, Trust.self, Reject.self], defaultSubcommand: List.self)

    /// Where the certificates lie.
    struct Options: ParsableArguments {
        @OptionGroup var configuration: ConfigurationOptions

        @Option(help: "The state directory; wins over the configuration.")
        var state: String?

        func folder() throws -> CertificateFolder {
            let (settings, _) = try configuration.load(stateDirectory: state)
            return CertificateFolder(path: settings.stateDirectory + "/pki")
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make the own certificate; an earlier one is replaced and its key kept.")

        @OptionGroup var options: Options

        func run() async throws {
            for line in try options.folder().create() { Console.say(line) }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List all certificates: place, thumbprint, end, subject.")

        @OptionGroup var options: Options

        func run() async throws {
            for line in try options.folder().list() { Console.say(line) }
        }
    }

    struct Info: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show what a certificate says.")

        @OptionGroup var options: Options

        @Argument(help: "A thumbprint, its first digits, or a file.")
        var certificate: String

        func run() async throws {
            for line in try options.folder().info(certificate) { Console.say(line) }
        }
    }

    struct Trust: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Trust a certificate from the next connection on.")

        @OptionGroup var options: Options

        @Argument(help: "A thumbprint, its first digits, or a file.")
        var certificate: String

        func run() async throws { Console.say(try options.folder().trust(certificate)) }
    }

    struct Reject: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Trust a certificate no longer.")

        @OptionGroup var options: Options

        @Argument(help: "A thumbprint, or its first digits.")
        var certificate: String

        func run() async throws { Console.say(try options.folder().reject(certificate)) }
    }
}
