import ArgumentParser
import CommandSupport
import ConnectorConfiguration
import YAMLSupport

/// `penstock check`: reads a configuration as `run` would and says what it means, without starting anything.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Validate a configuration and print what takes effect and where it comes from; secrets are masked.")

    @OptionGroup var configuration: ConfigurationOptions
    @Argument(help: "The configuration file, as --config.")
    var file: String?
    @Flag(help: "Take warnings for errors.")
    var strict = false
    @Flag(help: "Print the JSON Schema of the file, for editors; no configuration is read.")
    var schema = false
    @Flag(help: "Print all keys as a Markdown page; no configuration is read.")
    var keys = false

    func validate() throws {
        if schema, keys { throw ValidationError("--schema and --keys exclude each other") }
    }

    func run() async throws {
        if schema { return Console.say(ConfigurationPages.schema()) }
        if keys { return Console.say(ConfigurationPages.keys()) }
        var configuration = configuration
        if let file { configuration.config = file }
        let (settings, records, path) = try configuration.inspect()
        Console.say(EffectiveText.text(of: records))
        for route in settings.routes { Console.say("# target: \(route.target.summary)") }
        if strict, !settings.warnings.isEmpty {
            throw CommandError("\(path ?? "no file"): \(settings.warnings.count) warnings, which --strict refuses")
        }
        let warnings = settings.warnings.isEmpty ? "" : ", \(settings.warnings.count) warnings"
        Console.say("\(path ?? "no file, defaults"): valid, \(settings.sources.count) sources\(warnings)")
    }
}
