import ArgumentParser
import CommandSupport
import ConnectorConfiguration

/// `penstock check`: reads a configuration as `run` would and says what it means, without starting anything.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Validate a configuration and print what it means; secrets are masked.")

    @OptionGroup var configuration: ConfigurationOptions
    @Argument(help: "The configuration file, as --config.")
    var file: String?

    func run() async throws {
        var configuration = configuration
        if let file { configuration.config = file }
        let (settings, path) = try configuration.load()
        Console.say(EffectiveConfiguration.text(of: settings))
        Console.say("\(path ?? "no file, defaults"): valid, \(settings.sources.count) sources")
    }
}
