/// What makes one plant differ from another with the same catalogue.
package struct PlantSettings: Sendable, Equatable {
    /// How large the plant is.
    package enum Size: Sendable, Equatable {
        /// So many whole copies of the catalogue.
        case copies(Int)
        /// So many sensors in all; the last copy is cut off where the number is reached.
        case sensors(Int)
    }

    /// The seed of all that is random: the same seed gives the same values, tick by tick.
    package var seed: UInt64
    /// How large the plant is.
    package var size: Size
    /// Real time from tick to tick, in microseconds.
    package var interval: Int64
    /// Seconds of plant time that pass in one second of real time.
    package var speed: Double

    /// The most sensors that a plant can have.
    package static let sensorsMax = 1_000_000
    /// The shortest and the longest interval, in milliseconds.
    package static let intervalMilliseconds: ClosedRange<Int> = 10...3_600_000
    /// The slowest and the fastest speed.
    package static let speeds: ClosedRange<Double> = 0.1...1000

    /// Checks the numbers against the limits above.
    package init(
        seed: UInt64 = 1, size: Size = .copies(1), intervalMilliseconds: Int = 1000, speed: Double = 1
    ) throws(PlantError) {
        guard Self.intervalMilliseconds.contains(intervalMilliseconds) else {
            throw .impossible(
                "the tick interval must lie between \(Self.intervalMilliseconds.lowerBound) and "
                    + "\(Self.intervalMilliseconds.upperBound) ms, not \(intervalMilliseconds)")
        }
        guard Self.speeds.contains(speed) else {
            throw .impossible(
                "the speed must lie between \(Self.speeds.lowerBound) and \(Int(Self.speeds.upperBound)), not \(speed)")
        }
        self.seed = seed
        self.size = size
        self.interval = Int64(intervalMilliseconds) * 1000
        self.speed = speed
    }

    /// Seconds of plant time from tick to tick.
    var step: Double { Double(interval) / 1_000_000 * speed }

    /// The number of sensors of a plant whose one copy has `sensorsPerCopy`. Throws when it is not possible.
    package func sensorCount(sensorsPerCopy: Int) throws(PlantError) -> Int {
        switch size {
        case .copies(let copies):
            let (count, overflow) = sensorsPerCopy.multipliedReportingOverflow(by: copies)
            guard copies >= 1, !overflow, count <= Self.sensorsMax else {
                throw .impossible(
                    "the scale must lie between 1 and \(Self.sensorsMax / max(1, sensorsPerCopy)), not \(copies) "
                        + "(a copy has \(sensorsPerCopy) sensors, a plant at most \(Self.sensorsMax))")
            }
            return count
        case .sensors(let count):
            guard (1...Self.sensorsMax).contains(count) else {
                throw .impossible("the number of tags must lie between 1 and \(Self.sensorsMax), not \(count)")
            }
            return count
        }
    }
}
