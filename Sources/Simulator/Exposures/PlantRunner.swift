import NIOPosix
package import SimulatorPlant
import Synchronization

/// Drives the plant: at every due moment it computes a tick and hands it to the feed.
///
/// Works on a thread of its own, because a tick of a large plant is long and the truth log writes to a disk.
package final class PlantRunner: Sendable {
    /// Where the ticks go.
    package let feed: TickFeed
    let plant: Mutex<Plant>
    /// The scenarios that can be run by their names.
    package let library: [Scenario]
    private let schedule: TickSchedule
    private let leftOutCount = Mutex<UInt64>(0)

    /// A runner for a plant that it owns from now on. Of scenarios with the same name the last one counts.
    package init(_ plant: Plant, scenarios: [Scenario] = []) {
        var library: [String: Scenario] = [:]
        for scenario in scenarios { library[scenario.name] = scenario }
        self.library = library.values.sorted { $0.name < $1.name }
        feed = TickFeed(plant.tick)
        schedule = plant.schedule
        self.plant = Mutex(plant)
    }

    /// The number of ticks that were left out because the computer could not keep up.
    package var ticksLeftOut: UInt64 { leftOutCount.withLock { $0 } }

    /// Runs until it is cancelled. Ends with an error when a receiver cannot go on.
    ///
    /// `now` tells the time in microseconds of UTC; it is asked once. After that a clock that nobody can set
    /// counts, and each tick is due at a time computed from the start.
    package func run(now: Int64) async throws {
        let clock = ContinuousClock()
        let start = clock.now - .microseconds(max(0, now - schedule.start))
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        do {
            var number: UInt64 = 0
            while true {
                let elapsed = (clock.now - start) / .microseconds(1)
                let next = schedule.tick(after: number, elapsed: Int64(elapsed))
                let leftOut = next - number - 1
                if leftOut > 0 { leftOutCount.withLock { $0 += leftOut } }
                number = next
                try await clock.sleep(
                    until: start + .microseconds(schedule.offset(of: number)), tolerance: .zero)
                try await pool.runIfActive { try self.serve(next) }
            }
        } catch {
            try await pool.shutdownGracefully()
            throw error
        }
    }

    private func serve(_ number: UInt64) throws {
        let tick = plant.withLock { plant in
            plant.advance(to: number)
            return plant.tick
        }
        try feed.publish(tick)
    }
}
