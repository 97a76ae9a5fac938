import ArgumentParser
import CommandSupport
import ConnectorConfiguration
import ConnectorModel
import ConnectorNormalization
import Logging
import ModbusAdapter
import OPCUAAdapter

/// `penstock test SOURCE`: connects to a source as `run` would and says what was found; nothing is delivered.
struct TestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Connect to a source and print what was found.")

    @OptionGroup var configuration: ConfigurationOptions
    @Argument(help: "The name of the source in the configuration.")
    var source: String
    @Option(name: .customLong("for"), help: "Seconds to wait for readings.")
    var seconds: Double = 5

    func run() async throws {
        let settings = try configuration.load().settings
        let source = try settings.source(named: source)
        let logger = Logger(label: "penstock") { _ in SwiftLogNoOpLogHandler() }
        if case .modbus(let modbus) = source.adapter {
            do {
                for line in try await ModbusSurvey.lines(of: modbus, logger: logger) { Console.say(line) }
            } catch {
                throw CommandError("\(source.name): \(error)")
            }
        }
        if case .opcua(let opcua) = source.adapter {
            do {
                let look = OPCUALook(opcua, pkiFolder: settings.stateDirectory + "/pki", logger: logger)
                for line in try await look.greeting() { Console.say(line) }
            } catch let failure as SourceFailure {
                throw CommandError("\(source.name): \(failure.message)")
            }
        }
        let sample = SourceSample(
            try source.makeSourceForALook(stateDirectory: settings.stateDirectory, logger: logger),
            options: settings.intakeOptions(for: source, paths: TagPathRegistry(), logger: logger))
        try await sample.collect(for: .seconds(seconds), untilEachTagHasAReading: true) { _ in }
        let values = sample.intake.lastValues(limit: .max).filter(\.isWanted)
        let good = values.count(where: { $0.reading?.status.quality == .good })
        Console.say("\(source.name): connected, \(values.count) tags, \(good) of them good")
        if let failures = sample.intake.snapshot().diagnostics?.failures, !failures.isEmpty {
            for failure in failures.prefix(20) { Console.say("  \(failure.item): \(failure.reason)") }
            return
        }
        for value in values.filter({ $0.reading?.status.quality != .good }).prefix(20) {
            let status = value.reading.map { sample.intake.source.statusName($0.status.code) } ?? "no reading yet"
            Console.say("  \(value.tag.address) \(value.tag.name): \(status)")
        }
    }
}
