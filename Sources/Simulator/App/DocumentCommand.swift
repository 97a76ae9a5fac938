import ArgumentParser
import CommandSupport
import Foundation
import SimulatorPlant

/// `ot-simulator document`: the reference of the plant, made from its data.
struct DocumentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "document",
        abstract: "Write the plant's catalogue, addresses and scenarios as Markdown.",
        discussion: "docs/simulator is made so; with a configuration of your own it documents your plant.")

    @Option(help: "Configuration file (YAML): plant.files, plant.industries and plant.scenarios are used.")
    var config: String?

    @Option(help: "Folder to write to; it is created.")
    var out: String

    func run() async throws {
        let file = try config.map(SimulatorConfiguration.load) ?? SimulatorConfiguration()
        let catalogue = try CatalogueFiles.catalogue(files: file.files, industries: file.industries)
        let scenarios = try Scenario.builtIn() + file.scenarios.map(ScenarioFile.load)
        for document in try PlantDocuments.all(catalogue, scenarios) {
            try write(document.text, to: document.name)
            Console.say("\(out)/\(document.name)")
        }
    }

    private func write(_ text: String, to name: String) throws {
        let folder = URL(fileURLWithPath: out)
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: folder.appendingPathComponent(name))
        } catch {
            throw SimulatorConfigurationError(
                description: "cannot write '\(out)/\(name)': check the folder and its rights")
        }
    }
}
