import Foundation
import SimulatorExposures
import SimulatorPlant

/// What happens in the plant besides its everyday life.
struct Programme: Sendable {
    /// The scenarios that can be run by their names: the built-in ones, then those of files.
    var library: [Scenario] = []
    /// The scenarios that run from the start.
    var running: [Scenario] = []
    /// The recording that runs from the start, in recorded seconds per second of plant time.
    var replay: (recording: Replay, speed: Double)?

    /// Reads what is named. `scenario` is a name of the library or a file.
    init(files: [String], scenario: String?, replay: String?, replaySpeed: Double) throws {
        library = try Scenario.builtIn() + files.map(ScenarioFile.load)
        if let scenario {
            if let known = library.last(where: { $0.name == scenario }) {
                running = [known]
            } else if FileManager.default.fileExists(atPath: scenario) {
                running = [try ScenarioFile.load(scenario)]
                library += running
            } else {
                let names = library.map(\.name).joined(separator: ", ")
                throw SimulatorConfigurationError(
                    description: "'\(scenario)' is no file and no scenario; known: \(names)")
            }
        }
        if let replay {
            let text = try CatalogueFiles.text(of: replay, "the recording", bytesMax: Replay.bytesMax)
            let name = URL(fileURLWithPath: replay).deletingPathExtension().lastPathComponent
            do {
                self.replay = (try Replay(csv: Array(text.utf8), name: name), replaySpeed)
            } catch {
                throw SimulatorConfigurationError(description: "\(replay): \(error)")
            }
        }
    }

    /// Starts what runs from the start.
    func begin(_ runner: PlantRunner) throws {
        for scenario in running { try runner.run(scenario) }
        if let replay { try runner.start(replay.recording, speed: replay.speed) }
    }
}
