/// All values of the plant at one moment.
///
/// Cheap to hand on: the arrays are shared, never copied. Position i belongs to sensor i of the plant.
package struct Tick: Sendable, Equatable {
    /// Its number, from 0 at the start of the plant.
    package let number: UInt64
    /// The moment, in microseconds of UTC since 1970; the same for all values.
    package let timestamp: Int64
    /// The values in the units of their sensors. Counts are whole numbers, states are 0 or 1.
    package let values: [Double]
    /// How far each value can be trusted.
    package let qualities: [Quality]
}
