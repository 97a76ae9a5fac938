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
        #expect(schedule.tick(atLeast: 1, elapsed: 0) == 1)
        #expect(schedule.tick(atLeast: 1, elapsed: 250_000) == 1)
        #expect(schedule.tick(atLeast: 1, elapsed: 499_999) == 1, "late, but inside its own interval")
        #expect(schedule.tick(atLeast: 8, elapsed: -5) == 8)
    }

    @Test func ticksWhoseTimeIsOverAreLeftOut() {
        #expect(schedule.tick(atLeast: 1, elapsed: 500_000) == 2)
        #expect(schedule.tick(atLeast: 6, elapsed: 2_600_000) == 10)
    }

    /// Waiting for tick 8, stopped for three seconds: the next is the one of now, and those after it are due on time.
    @Test func aStallDoesNotBunchOrDelayTicks() {
        let awaited = schedule.tick(atLeast: 8, elapsed: 1_760_000)
        #expect(awaited == 8)
        let due = schedule.tick(atLeast: awaited, elapsed: 4_760_000)
        #expect(due == 19 && schedule.timestamp(of: due) == 1_000_000 + 4_750_000)
        #expect(schedule.tick(atLeast: due + 1, elapsed: 4_761_000) == 20)
        #expect(schedule.offset(of: 20) == 5_000_000)
    }

    @Test func whatIsLeftOutIsToldOnceInAWhile() {
        var ticks = LeftOutTicks()
        #expect(ticks.leftOut(0, elapsed: 0) == nil)
        #expect(ticks.leftOut(11, elapsed: 4_760_000) == 11)
        // A computer that is too slow: one line for all of them.
        #expect(ticks.leftOut(1, elapsed: 5_000_000) == nil)
        #expect(ticks.leftOut(2, elapsed: 14_759_999) == nil)
        #expect(ticks.leftOut(0, elapsed: 14_760_000) == 3, "as soon as a line may come again")
        #expect(ticks.leftOut(0, elapsed: 60_000_000) == nil)
        #expect(ticks.count == 14)
    }
}
