import ArgumentParser
import CommandSupport
import ConnectorConfiguration
import ConnectorKeys
import ConnectorVault
import Foundation

/// Whose vault a command opens.
struct VaultOptions: ParsableArguments {
    @OptionGroup var configuration: ConfigurationOptions

    @Option(help: "The state directory; the configuration is not read then.")
    var state: String?

    func stateDirectory() throws -> String {
        try state ?? configuration.stateDirectory()
    }

    func password() throws -> MasterPassword? {
        try ConfigurationOptions.password(ProcessInfo.processInfo.environment)
    }

    func open() throws -> Vault {
        Vault(stateDirectory: try stateDirectory(), password: try password())
    }
}
