/// Finds sensors and machines by their paths.
///
/// Knows only the first copy by name: a plant of a million sensors has thousands of copies of a few hundred.
struct PlantIndex {
    private let sensors: [String: Int]
    private let machines: [String: Int]

    init(_ catalogue: Catalogue) {
        var sensors: [String: Int] = [:]
        var machines: [String: Int] = [:]
        for industry in catalogue.industries {
            for machine in industry.machines {
                machines[industry.name + "/" + machine.name] = machines.count
                for sensor in machine.sensors { sensors[industry.name + "/" + sensor.name] = sensors.count }
            }
        }
        self.sensors = sensors
        self.machines = machines
    }

    /// The place of a sensor; nil when no sensor has the path.
    func sensor(_ path: String, count: Int) -> Int? { place(of: path, in: sensors, count: count) }

    /// The place of a machine; nil when no machine has the path.
    func machine(_ path: String, count: Int) -> Int? { place(of: path, in: machines, count: count) }

    private func place(of path: String, in first: [String: Int], count: Int) -> Int? {
        guard let slash = path.firstIndex(of: "/"), let dot = path[..<slash].firstIndex(of: ".") else {
            return first[path].flatMap { $0 < count ? $0 : nil }
        }
        let number = path[path.index(after: dot)..<slash]
        guard let copy = Int(number), copy >= 2, copy <= PlantSettings.sensorsMax, String(copy) == number,
            let place = first[String(path[..<dot] + path[slash...])]
        else { return nil }
        let found = place + (copy - 1) * first.count
        return found < count ? found : nil
    }
}
