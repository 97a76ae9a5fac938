import Testing

@testable import SimulatorPlant

@Suite struct TickScheduleTests {
    private let schedule = TickSchedule(start: 1_000_000, interval: 250_000)

    @Test func timestampsAreComputedFromTheStart() {
        #expect(schedule.timestamp(of: 0) == 1_000_000)
        #expect(schedule.timestamp(of: 4_000_003) == 1_000_000 + 4_000_003 * 250_000)
        #expect(schedule.offset(of: 3) == 750_000)
    }

    @Test func theNextTickIsTheNextOne() {
        #expect(schedule.tick(after: 0, elapsed: 0) == 1)
        #expect(schedule.tick(after: 0, elapsed: 250_000) == 1)
        #expect(schedule.tick(after: 0, elapsed: 499_999) == 1, "late, but inside its own interval")
        #expect(schedule.tick(after: 7, elapsed: -5) == 8)
    }

    @Test func ticksWhoseTimeIsOverAreLeftOut() {
        #expect(schedule.tick(after: 0, elapsed: 500_000) == 2)
        #expect(schedule.tick(after: 5, elapsed: 2_600_000) == 10)
    }
}
