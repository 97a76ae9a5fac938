import SimulatorPlant

/// Finds sensors by their paths. Holds one copy of the plant only, as all copies are alike.
struct SensorIndex: Sendable {
    let sensors: [Sensor]
    private let places: [String: Int]
    private let sensorsPerCopy: Int

    init(_ sensors: [Sensor]) {
        self.sensors = sensors
        // Further copies stand behind the first, in the same order; their industries have a dot.
        sensorsPerCopy = sensors.firstIndex { $0.industry.contains(".") } ?? sensors.count
        places = Dictionary(sensors.prefix(sensorsPerCopy).enumerated().map { ($1.path, $0) }) { first, _ in first }
    }

    /// The place of a sensor in the plant and its ticks; nil when no sensor has the path.
    func place(_ path: String) -> Int? {
        if let place = places[path] { return place }
        let halves = path.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count == 2, let dot = halves[0].firstIndex(of: "."),
            let copy = Int(halves[0][halves[0].index(after: dot)...]), copy > 1,
            let first = places["\(halves[0][..<dot])/\(halves[1])"]
        else { return nil }
        let (offset, overflow) = (copy - 1).multipliedReportingOverflow(by: sensorsPerCopy)
        let (place, overflows) = offset.addingReportingOverflow(first)
        guard !overflow, !overflows, place < sensors.count, sensors[place].path == path else { return nil }
        return place
    }
}
