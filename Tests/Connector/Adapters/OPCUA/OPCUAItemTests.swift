import OPCUATypes
import Testing

@testable import OPCUAAdapter

/// What is asked of the server for one tag, and when tags are polled.
@Suite struct OPCUAItemTests {
    private func filter(_ reading: TagReading, type: UInt32 = 11, range: ValueRange? = nil) -> DataChangeFilter? {
        var details = TagDetails.unknown
        details.dataType = NodeId(type)
        details.range = range
        return reading.filter(of: details.deadbands)
    }

    @Test func noFilterIsAskedForWhatTheServerDoesAnyway() {
        #expect(filter(TagReading()) == nil)
        #expect(filter(TagReading(trigger: .status))?.trigger == .status)
        #expect(filter(TagReading(trigger: .statusValueTimestamp))?.trigger == .statusValueTimestamp)
    }

    @Test func absoluteDeadbandsAreForNumbers() {
        let reading = TagReading(deadband: .absolute(0.5))
        #expect(filter(reading) == DataChangeFilter(trigger: .statusValue, deadbandType: 1, deadbandValue: 0.5))
        // Float, Int32, Number and a type of the server's own may be; Boolean, String and a structure are none.
        for type: UInt32 in [10, 6, 26, 290] { #expect(filter(reading, type: type) != nil, "i=\(type)") }
        for type: UInt32 in [1, 12, 22] { #expect(filter(reading, type: type) == nil, "i=\(type)") }
    }

    @Test func percentDeadbandsAreForItemsWithARange() {
        let reading = TagReading(deadband: .percent(2))
        #expect(filter(reading) == nil)
        let expected = DataChangeFilter(trigger: .statusValue, deadbandType: 2, deadbandValue: 2)
        #expect(filter(reading, range: ValueRange(low: 0, high: 10)) == expected)
    }

    @Test func aNodesOwnIntervalsAndTheQueueKeysCount() {
        var reading = TagReading(publishingInterval: .seconds(1), samplingInterval: .milliseconds(100))
        var parameters = reading.parameters(ReadingIntervals(sampling: .milliseconds(10)), handle: 3)
        #expect(parameters.samplingInterval == 10 && parameters.queueSize == 200 && parameters.discardOldest)
        parameters = reading.parameters(ReadingIntervals(publishing: .milliseconds(100)), handle: 3)
        #expect(parameters.samplingInterval == 100 && parameters.queueSize == 10)
        reading.queueSize = 7
        reading.discardPolicy = .newest
        parameters = reading.parameters(ReadingIntervals(), handle: 3)
        #expect(parameters.queueSize == 7 && !parameters.discardOldest)
    }

    // MARK: The schedule of polls

    @Test func pollsDoNotDrift() {
        let start = ContinuousClock.now
        var schedule = PollSchedule(start: start, interval: .seconds(1))
        var now = start
        for poll in 0..<100 {
            let (due, missed) = schedule.advance(now: now)
            #expect(due == start + .seconds(poll) && missed == 0)
            // Each takes a good part of its interval.
            now = due + .milliseconds(900)
        }
    }

    @Test func pollsThatAreOverAreCountedAndTheNextIsInTime() {
        let start = ContinuousClock.now
        var schedule = PollSchedule(start: start, interval: .seconds(1))
        _ = schedule.advance(now: start)
        // Half an interval late: polled at once, in its own place.
        #expect(schedule.advance(now: start + .milliseconds(1500)) == (start + .seconds(1), 0))
        // Those at 2, 3 and 4 are over when the one at 5 is due.
        #expect(schedule.advance(now: start + .milliseconds(5200)) == (start + .seconds(5), 3))
        #expect(schedule.advance(now: start + .milliseconds(5300)) == (start + .seconds(6), 0))
    }
}
