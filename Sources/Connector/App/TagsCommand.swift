import ArgumentParser
import CommandSupport
import ConnectorConfiguration
import ConnectorModel
import ConnectorNormalization
import Foundation
import Logging
import ModbusAdapter

/// `penstock tags`: lists of tags as CSV files, to be edited and named in `tag_list` of a source.
struct TagsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tags", abstract: "Export the tags of a source as CSV, and check such a file.",
        subcommands: [Export.self, Check.self])

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Name everything that is wrong in a tag list, by line and column.")

        @OptionGroup var configuration: ConfigurationOptions
        @Argument(help: "The CSV file.")
        var file: String
        @Option(name: .customLong("protocol"), help: "opcua, mqtt or modbus: whose addresses and columns it has.")
        var protocolType: String?
        @Option(help: "The source of the configuration that it is for, instead of --protocol.")
        var source: String?

        func validate() throws {
            if source != nil, protocolType != nil {
                throw ValidationError("--source and --protocol exclude each other")
            }
            if let protocolType, !["opcua", "mqtt", "modbus"].contains(protocolType) {
                throw ValidationError("--protocol \(protocolType) is not possible; one of: opcua, mqtt, modbus")
            }
        }

        func run() async throws {
            var word = protocolType
            if let source { word = try configuration.load().settings.source(named: source).protocolType }
            let (problems, tags) = try Self.report(file, word)
            for problem in problems { Console.say("\(file), \(problem)") }
            if problems.count >= TagListReader.problemsMax { Console.say("… there may be more") }
            guard problems.isEmpty else {
                throw CommandError("\(file): \(problems.count) \(problems.count == 1 ? "problem" : "problems")")
            }
            Console.say("\(file): valid, \(tags) tags")
        }

        private static func report(_ file: String, _ word: String?) throws -> (problems: [String], tags: Int) {
            do {
                return try TagListCheck.report(file, protocolType: word)
            } catch let problem as CSVText.Problem {
                return (["\(problem)"], 0)
            } catch {
                throw CommandError("\(error)")
            }
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the tags of a source as CSV, as they are named now.",
            discussion: "Connects to the source, except for Modbus, whose registers are configured.")

        @OptionGroup var configuration: ConfigurationOptions
        @Argument(help: "The name of the source in the configuration.")
        var source: String
        @Option(help: "The file to write, instead of standard output.")
        var output: String?
        @Option(name: .customLong("for"), help: "Seconds in which tags are looked for.")
        var seconds: Double = 10

        func run() async throws {
            let settings = try configuration.load().settings
            let source = try settings.source(named: source)
            let tags = try await tags(of: source, settings)
            let text = TagListText.table(tags, protocolType: source.protocolType).text
            guard let output else { return Console.write(text) }
            do {
                try Data(text.utf8).write(to: URL(fileURLWithPath: output), options: .atomic)
            } catch {
                throw CommandError("cannot write \(output): \(error.localizedDescription)")
            }
            Console.complain("\(output): \(tags.count) tags")
        }

        /// The registers of a Modbus source, as lines.
        static func registers(of source: SourceSettings) -> [[String: String]] {
            guard case .modbus(let modbus) = source.adapter else { return [] }
            return modbus.registers.map { register in
                let columns = register.columns(unitID: modbus.unitID)
                let address = register.tagAddresses(unitID: modbus.unitID).first ?? ""
                let setting = source.tags.setting(ofTag: TagDefinition(address: address, name: columns["name"]))
                return TagListText.fields(address: "", setting).merging(columns) { $1 }
            }
        }

        private func tags(of source: SourceSettings, _ settings: ConnectorSettings) async throws -> [[String: String]] {
            if case .modbus = source.adapter { return Self.registers(of: source) }
            let logger = Logger(label: "penstock") { _ in SwiftLogNoOpLogHandler() }
            let sample = SourceSample(
                try source.makeSourceForALook(stateDirectory: settings.stateDirectory, logger: logger),
                options: IntakeOptions())
            // A source that is polled or browsed has its tags at once; who publishes does so when they like.
            let isPushed = if case .mqtt = source.adapter { true } else { false }
            try await sample.collect(for: .seconds(seconds), untilEachTagHasAReading: !isPushed) { _ in }
            return TagExport(settings, source, sample.intake.source).rows(
                sample.intake.lastValues(limit: .max).map(\.tag), sorted: isPushed)
        }
    }
}

/// The tags of a source as lines of a tag list.
struct TagExport {
    private let source: SourceSettings
    private let identity: SourceIdentity
    private let normalizer: TagNormalizer

    init(_ settings: ConnectorSettings, _ source: SourceSettings, _ identity: SourceIdentity) {
        self.source = source
        self.identity = identity
        normalizer = TagNormalizer(settings.normalization, source.tags, registry: TagPathRegistry())
    }

    /// - Parameter sorted: by address; else in their own order.
    func rows(_ tags: [TagDefinition], sorted: Bool) -> [[String: String]] {
        var seen: Set<String> = []
        let tags = tags.filter { seen.insert($0.address).inserted && $0.address != "(beyond the limit)" }
        return (sorted ? tags.sorted { $0.address < $1.address } : tags).map(row)
    }

    /// Names, units and places as they are now, so that they can be seen and changed.
    private func row(_ tag: TagDefinition) -> [String: String] {
        let prepared = normalizer.prepare(tag, of: identity)
        var setting = source.tags.setting(ofTag: tag)
        setting.name = prepared.definition.name
        setting.unit = prepared.definition.unit
        setting.isEnabled = prepared.isWanted
        for part in NormalizationSettings.parts {
            setting.parts[part] = prepared.definition.metadata[part] ?? setting.parts[part]
        }
        return TagListText.fields(address: tag.metadata["node_id"] ?? tag.address, setting)
    }
}
