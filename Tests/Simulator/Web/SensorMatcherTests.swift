import SimulatorPlant
import Testing

@testable import SimulatorWeb

@Suite struct SensorMatcherTests {
    private func places(_ sensors: [Sensor], industry: String? = nil, search: String = "") -> [Int] {
        var matcher = SensorMatcher(industry: industry, search: search)
        return sensors.indices.filter { matcher.fits(sensors[$0]) }
    }

    @Test func aPatternIsFoundAnywhere() {
        for (pattern, text, occurs) in [
            ("", "", true), ("", "a", true), ("a", "", false), ("ab", "ab", true), ("ab", "aab", true),
            ("ab", "aba", true), ("ab", "ba", false), ("abc", "ab", false), ("³", "m³/h", true),
            ("power", "mining/crusher_1_motor_power", true), ("crusher_1_motor_powers", "crusher_1_motor_power", false),
        ] {
            #expect(BytePattern(pattern).occurs(in: text) == occurs, "'\(pattern)' in '\(text)'")
        }
    }

    /// What is decided once for a kind or an industry is what each sensor by itself would say.
    @Test func everySensorOfEveryCopyIsJudgedByItself() throws {
        let sensors = try Plant(
            catalogue: .builtIn(), settings: PlantSettings(size: .copies(3)), start: 0
        ).sensors
        for (industry, search) in [
            (nil, "crusher_1"), (nil, "temperature"), (nil, "°c"), (nil, "mining.2/"), ("mining", "power"),
            ("mining.3", ""), ("utilities", "zzz"),
        ] as [(String?, String)] {
            let expected = sensors.indices.filter { place in
                let sensor = sensors[place]
                let parts = sensor.industry.split(separator: ".")
                if let industry, sensor.industry != industry, parts[0] != industry { return false }
                return search.isEmpty || sensor.path.contains(search) || sensor.definition.type.contains(search)
                    || sensor.definition.unit.lowercased().contains(search)
            }
            #expect(places(sensors, industry: industry, search: search) == expected, "\(industry ?? "") \(search)")
        }
    }
}
