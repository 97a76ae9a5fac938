import ConnectorModel
import Testing

/// The vectors of a swinging door: times in milliseconds.
@Suite struct SwingingDoorTests {
    private typealias Point = (time: Int64, value: Double)

    /// What a series of points becomes: which are rows, in which order, and when each was known to be one.
    private func rows(
        _ points: [Point], _ limits: Conditioning.SwingingDoor, flush: Bool = false
    ) -> [String] {
        let plan = ConditioningPlan(Conditioning(report: .swingingDoor(limits)), for: TagDefinition(address: "a"))
        var conditioner = TagConditioner()
        var rows: [String] = []
        func row(_ reading: Reading, at time: Int64) {
            rows.append("\(time): \((reading.sourceTime?.microseconds ?? 0) / 1000) \(reading.value.text ?? "-")")
        }
        for (time, value) in points {
            let reading = Reading(.double(value), .float64, at: Timestamp(microseconds: time * 1000))
            switch conditioner.received(reading, at: Timestamp(microseconds: 0), by: plan, uptime: 0) {
            case .pass, .passInsteadOfHeld: row(reading, at: time)
            case .suppress, .hold: break
            case .passHeld(let held), .passHeldOnly(let held): row(held.reading, at: time)
            case .passBoth(let held):
                row(held.reading, at: time)
                row(reading, at: time)
            }
        }
        if flush, let held = conditioner.flush() { row(held.reading, at: -1) }
        return rows
    }

    private let ramp: [Point] = [
        (0, 0), (1000, 0.1), (2000, 0.2), (3000, 0.9), (4000, 1.6), (5000, 2.3), (6000, 2.3), (7000, 2.3),
    ]

    @Test func aTrendIsItsCorners() {
        #expect(rows(ramp, .init(deviation: 0.25)) == ["0: 0 0.0", "4000: 3000 0.9", "6000: 5000 2.3"])
        #expect(
            rows(ramp, .init(deviation: 0.25), flush: true)
                == ["0: 0 0.0", "4000: 3000 0.9", "6000: 5000 2.3", "-1: 7000 2.3"])
    }

    @Test func aStepShowsWhereItBegan() {
        #expect(rows([(0, 0), (1000, 0), (2000, 10)], .init(deviation: 0.1)) == ["0: 0 0.0", "2000: 1000 0.0"])
    }

    @Test func theLongestIntervalForcesARow() {
        let limits = Conditioning.SwingingDoor(deviation: 1, maxIntervalMilliseconds: 1000)
        #expect(rows([(0, 5), (500, 5), (1000, 5)], limits) == ["0: 0 5.0", "1000: 1000 5.0"])
        #expect(rows([(0, 5), (5000, 5)], limits) == ["0: 0 5.0", "5000: 5000 5.0"])
    }

    @Test func whatComesTooSoonIsNotLookedAt() {
        let limits = Conditioning.SwingingDoor(deviation: 0.1, minIntervalMilliseconds: 500)
        #expect(
            rows([(0, 0), (100, 50), (499, 50), (500, 0), (1000, 0), (1100, 9), (1700, 0)], limits)
                == ["0: 0 0.0", "1100: 1000 0.0"])
    }

    @Test func whenTimeGoesBackTheTrendBeginsAnew() {
        #expect(
            rows([(0, 0), (1000, 0), (1000, 0), (500, 0), (1500, 0)], .init(deviation: 1))
                == ["0: 0 0.0", "1000: 1000 0.0", "1000: 1000 0.0", "500: 500 0.0"])
        #expect(
            rows([(1000, 0), (1000, 7), (0, 0)], .init(deviation: 1)) == [
                "1000: 1000 0.0", "1000: 1000 7.0", "0: 0 0.0",
            ])
    }

    @Test func extremesNeverTrap() {
        let limits = Conditioning.SwingingDoor(deviation: .greatestFiniteMagnitude, maxIntervalMilliseconds: 1)
        let times: [Int64] = [.min / 1000, .max / 1000, 0, -1, 1, .max / 1000]
        let points = times.flatMap { time in
            [-Double.greatestFiniteMagnitude, .greatestFiniteMagnitude, 0].map { (time, $0) }
        }
        #expect(!rows(points, limits).isEmpty)
    }

    /// No point lies further from the line between its neighbouring rows than the deviation.
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func theLineTellsEveryPoint(_ seed: UInt64) throws {
        var random = seed
        func next() -> Double {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(random >> 33) / Double(UInt32.max >> 1)
        }
        var (time, value) = (Int64(0), 0.0)
        var points: [Point] = []
        for _ in 0..<500 {
            time += 1 + Int64(next() * 2000)
            value += next() < 0.1 ? next() * 20 - 10 : next() - 0.5
            points.append((time, value))
        }
        let deviation = 1.0
        let kept = rows(points, .init(deviation: deviation), flush: true).map { row in
            let words = row.split(separator: " ")
            return Point(Int64(words[1]) ?? 0, Double(words[2]) ?? .nan)
        }
        #expect(kept.count < points.count / 2)
        #expect(kept.last?.time == points.last?.time)
        for point in points {
            let after = try #require(kept.firstIndex { $0.time >= point.time })
            guard kept[after].time > point.time else { continue }
            let (from, to) = (kept[after - 1], kept[after])
            let share = Double(point.time - from.time) / Double(to.time - from.time)
            // A line from corner to corner may leave the doors by as much again.
            #expect((from.value + share * (to.value - from.value) - point.value).magnitude <= 2 * deviation + 1e-9)
        }
    }
}
