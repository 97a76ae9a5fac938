import SimulatorPlant

/// How a sensor's value is squeezed into one signed 16-bit register: raw × scale is the value.
struct RegisterScaling: Sendable, Equatable {
    /// Decimal digits kept after the point; negative when the register counts in tens, hundreds …
    let digits: Int
    private let factor: Double

    /// The finest power of ten with which the whole range fits.
    init(_ definition: SensorDefinition) {
        let largest = max(abs(definition.minimum), abs(definition.maximum))
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
        self.digits = digits
        self.factor = factor
    }

    /// The value of one step of the register.
    var scale: Double { digits >= 0 ? 1 / RegisterScaling.power(digits) : RegisterScaling.power(-digits) }

    /// The scale as a decimal, without rounding: `0.01`, `1`, `100`.
    var text: String {
        digits > 0
            ? "0." + String(repeating: "0", count: digits - 1) + "1" : "1" + String(repeating: "0", count: -digits)
    }

    /// The register that shows a value, rounded to the nearest step.
    func raw(_ value: Double) -> Int16 {
        let steps = (value * factor).rounded()
        guard steps > -32_768 else { return .min }
        guard steps < 32_767 else { return .max }
        return Int16(steps)
    }

    private static func power(_ digits: Int) -> Double {
        var power = 1.0
        for _ in 0..<digits { power *= 10 }
        return power
    }
}
