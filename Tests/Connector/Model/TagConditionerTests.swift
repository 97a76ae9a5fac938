import ConnectorModel
import Testing

@Suite struct TagConditionerTests {
    private let tag = TagDefinition(address: "a", metadata: ["eu_low": "-50.0", "eu_high": "150.0"])

    /// One letter for each reading: a row, held, or the first letter of why it is none.
    private func script(_ conditioning: Conditioning, _ readings: [(Reading, uptime: Int64)]) -> String {
        let plan = ConditioningPlan(conditioning, for: tag)
        var conditioner = TagConditioner()
        return readings.map { reading, uptime in
            let reading = plan.adjusted(reading).reading
            return
                switch conditioner.received(
                    reading, at: Timestamp(microseconds: uptime * 1000), by: plan, uptime: uptime)
            {
            case .pass: "P"
            case .suppress(.unchanged): "u"
            case .suppress(.deadband): "d"
            case .suppress(.swingingDoor): "s"
            case .suppress(.excluded): "x"
            case .hold: "h"
            case .passHeld: "H"
            case .passBoth: "B"
            case .passHeldOnly: "O"
            case .passInsteadOfHeld: "I"
            }
        }.joined()
    }

    private func script(_ conditioning: Conditioning, _ values: [ReadingValue]) -> String {
        script(conditioning, values.enumerated().map { (Reading($1, .float64), Int64($0) * 1000) })
    }

    @Test func withoutARuleEverythingPasses() {
        #expect(script(Conditioning(scale: 2), [.double(1), .double(1)]) == "PP")
        #expect(script(Conditioning(report: .all), [.double(1), .double(1)]) == "PP")
    }

    @Test func onChange() {
        let rule = Conditioning(report: .onChange)
        #expect(script(rule, [.double(1), .double(1), .double(2), .double(1), .double(1)]) == "PuPPu")
        #expect(script(rule, [.string("a"), .string("a"), .string("b"), .json("b")]) == "PuPP")
        #expect(script(rule, [.double(.nan), .double(.nan), .double(0), .double(-0.0)]) == "PuPu")
        #expect(script(rule, [.bool(true), .bool(true), .none, .none]) == "PuPu")
        // Whole numbers are compared as such, beyond what a floating-point number can tell apart.
        #expect(script(rule, [.int(9_007_199_254_740_993), .int(9_007_199_254_740_992)]) == "PP")
    }

