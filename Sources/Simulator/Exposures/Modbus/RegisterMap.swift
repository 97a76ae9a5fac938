package import ModbusCore
package import SimulatorPlant

/// Where each sensor stands in the Modbus registers. All addresses count from 0.
///
/// The standard map:
///
/// - Input registers 0–3 hold the tick's microseconds of UTC as uint64, 4–5 its number as uint32 (modulo
///   2³²), 6 the number of the unit's sensors whose quality is not good, 7–9 are reserved and 0. Sensor k of the
///   unit stands at 10 + 2k as float32 (counts: uint32), in order ABCD.
/// - Holding register k holds sensor k as int16, to be multiplied by its scale.
/// - Discrete input k and coil k hold sensor k when it is a state.
/// - Discrete input 30000 + k is on while the quality of sensor k is not good. Its registers go on showing what the
///   sensor shows; in a dropout they keep the last value.
/// - A unit has at most `sensorsPerUnit` sensors; further ones stand at the next unit ids.
///
/// A map of the user's own (`init(csv:)`) puts any sensors anywhere; the tick's registers 0–9 are in every unit that has no
/// sensor there.
package struct RegisterMap: Sendable {
    /// What one unit id can hold.
    package static let sensorsPerUnit = 30_000
    /// Where the discrete inputs begin that tell of qualities.
    package static let qualityStart = 30_000
    /// Where the first sensor stands among the input registers.
    package static let inputStart = 10
    /// The unit ids that a device on a serial line can have (Serial line V1.02, 2.2).
    package static let possibleUnits = 1...247

    /// Where a number stands in the input or holding registers, and how.
    package struct Place: Sendable, Equatable {
        /// The first of its registers.
        package let address: UInt16
        /// A number of 16, 32 or 64 bits.
        package let type: RegisterDataType
        package let order: ByteOrder

        /// The type as the map names it.
        package var typeName: String { type.rawValue }

        /// The registers it takes.
        var range: Range<Int> { Int(address)..<Int(address) + type.width }
    }

    /// The places of one sensor; nil where it does not stand.
    package struct Entry: Sendable {
        /// The sensor's address in every other protocol.
        package let path: String
        /// Its number in the plant.
        package let sensor: Int
        package let unitID: UInt8
        /// The value as it is.
        package let input: Place?
        /// The value divided by the scale.
        package let holding: Place?
        /// The coil and discrete input that are on while the value is not 0.
        package let bit: UInt16?
        /// The discrete input that is on while the quality is not good.
        package let quality: UInt16?
        /// The engineering unit.
        package let unit: String

        let scaling: RegisterScaling
        let isCount: Bool

        /// What to multiply the holding register by.
        package var scale: Double { scaling.scale }
        /// The scale as an exact decimal.
        package var scaleText: String { scaling.text }
    }

    /// In the order of the plant, or of the file.
    package let entries: [Entry]
    /// Entries by the sensor's number, where that is not their own place.
    private let places: [Int: Int]?

    init(own entries: [Entry]) {
        self.entries = entries
        places = Dictionary(entries.enumerated().map { ($1.sensor, $0) }) { first, _ in first }
    }

    /// The standard map of a plant. Throws when its unit ids would go beyond 247.
    ///
    /// - Parameter firstUnit: the unit id of the first sensor.
    package init(_ sensors: [Sensor], firstUnit: Int = 1) throws(ExposureError) {
        let lastUnit = firstUnit + (sensors.count - 1) / Self.sensorsPerUnit
        guard Self.possibleUnits.contains(firstUnit), Self.possibleUnits.contains(lastUnit) else {
            throw ExposureError(
                message:
                    "Modbus needs the unit ids \(firstUnit) to \(lastUnit) for \(sensors.count) sensors, and a unit "
                    + "id is \(Self.possibleUnits.lowerBound) to \(Self.possibleUnits.upperBound); lower modbus.unit_id"
            )
        }
        places = nil
        entries = sensors.enumerated().map { index, sensor in
            let place = UInt16(index % Self.sensorsPerUnit)
            let kind = sensor.definition.kind
            return Entry(
                path: sensor.path, sensor: index, unitID: UInt8(firstUnit + index / Self.sensorsPerUnit),
                input: Place(
                    address: UInt16(Self.inputStart) + 2 * place, type: kind == .count ? .uint32 : .float32,
                    order: .abcd),
                holding: Place(address: place, type: .int16, order: .abcd), bit: kind == .state ? place : nil,
                quality: UInt16(Self.qualityStart) + place, unit: sensor.definition.unit,
                scaling: RegisterScaling(sensor.definition), isCount: kind == .count)
        }
    }

    /// The places of a sensor of the plant; nil when it is not in the map.
    package func entry(ofSensor number: Int) -> Entry? {
        guard let places else { return entries.indices.contains(number) ? entries[number] : nil }
        return places[number].map { entries[$0] }
    }
}

extension RegisterMap {
    /// The registers before the first sensor: the tick's time and number, and how many sensors are not good.
    package static func head(_ tick: Tick, faulty: Int = 0) -> [UInt16] {
        let time = UInt64(bitPattern: tick.timestamp)
        return [
            UInt16(truncatingIfNeeded: time >> 48), UInt16(truncatingIfNeeded: time >> 32),
            UInt16(truncatingIfNeeded: time >> 16), UInt16(truncatingIfNeeded: time),
            UInt16(truncatingIfNeeded: tick.number >> 16), UInt16(truncatingIfNeeded: tick.number),
            UInt16(clamping: faulty), 0, 0, 0,
        ]
    }
}
