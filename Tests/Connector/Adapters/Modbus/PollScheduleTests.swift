import Testing

@testable import ModbusAdapter

@Suite struct PollScheduleTests {
    private let start = ContinuousClock.now

    @Test func pollsAreDueAtMultiplesOfTheIntervalHoweverLateTheyEnd() {
        var schedule = PollSchedule(start: start, interval: .milliseconds(100))
        #expect(schedule.due == start)
        for turn in 1...1000 {
            // Each poll ends a little later than it was due; the lateness does not add up.
            #expect(schedule.advance(past: schedule.due + .milliseconds(37)) == 0)
            #expect(schedule.due == start + .milliseconds(100 * turn))
        }
    }

    @Test func whatWasMissedIsLeftOutAndCounted() {
        var schedule = PollSchedule(start: start, interval: .milliseconds(100))
        #expect(schedule.advance(past: start + .milliseconds(350)) == 3)
        #expect(schedule.due == start + .milliseconds(400))
        #expect(schedule.advance(past: start + .milliseconds(600)) == 1)
        #expect(schedule.due == start + .milliseconds(600))
    }

    @Test func aPollThatEndsAtTheNextTurnMissesNothing() {
        var schedule = PollSchedule(start: start, interval: .seconds(1))
        #expect(schedule.advance(past: start + .seconds(1)) == 0)
        #expect(schedule.due == start + .seconds(1))
    }
}
