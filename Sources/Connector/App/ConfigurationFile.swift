import ArgumentParser
import CommandSupport
import ConnectorConfiguration
import ConnectorKeys
import ConnectorVault
import Foundation
import YAMLSupport

/// Which configuration file a command reads.
struct ConfigurationOptions: ParsableArguments {
    @Option(help: "The configuration file (default: $PENSTOCK_CONFIG, else ./penstock.yaml if there is one).")
    var config: String?

    @Option(help: "A folder with penstock.yaml, connector.yaml or config.yaml.")
    var configDir: String?

    func validate() throws {
        if config != nil, configDir != nil {
            throw ValidationError("--config and --config-dir exclude each other")
        }
    }

    /// The settings, and the file that they came from; nil when there is none and the defaults hold.
    /// - Parameter stateDirectory: wins over the key `state_directory`.
    func load(stateDirectory: String? = nil) throws -> (settings: ConnectorSettings, file: String?) {
        let (desk, document) = try open(stateDirectory: stateDirectory)
        let settings = try desk.settings(of: document)
        for warning in settings.warnings { Console.complain("warning: \(warning)") }
        return (settings, document.file)
    }

    /// Where the configuration is read and changed, and what lies there now.
    /// - Parameter stateDirectory: wins over the key `state_directory`.
    func open(
        stateDirectory: String? = nil
    ) throws -> (desk: ConfigurationDesk, document: ConfigurationDocument) {
        let environment = ProcessInfo.processInfo.environment
        let named = try path(environment)
        // Without any file the first save makes this one.
        let path = named ?? "penstock.yaml"
        let text = try ConfigurationStore.read(path)
        if named != nil, text == nil {
            throw CommandError("cannot read the configuration \(path): there is no such file")
        }
        let state =
            try stateDirectory ?? StateDirectory.find(in: text ?? "", file: path, environment: environment)
        let store = ConfigurationStore(path: path, stateDirectory: state)
        let vault = Vault(stateDirectory: state, password: try Self.password(environment))
        let desk = ConfigurationDesk(
            store: store, vault: vault, environment: environment, stateDirectory: stateDirectory)
        return (desk, try store.load())
    }

    /// The master password that the environment names.
    static func password(_ environment: [String: String]) throws -> MasterPassword? {
        do { return try MasterPassword.find(in: environment) } catch { throw CommandError(error.message) }
    }

    /// The same for one who wants to know what the file means; each key with value and origin.
    func inspect() throws -> (settings: ConnectorSettings, keys: [KeyRecord], file: String?) {
        let (desk, document) = try open()
        let (settings, keys) = try desk.inspect(document)
        for warning in settings.warnings { Console.complain("warning: \(warning)") }
        return (settings, keys, document.file)
    }

    /// Where the state is, told without reading the rest, which may need what lies there.
    func stateDirectory() throws -> String {
        let environment = ProcessInfo.processInfo.environment
        guard let path = try path(environment) else { return StateDirectory.standard }
        return try StateDirectory.find(
            in: try ConfigurationStore.read(path) ?? "", file: path, environment: environment)
    }

    /// The file to read; nil when none is named and none lies in the working folder.
    func path(_ environment: [String: String], workingFolder: String? = nil) throws -> String? {
        if let config { return config }
        if let configDir {
            let names = ["penstock.yaml", "connector.yaml", "config.yaml"]
            let found = names.map { "\(configDir)/\($0)" }.first { FileManager.default.fileExists(atPath: $0) }
            guard let found else {
                throw CommandError("\(configDir) holds no \(names.joined(separator: ", "))")
            }
            return found
        }
        if let named = environment["PENSTOCK_CONFIG"], !named.isEmpty { return named }
        let usual = (workingFolder.map { $0 + "/" } ?? "") + "penstock.yaml"
        return FileManager.default.fileExists(atPath: usual) ? usual : nil
    }
}
