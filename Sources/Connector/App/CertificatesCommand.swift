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

        @Option(help: "The state directory; the configuration is not read then.")
        var state: String?

        func folder() throws -> CertificateFolder {
            let state = try state ?? configuration.load().settings.stateDirectory
            return CertificateFolder(path: state + "/pki")
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make the own certificate; an earlier one is replaced and its key kept.")

        @OptionGroup var options: Options

        @Option(name: .customLong("host"), help: "A name or an address of this machine; may be given several times.")
        var hosts: [String] = []

        @Option(help: "The ApplicationUri (default: urn:<host>:penstock).")
        var uri: String?

        @Option(help: "Days until it ends (default: 1825).")
        var days: Int?

        @Option(help: "Makes a new key of 2048, 3072 or 4096 bits.")
        var keySize: Int?

        func validate() throws {
            if let days, !(1...36_500).contains(days) {
                throw ValidationError("--days \(days) is out of range; 1 to 36500 is possible")
            }
            if let keySize, ![2048, 3072, 4096].contains(keySize) {
                throw ValidationError("--key-size \(keySize) is not possible; one of: 2048, 3072, 4096")
            }
        }

        func run() async throws {
            let lines = try options.folder().create(
                hosts: hosts, applicationURI: uri, days: days, keyBits: keySize)
            for line in lines { Console.say(line) }
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

        @Flag(help: "Print the certificate as PEM instead.")
        var pem = false

        func run() async throws {
            let folder = try options.folder()
            if pem { return Console.write(try folder.pem(certificate)) }
            for line in try folder.info(certificate) { Console.say(line) }
        }
    }

    struct Trust: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Trust a certificate from the next connection on.")

        @OptionGroup var options: Options

        @Argument(help: "A thumbprint, its first digits, or a file.")
        var certificate: String

        @Flag(help: "Use it only to complete chains; what it signed is not trusted for that.")
        var issuer = false

        func run() async throws { Console.say(try options.folder().trust(certificate, asIssuer: issuer)) }
    }

    struct Reject: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Trust a certificate no longer.")

        @OptionGroup var options: Options

        @Argument(help: "A thumbprint, or its first digits.")
        var certificate: String

        func run() async throws { Console.say(try options.folder().reject(certificate)) }
    }
}
