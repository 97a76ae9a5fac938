import Logging
import Synchronization

@testable import SimulatorExposures
@testable import SimulatorPlant

extension Catalogue {
    /// The first measurements of four machines: few enough to look at each.
    static func crushingLine() throws -> Catalogue {
        var catalogue = try Catalogue.builtIn().only(["mining"])
        for (machine, count) in [4, 5, 4, 4].enumerated() {
            let sensors = catalogue.industries[0].machines[machine].sensors.prefix(count)
            catalogue.industries[0].machines[machine].sensors = Array(sensors)
        }
        return catalogue
    }
}

/// A plant that ticks when the test says so, with exposures on free ports.
final class ManualPlant: Sendable {
    let sensors: [Sensor]
    let feed: TickFeed
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    private let plant: Mutex<Plant>

    init(_ catalogue: Catalogue, sensors: Int? = nil, start: Int64 = 1_700_000_000_123_456) throws {
        let plant = try Plant(
            catalogue: catalogue,
            settings: PlantSettings(seed: 11, size: sensors.map(PlantSettings.Size.sensors) ?? .copies(1)),
            start: start)
        self.sensors = plant.sensors
        feed = TickFeed(plant.tick)
        self.plant = Mutex(plant)
    }

    /// Computes the next tick and shows it to everybody.
    @discardableResult
    func tick() throws -> Tick {
        let tick = plant.withLock { plant in
            plant.advance(to: plant.tick.number + 1)
            return plant.tick
        }
        try feed.publish(tick)
        return tick
    }

    /// Begins a fault; the next tick shows it.
    func inject(_ fault: Fault) throws {
        try plant.withLock { plant in _ = try plant.inject(fault) }
    }

    /// Runs a switchboard with these exposures for the time of the body.
    func withSwitchboard(
        _ exposures: [any Exposure], _ body: @escaping @Sendable (ExposureSwitchboard) async throws -> Void
    ) async throws {
        let switchboard = ExposureSwitchboard(exposures, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await switchboard.run() }
            try await body(switchboard)
            group.cancelAll()
        }
    }

    /// The port at the end of an endpoint's URL.
    static func port(_ url: String) -> Int {
        let authority = url.split(separator: "/").dropFirst().first ?? ""
        return Int(authority.split(separator: ":").last ?? "") ?? 0
    }
}