    @Test func deadband() {
        let absolute = Conditioning(report: .deadband(.absolute(0.5)))
        // From the last row, not from the last reading: a slow drift is told.
        #expect(
            script(absolute, [.double(1), .double(1.5), .double(1.25), .double(1.75), .double(2), .double(1.5)])
                == "PddPdd")
        #expect(script(absolute, [.int(1), .int(1), .int(2)]) == "PdP")
        #expect(script(absolute, [.double(1), .double(.nan), .double(.nan), .double(1)]) == "PPdP")
        #expect(script(absolute, [.string("a"), .string("a")]) == "PP")
        // 1 % of -50…150, and of a span that was set.
        #expect(
            script(Conditioning(report: .deadband(.percent(1, span: nil))), [.double(0), .double(2), .double(2.5)])
                == "PdP")
        #expect(
            script(Conditioning(report: .deadband(.percent(1, span: 10))), [.double(0), .double(0.1), .double(0.2)])
                == "PdP")
        // Without a range there is nothing to take percents of.
        let plan = ConditioningPlan(
            Conditioning(report: .deadband(.percent(1, span: nil))), for: TagDefinition(address: "a"))
        #expect(plan.report == .all)
    }

    @Test func qualityChangesAndBadReadingsPass() {
        func reading(_ value: Double, _ code: Int32, _ quality: Quality) -> Reading {
            Reading(.double(value), .float64, status: Status(code: code, quality: quality))
        }
        let readings = [
            reading(1, 0, .good), reading(1, 0, .good), reading(1, 5, .uncertain), reading(1, 5, .uncertain),
            reading(1, 6, .uncertain), reading(1, -1, .bad), reading(1, -1, .bad), reading(1, 0, .good),
            reading(1, 0, .good),
        ].enumerated().map { ($1, uptime: Int64($0)) }
        #expect(script(Conditioning(report: .onChange), readings) == "PuPuPPPPu")
        #expect(script(Conditioning(report: .deadband(.absolute(9))), readings) == "PdPdPPPPd")
        // What is held when the quality changes is the end of a trend.
        #expect(script(Conditioning(report: .swingingDoor(.init(deviation: 1))), readings) == "PhBhBPPPh")
    }

    @Test func aHeartbeatIsTheLongestTimeWithoutARow() {
        let rule = Conditioning(report: .onChange, heartbeatMilliseconds: 2500)
        #expect(script(rule, [.int(1), .int(1), .int(1), .int(1), .int(1), .int(1), .int(1)]) == "PuuPuuP")
        let trend = Conditioning(report: .swingingDoor(.init(deviation: 1)), heartbeatMilliseconds: 3000)
        #expect(script(trend, [.int(1), .int(1), .int(1), .int(1), .int(1)]) == "PhsBh")
        // Nothing comes at all.
        let plan = ConditioningPlan(rule, for: tag)
        var conditioner = TagConditioner()
        let early = conditioner.beat(by: plan, uptime: 10_000)
        _ = conditioner.received(Reading(.int(1), .int16), at: Timestamp(microseconds: 0), by: plan, uptime: 10_000)
        let beats = [12_499, 12_500, 12_600].map { conditioner.beat(by: plan, uptime: $0) }
        #expect(!early)
        #expect(beats == [false, true, false])
    }

    @Test func scaleOffsetAndClamp() {
        let plan = ConditioningPlan(Conditioning(scale: 0.1, offset: -10, low: -5, high: 5), for: tag)
        func adjusted(_ value: ReadingValue, _ type: ValueType) -> (ReadingValue, ValueType, String?) {
            let (reading, clamped) = plan.adjusted(Reading(value, type))
            return (reading.value, reading.type, clamped)
        }
        #expect(adjusted(.int(120), .int16) == (.double(2), .float64, nil))
        #expect(adjusted(.uint(500), .opcuaUInt16) == (.double(5), .opcuaDouble, "high"))
        #expect(adjusted(.float(0), .float32) == (.double(-5), .float64, "low"))
        #expect(adjusted(.double(.infinity), .float64) == (.double(5), .float64, "high"))
        #expect(plan.adjusted(Reading(.double(.nan), .float64)).reading.value.number == nil)
        #expect(adjusted(.bool(true), .bool) == (.bool(true), .bool, nil))
        #expect(adjusted(.string("7"), .string) == (.string("7"), .string, nil))
        #expect(adjusted(.none, .int16) == (.none, .int16, nil))
        // The deadband is in units of the scaled value.
        #expect(
            script(Conditioning(scale: 0.1, report: .deadband(.absolute(1))), [.int(100), .int(110), .int(121)])
                == "PdP")
    }

    @Test func whatIsSaidForATagGoesBeforeWhatIsSaidForAll() {
        let source = Conditioning(scale: 2, report: .deadband(.absolute(1)), heartbeatMilliseconds: 5000)
        #expect(
            Conditioning(offset: 1, report: .all, heartbeatMilliseconds: 0).over(source)
                == Conditioning(scale: 2, offset: 1, report: .all, heartbeatMilliseconds: 0))
        #expect(Conditioning().over(source) == source)
        #expect(Conditioning().isEmpty && !source.isEmpty)
    }

    @Test(arguments: ["0.5", "2%", "2% of 150", "0", "100%"])
    func deadbandsAreReadAsTheyAreWritten(_ text: String) {
        #expect(Conditioning.Deadband(text)?.description == text)
    }

    @Test(arguments: ["", "-1", "x", "101%", "2% of", "2% of 0", "2% in 5", "%", "1 2", "nan", "2%%"])
    func whatIsNoDeadband(_ text: String) {
        #expect(Conditioning.Deadband(text) == nil)
    }
}
