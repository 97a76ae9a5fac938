import ArgumentParser
import CommandSupport
import ConnectorConfiguration
import Foundation

extension CredentialsCommand {
    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Move the clear secrets of the configuration file into the vault.",
            discussion: "The file keeps ${credential:name} in their places. No copy of the file as it was is made.")

        @OptionGroup var configuration: ConfigurationOptions

        @Option(help: "The state directory; wins over the configuration.")
        var state: String?

        func run() async throws {
            let (desk, document) = try configuration.open(stateDirectory: state)
            guard document.file != nil else { throw CommandError("there is no configuration file") }
            let (names, saved) = try desk.importSecrets()
            guard !names.isEmpty else { return Console.say("\(desk.store.path) holds no clear secret") }
            for name in names { Console.say("\(name) stored") }
            Console.say("written: \(saved.written.joined(separator: ", "))")
            if !saved.keepsComments { Console.complain("warning: the file was written anew, without its comments") }
            if !saved.written.contains(desk.store.path) {
                Console.complain(
                    "warning: \(desk.store.path) cannot be replaced and still holds the secrets; "
                        + "what lies over it does not need them")
            }
        }
    }
}
