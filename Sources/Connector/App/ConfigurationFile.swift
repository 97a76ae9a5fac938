import ArgumentParser
import CommandSupport
import ConnectorConfiguration
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
        let (reader, text, path) = try reader(stateDirectory: stateDirectory)
        let settings = try reader.read(text)
        for warning in settings.warnings { Console.complain("warning: \(warning)") }
        return (settings, path)
    }

    /// The same for one who wants to know what the file means; each key with value and origin.
    func inspect() throws -> (settings: ConnectorSettings, keys: [KeyRecord], file: String?) {
        let (reader, text, path) = try reader(stateDirectory: nil)
        let (settings, keys) = try reader.inspect(text)
        for warning in settings.warnings { Console.complain("warning: \(warning)") }
        return (settings, keys, path)
    }

    /// A reader and the text for it, which is empty when there is no file.
    private func reader(
        stateDirectory: String?
    ) throws -> (reader: ConfigurationReader, text: String, file: String?) {
        let environment = ProcessInfo.processInfo.environment
        let path = try path(environment)
        let text = try path.map(Self.text) ?? ""
        let name = path ?? "(no file)"
        let vault = VaultLookup(
            stateDirectory: try stateDirectory
                ?? StateDirectory.find(in: text, file: name, environment: environment), environment)
        let reader = ConfigurationReader(
            file: name, environment: environment, stateDirectory: stateDirectory, credentials: vault.credential)
        return (reader, text, path)
    }

    /// Where the state is, told without reading the rest, which may need what lies there.
    func stateDirectory() throws -> String {
        let environment = ProcessInfo.processInfo.environment
        guard let path = try path(environment) else { return StateDirectory.standard }
        return try StateDirectory.find(in: try Self.text(of: path), file: path, environment: environment)
    }

    private static func text(of path: String) throws -> String {
        do {
            return try String(contentsOfFile: path, encoding: .utf8)
        } catch let error as CocoaError where error.code == .fileReadInapplicableStringEncoding {
            throw CommandError("\(path): the file is not UTF-8 text")
        } catch {
            throw CommandError("cannot read the configuration \(path): \(reason(error))")
        }
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

    private static func reason(_ error: any Error) -> String {
        switch (error as? CocoaError)?.code {
        case .fileReadNoSuchFile?: "there is no such file"
        case .fileReadNoPermission?: "no permission to read it"
        default: error.localizedDescription
        }
    }
}
