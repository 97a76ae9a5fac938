import Logging
import SimulatorExposures
import SimulatorPlant
import TestKit
import Testing
import WebSupport

@testable import SimulatorWeb

/// Takes the place of an endpoint.
private struct FakeExposure: Exposure {
    let kind: ExposureKind
    let fails: Bool

    func serve(opened: @escaping @Sendable (String) async -> Void) async throws {
        if fails { throw ExposureError(message: "port 1883 is in use") }
        await opened("fake://here")
        try await Task.sleep(for: .seconds(3600))
    }
}

/// Read once: all tests share two threads, and each of them would be busy with it for long.
private let mining = Result { try Catalogue.builtIn().only(["mining"]) }

/// Serves the routes over a plant of mining that stands still at tick 0.
func withSimulatorRoutes(
    sensors: Int = 17, liveInterval: Duration? = nil,
    _ body: @escaping @Sendable (LocalHTTP, Plant) async throws -> Void
) async throws {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let plant = try Plant(
        catalogue: mining.get(), settings: PlantSettings(size: .sensors(sensors)), start: 1_700_000_000_123_456)
    let runner = PlantRunner(plant, scenarios: try Scenario.builtIn())
    let board = ExposureSwitchboard(
        [FakeExposure(kind: .opcua, fails: false), FakeExposure(kind: .mqtt, fails: true)], logger: logger)
    let routes = try SimulatorRoutes(
        sensors: plant.sensors, runner: runner, switchboard: board, liveInterval: liveInterval)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await board.run() }
        try await WebServer.withRunning(
            configuration: WebServerConfiguration(port: 0), routes: routes.table, logger: logger
        ) { try await body(LocalHTTP(port: $0), plant) }
        group.cancelAll()
    }
}

/// Expects a status; shows the answer otherwise.
func check(_ answer: HTTPAnswer, _ status: Int, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(answer.status == status, "\(answer.text)", sourceLocation: sourceLocation)
}
