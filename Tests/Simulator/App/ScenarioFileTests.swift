import Foundation
import SimulatorExposures
import SimulatorPlant
import Testing

@testable import SimulatorApp

@Suite struct ScenarioFileTests {
    static func file(_ path: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../" + path).standardizedFileURL.path
    }

    private func read(_ text: String) throws -> Scenario {
        try ScenarioFile.read(text, file: "night.yaml", environment: [:])
    }

    @Test func everyKeyIsTaken() throws {
        let scenario = try read(
            """
            name: n-1
            description: what happens
            events:
              - {at: 1m, kind: oscillation, sensor: mining/pump_1_flow, value: 5.5, ramp: 500ms, duration: 2, period: 4s}
              - {at: 0.5, kind: cavitation, machine: mining/pump_1}
            """)
        #expect(
            scenario
                == (try Scenario(
                    name: "n-1", summary: "what happens",
                    events: [
                        .init(at: 0.5, Fault(.cavitation, at: "mining/pump_1")),
                        .init(
                            at: 60,
                            Fault(
                                .oscillation, at: "mining/pump_1_flow", value: 5.5, duration: 2, ramp: 0.5, period: 4)),
                    ])))
        #expect(try read("events: [{kind: stuck, sensor: a/b}]").name == "night")
    }

    @Test(arguments: [
        ("", "at least one event"), ("events: [{kind: stuck}]", "sensor: is missing"),
        ("events: [{kind: melt, sensor: a/b}]", "'melt' is not possible"),
        ("events: [{sensor: a/b}]", "kind: is missing"),
        ("events: [{kind: stuck, machine: a/b, sensor: a/b}]", "needs 'sensor', not 'machine'"),
        ("events: [{kind: overheating, sensor: a/b}]", "needs 'machine', not 'sensor'"),
        ("events: [{kind: stuck, sensor: a/b, colour: red}]", "unknown key"),
        ("events: [{kind: stuck, sensor: a/b, at: soon}]", "a time such as"),
        ("events: [{kind: fixed, sensor: a/b}]", "night.yaml: a fixed value needs 'value'"),
        ("events: [{kind: stuck, sensor: a/b, duration: 0}]", "the duration must lie above 0"),
        ("name: a b\nevents: [{kind: stuck, sensor: a/b}]", "a scenario's name"),
        ("events: {", "night.yaml"),
    ])
    func aMistakeIsNamed(text: String, part: String) {
        #expect { try read(text) } throws: { "\($0)".contains(part) }
    }

    @Test func theExampleRuns() throws {
        let scenario = try ScenarioFile.load(Self.file("examples/scenarios/night-shift.yaml"))
        #expect(scenario.name == "night-shift" && scenario.events.count == 4)
        var plant = try Plant(catalogue: .builtIn().only(["mining"]), settings: PlantSettings(), start: 0)
        try plant.runScenario(scenario)
        plant.advance(to: 400)
        #expect(plant.faults.count == 2)
    }

    @Test func aProgrammeIsReadAndBegun() throws {
        let example = Self.file("examples/scenarios/night-shift.yaml")
        let recording = NSTemporaryDirectory() + "recording-\(UUID().uuidString).csv"
        try "time,path,value\n0,mining/pump_1_flow,700\n5,mining/pump_1_flow,800\n".write(
            toFile: recording, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: recording) }
        func programme(_ scenario: String?, _ replay: String? = nil) throws -> Programme {
            try Programme(files: [], scenario: scenario, replay: replay, replaySpeed: 2)
        }
        let plant = try Plant(catalogue: .builtIn().only(["mining"]), settings: PlantSettings(), start: 0)
        for scenario in ["pump_cavitation", example] {
            let begun = try programme(scenario, recording)
            let runner = PlantRunner(plant, scenarios: begun.library)
            try begun.begin(runner)
            #expect(runner.scenarios.count == 1 && runner.replays.map(\.speed) == [2])
            #expect(runner.library.contains { $0 == runner.scenarios.first?.scenario })
        }
        #expect { try programme("no such thing") } throws: { "\($0)".contains("known: bearing_failure") }
        #expect { try programme(nil, example) } throws: { "\($0)".contains("line 1: the head line") }
        let named = try Programme(files: [example], scenario: "night-shift", replay: nil, replaySpeed: 1)
        #expect(named.running.map(\.name) == ["night-shift"])
    }
}
