/// What a value of a sensor is: every exposure serves it as the matching type of its protocol.
package enum ValueKind: Sendable, Equatable {
    /// A measured quantity: a 64-bit floating-point number.
    case measurement
    /// A count that never falls: a whole number from 0 up.
    case count
    /// On or off.
    case state
}

/// What all copies of one sensor have in common, as the catalogue says it.
///
/// A class because a plant of a million sensors refers to a few hundred of these.
package final class SensorDefinition: Sendable {
    /// The name of the machine, for instance `crusher_1`.
    package let machine: String
    /// The name within the industry, for instance `crusher_1_motor_power`.
    package let name: String
    /// What is measured, in one word: `power`, `temperature`, `vibration` …
    package let type: String
    /// The engineering unit as it is written on the instrument, for instance `kW` or `°C`.
    package let unit: String
    /// Lowest value, in `unit`.
    package let minimum: Double
    /// Highest value, in `unit`.
    package let maximum: Double
    /// The value at half load, in `unit`.
    package let nominal: Double
    /// Standard deviation of the measuring noise, in `unit`.
    package let noise: Double
    /// What moves the value.
    package let response: SensorResponse
    /// What the value is.
    package let kind: ValueKind

    init(
        machine: String, name: String, type: String, unit: String, range: ClosedRange<Double>, nominal: Double,
        noise: Double, response: SensorResponse
    ) {
        self.machine = machine
        self.name = name
        self.type = type
        self.unit = unit
        self.minimum = range.lowerBound
        self.maximum = range.upperBound
        self.nominal = nominal
        self.noise = noise
        self.response = response
        self.kind = response.driver.kind
    }
}

/// One sensor of the plant.
package struct Sensor: Sendable {
    /// The address used everywhere: `industry/sensor`, in further copies `industry.2/sensor`.
    package let path: String
    /// The part of the path before the slash.
    package let industry: String
    /// What it shares with the same sensor of the other copies.
    package let definition: SensorDefinition
}
