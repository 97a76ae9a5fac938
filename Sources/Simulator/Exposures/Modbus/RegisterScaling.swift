import SimulatorPlant

/// How a sensor's value is brought into a whole number: raw × scale is the value.
struct RegisterScaling: Sendable, Equatable {
    /// The value of one step of the register.
    let scale: Double
    /// The scale as a decimal, without rounding: `0.01`, `1`, `100`.
    let text: String
    /// Steps per unit of the value.
    private let factor: Double

    /// A scale as somebody wrote it.
    init(scale: Double, text: String) {
        self.scale = scale
        self.text = text
        factor = 1 / scale
    }

    /// The finest power of ten with which the whole range fits into a signed 16-bit register.
    init(_ definition: SensorDefinition) {
        let largest = max(abs(definition.minimum), abs(definition.maximum))
        // Decimal digits kept after the point; negative when the register counts in tens, hundreds …
        var digits = 0
        var factor = 1.0
        if largest > 32_767 {
            while largest * factor > 32_767 {
                digits -= 1
                factor = 1 / RegisterScaling.power(-digits)
            }
        } else if definition.kind == .measurement {
            while digits < 4, largest * RegisterScaling.power(digits + 1) <= 32_767 { digits += 1 }
            factor = RegisterScaling.power(digits)
        }
        self.factor = factor
        scale = digits >= 0 ? 1 / RegisterScaling.power(digits) : RegisterScaling.power(-digits)
        text =
            digits > 0
            ? "0." + String(repeating: "0", count: digits - 1) + "1" : "1" + String(repeating: "0", count: -digits)
    }

    /// The value in steps, not rounded.
    func steps(_ value: Double) -> Double { value * factor }

    /// The signed 16-bit register that shows a value, rounded to the nearest step.
    func raw(_ value: Double) -> Int16 { RegisterMap.Place.whole(steps(value)) }

    private static func power(_ digits: Int) -> Double {
        var power = 1.0
        for _ in 0..<digits { power *= 10 }
        return power
    }
}
