/// The sensors that a plant can have, by industry and machine: data, not code.
package struct Catalogue: Sendable {
    /// One kind of plant.
    package struct Industry: Sendable {
        /// The name used in paths, for instance `mining`.
        package let name: String
        /// Its machines in the order of the text.
        package internal(set) var machines: [Machine]
        /// The number of its sensors.
        package var sensorCount: Int { machines.reduce(0) { $0 + $1.sensors.count } }
    }

    /// Sensors that share one load.
    package struct Machine: Sendable {
        /// The name used in sensor names, for instance `crusher_1`.
        package let name: String
        /// What makes it work hard or little.
        package let demand: MachineDemand
        /// The bearing that its vibration sensors listen to.
        package internal(set) var bearing: Bearing?
        /// Its sensors in the order of the text.
        package internal(set) var sensors: [SensorDefinition]
    }

    /// The industries in the order of the text; names are unique.
    package internal(set) var industries: [Industry]

    /// Only the named industries, in the order of the catalogue. Throws when a name is not there.
    package func only(_ names: [String]) throws(PlantError) -> Catalogue {
        let known = industries.map(\.name)
        for name in names where !known.contains(name) {
            throw .unknownIndustry(name, known: known)
        }
        return Catalogue(industries: industries.filter { names.contains($0.name) })
    }
}

extension Catalogue {
    init(industries: some Sequence<Industry>) { self.industries = Array(industries) }
}
