import Foundation
import SimulatorPlant
import Testing

@testable import SimulatorApp

@Suite struct PlantDocumentsTests {
    @Test func theDocumentsAreFresh() throws {
        for document in try PlantDocuments.all(.builtIn(), Scenario.builtIn()) {
            let path = ScenarioFileTests.file("docs/simulator/" + document.name)
            let written = try String(contentsOfFile: path, encoding: .utf8)
            #expect(
                written == document.text, "\(document.name) is old: run ot-simulator document --out docs/simulator")
        }
    }

    /// The page on faults names every kind, and its example is a scenario.
    @Test func theReadmeNamesEveryKind() throws {
        let text = try String(contentsOfFile: ScenarioFileTests.file("docs/simulator/README.md"), encoding: .utf8)
        for kind in Fault.Kind.allCases { #expect(text.contains("`\(kind.rawValue)`"), "\(kind)") }
        for driver in SensorResponse.Driver.allCases { #expect(text.contains("`\(driver.rawValue)`"), "\(driver)") }
        let parts = text.components(separatedBy: "```")
        let scenario = try #require(parts.first { $0.hasPrefix("yaml\n") }).dropFirst(5)
        #expect(try ScenarioFile.read(String(scenario), file: "x.yaml", environment: [:]).events.count == 2)
        let machine = try #require(parts.first { $0.contains("industry bakery") }).drop { $0 != "\n" }
        #expect(try Catalogue(parsing: String(machine)).industries[0].sensorCount == 4)
        let recording = try #require(parts.first { $0.hasPrefix("csv\n") }).dropFirst(4)
        #expect(try Replay(csv: Array(recording.utf8), name: "r").rows.count == 2)
    }

    @Test func aReportIsPrinted() throws {
        let report = try PlantReport(.builtIn().only(["mining"]), seed: 1, hours: 6, step: 60)
        let text = ReportText.text(report, brief: false)
        #expect(text.contains("mining/crusher_1_motor_power "))
        #expect(text.contains("25 sensors, 360 samples of each"))
        #expect(text.contains("4 motors, r of power and current at least 0.9"))
        #expect(ReportText.text(report, brief: true).split(separator: "\n").count == 4)
    }
}
