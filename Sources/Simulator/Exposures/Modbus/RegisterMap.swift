package import SimulatorPlant

/// Where each sensor stands in the Modbus registers. All addresses count from 0.
///
/// - Input registers 0–3 hold the tick's microseconds of UTC as uint64, 4–5 its number as uint32 (modulo
///   2³²), 6 the number of the unit's sensors whose quality is not good, 7–9 are reserved and 0. Sensor k of the
///   unit stands at 10 + 2k as float32 (counts: uint32), in order ABCD.
/// - Holding register k holds sensor k as int16, to be multiplied by its scale.
/// - Discrete input k and coil k hold sensor k when it is a state.
/// - Discrete input 30000 + k is on while the quality of sensor k is not good. Its registers go on showing what the
///   sensor shows; in a dropout they keep the last value.
/// - A unit has at most `sensorsPerUnit` sensors; further ones stand at unit 2, 3 …
package struct RegisterMap: Sendable {
    /// What one unit id can hold.
    package static let sensorsPerUnit = 30_000
    /// Where the discrete inputs begin that tell of qualities.
    package static let qualityStart = 30_000
    /// Where the first sensor stands among the input registers.
    package static let inputStart = 10

    /// The place of one sensor.
    package struct Entry: Sendable {
        /// The sensor's address in every other protocol.
        package let path: String
        /// Unit id, from 1.
        package let unitID: UInt8
        /// The first of two input registers.
        package let input: UInt16
        /// `float32` or `uint32`: what stands there.
        package let inputType: String
        /// The holding register, int16.
        package let holding: UInt16
        /// What to multiply the holding register by.
        package let scale: Double
        /// The scale as an exact decimal.
        package let scaleText: String
        /// The coil and discrete input, for states only.
        package let bit: UInt16?
        /// The engineering unit.
        package let unit: String

        let scaling: RegisterScaling
        let kind: ValueKind
    }

    /// The sensors in the order of the plant.
    package let entries: [Entry]

    /// The map of a plant.
    package init(_ sensors: [Sensor]) {
        entries = sensors.enumerated().map { index, sensor in
            let place = UInt16(index % Self.sensorsPerUnit)
            let scaling = RegisterScaling(sensor.definition)
            let kind = sensor.definition.kind
            return Entry(
                path: sensor.path, unitID: UInt8(1 + index / Self.sensorsPerUnit),
                input: UInt16(Self.inputStart) + 2 * place, inputType: kind == .count ? "uint32" : "float32",
                holding: place, scale: scaling.scale, scaleText: scaling.text, bit: kind == .state ? place : nil,
                unit: sensor.definition.unit, scaling: scaling, kind: kind)
        }
    }
}

extension RegisterMap.Entry {
    /// The two input registers for a value, the high word first (ABCD).
    package func inputRegisters(_ value: Double) -> (UInt16, UInt16) {
        let bits: UInt32 =
            kind == .count ? UInt32(truncatingIfNeeded: Int64(value)) : Float(value).bitPattern
        return (UInt16(bits >> 16), UInt16(truncatingIfNeeded: bits))
    }

    /// The holding register for a value.
    package func holdingRegister(_ value: Double) -> UInt16 { UInt16(bitPattern: scaling.raw(value)) }
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
