/// What one sensor did over a time: how often it lay on a limit, whether it moved, whether it ever fell.
package struct SensorSummary: Sendable {
    /// The sensor's address.
    package let path: String
    package let kind: ValueKind
    /// Whether it stands still while the machine is healthy, as an alarm does.
    package let rests: Bool
    private let range: ClosedRange<Double>
    package private(set) var samples = 0
    /// Samples that lay on the minimum or the maximum of a measurement.
    package private(set) var onLimit = 0
    /// Samples that lay outside the range.
    package private(set) var outside = 0
    /// Samples that were lower than the one before.
    package private(set) var falls = 0
    package private(set) var lowest = Double.infinity
    package private(set) var highest = -Double.infinity
    private var sum = 0.0
    private var squares = 0.0
    private var last: Double?

    package init(_ sensor: Sensor) {
        path = sensor.path
        kind = sensor.definition.kind
        rests = sensor.definition.response.driver == .alarm
        range = sensor.definition.minimum...sensor.definition.maximum
    }

    package mutating func add(_ value: Double) {
        samples += 1
        if kind == .measurement, value == range.lowerBound || value == range.upperBound { onLimit += 1 }
        if !range.contains(value) { outside += 1 }
        if let last, value < last { falls += 1 }
        last = value
        lowest = min(lowest, value)
        highest = max(highest, value)
        let fromMiddle = value - range.lowerBound
        sum += fromMiddle
        squares += fromMiddle * fromMiddle
    }

    package var mean: Double { samples == 0 ? 0 : range.lowerBound + sum / Double(samples) }

    package var deviation: Double {
        guard samples > 0 else { return 0 }
        let mean = sum / Double(samples)
        return max(0, squares / Double(samples) - mean * mean).squareRoot()
    }

    /// The share of samples on a limit, in percent.
    package var limitPercent: Double { samples == 0 ? 0 : 100 * Double(onLimit) / Double(samples) }

    /// What is wrong with it; nil when nothing is.
    package var fault: String? {
        if outside > 0 { return "\(outside) samples outside its range" }
        if limitPercent > 1 { return "\(onLimit) of \(samples) samples on a limit" }
        if kind == .count, falls > 0 { return "a counter that fell \(falls) times" }
        let width = range.upperBound - range.lowerBound
        let moved = kind == .measurement ? deviation >= width / 500 : lowest < highest
        if !rests, !moved { return "does not move" }
        if rests, moved { return "moves though nothing is wrong" }
        return nil
    }
}
