package import Logging
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
    private let leftOut = Mutex(LeftOutTicks())

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
    package var ticksLeftOut: UInt64 { leftOut.withLock { $0.count } }

    /// Runs until it is cancelled. Ends with an error when a receiver cannot go on.
    ///
    /// `now` tells the time in microseconds of UTC; it is asked once. After that a clock that nobody can set
    /// counts, and each tick is due at a time computed from the start. Ticks that are left out are told to `logger`.
    package func run(now: Int64, logger: Logger? = nil) async throws {
        let clock = ContinuousClock()
        let start = clock.now - .microseconds(max(0, now - schedule.start))
        let elapsed = { Int64((clock.now - start) / .microseconds(1)) }
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        do {
            // What was due while the endpoints were made ready is nobody's loss.
            var number = schedule.tick(atLeast: 0, elapsed: elapsed())
            while true {
                let awaited = schedule.tick(atLeast: number + 1, elapsed: elapsed())
                try await clock.sleep(
                    until: start + .microseconds(schedule.offset(of: awaited)), tolerance: .zero)
                // The process may have been stopped meanwhile.
                let moment = elapsed()
                let due = schedule.tick(atLeast: awaited, elapsed: moment)
                leaveOut(due - number - 1, before: due, elapsed: moment, logger)
                number = due
                try await pool.runIfActive { try self.serve(due) }
            }
        } catch {
            try await pool.shutdownGracefully()
            throw error
        }
    }

    private func leaveOut(_ count: UInt64, before next: UInt64, elapsed: Int64, _ logger: Logger?) {
        guard let told = leftOut.withLock({ $0.leftOut(count, elapsed: elapsed) }) else { return }
        logger?.warning("the plant was held up: left out \(told) ticks, goes on with tick \(next)")
    }

    private func serve(_ number: UInt64) throws {
        let tick = plant.withLock { plant in
            plant.advance(to: number)
            return plant.tick
        }
        try feed.publish(tick)
    }
}
