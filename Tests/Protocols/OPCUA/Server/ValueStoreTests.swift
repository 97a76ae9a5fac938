import OPCUATypes
import Testing

@testable import OPCUAServer

@Suite struct ValueStoreTests {
    func monitor(
        queue: Int32 = 1, handle: UInt32 = 0, mode: MonitoringMode = .reporting, size: Int = 1, oldest: Bool = true,
        filter: Monitor.Filter = Monitor.Filter()
    ) -> Monitor {
        Monitor(
            queue: queue, clientHandle: handle, mode: mode, queueSize: size, discardOldest: oldest, filter: filter,
            sourceTime: true, serverTime: true)
    }

    func number(_ value: Double) -> DataValue { DataValue(.double(value)) }

    /// Takes everything that is due.
    func take(_ values: inout MonitoredValues, queue: Int32 = 1, limit: Int = 100) -> [(UInt32, DataValue)] {
        var result: [(UInt32, DataValue)] = []
        var room = ResponseRoom(count: limit)
        _ = values.take(queue, &room) { result.append(($0.clientHandle, $1)) }
        return result
    }

    @Test func firstValueIsReportedAndOnlyChangesFollow() {
        var values = MonitoredValues([number(1), number(2)])
        _ = values.add(monitor(handle: 7), slot: 1, first: number(2))
        #expect(take(&values).map(\.0) == [7])
        values.update(1, number(2))
        values.update(0, number(9))
        #expect(!values.hasDue(1))
        values.update(1, number(3))
        #expect(take(&values).map(\.1) == [number(3)])
        #expect(values.values == [number(9), number(3)])
    }

    @Test func statusChangesAlwaysPass() {
        let filter = Monitor.Filter(trigger: .status, deadband: 0)
        var values = MonitoredValues([number(1)])
        _ = values.add(monitor(filter: filter), slot: 0, first: number(1))
        _ = take(&values)
        values.update(0, number(2))
        #expect(!values.hasDue(1))
        values.update(0, DataValue(.double(2), status: .badNoCommunication))
        #expect(values.hasDue(1))
    }

    @Test func deadbandHoldsBackSmallChanges() {
        var values = MonitoredValues([number(10)])
        _ = values.add(monitor(filter: Monitor.Filter(deadband: 0.5)), slot: 0, first: number(10))
        _ = take(&values)
        values.update(0, number(10.5))
        #expect(!values.hasDue(1))
        values.update(0, number(10.75))
        #expect(take(&values).map(\.1) == [number(10.75)])
        values.update(0, number(.nan))
        #expect(values.hasDue(1))
    }

    @Test func timestampTriggerReportsEqualValues() {
        var values = MonitoredValues([number(1)])
        _ = values.add(monitor(filter: Monitor.Filter(trigger: .statusValueTimestamp)), slot: 0, first: number(1))
        _ = take(&values)
        values.update(0, DataValue(.double(1), sourceTimestamp: DateTime(ticks: 5)))
        #expect(values.hasDue(1))
    }

    @Test func queueOfOneKeepsTheLatest() {
        var values = MonitoredValues([number(0)])
        _ = values.add(monitor(), slot: 0, first: number(0))
        values.update(0, number(1))
        values.update(0, number(2))
        #expect(take(&values).map(\.1) == [number(2)])
    }

    @Test func fullQueuesMarkWhatIsNextToTheLost() {
        for (oldest, expected) in [(true, [1.0, 2, 3]), (false, [0, 1, 3])] {
            var values = MonitoredValues([number(0)])
            _ = values.add(monitor(size: 3, oldest: oldest), slot: 0, first: number(0))
            for value in 1...3 { values.update(0, number(Double(value))) }
            let taken = take(&values).map(\.1)
            #expect(taken.map(\.value) == expected.map { .double($0) })
            let marked = taken.map { $0.status.rawValue == StatusCode.overflowBits }
            #expect(marked == (oldest ? [true, false, false] : [false, false, true]))
        }
    }

    @Test func takingIsLimitedAndGoesOnInOrder() {
        var values = MonitoredValues((0..<5).map { number(Double($0)) })
        for slot in 0..<5 { _ = values.add(monitor(handle: UInt32(slot), size: 2), slot: slot, first: number(0)) }
        values.update(0, number(1))
        var first: [UInt32] = []
        var room = ResponseRoom(count: 3)
        let more = values.take(1, &room) { monitor, _ in first.append(monitor.clientHandle) }
        #expect(more && first == [0, 0, 1])
        #expect(take(&values).map(\.0) == [2, 3, 4])
        #expect(!values.hasDue(1))
    }

    @Test func modesAreHonoured() {
        var values = MonitoredValues([number(0)])
        let item = values.add(monitor(mode: .disabled, size: 5), slot: 0, first: number(0))
        values.update(0, number(1))
        #expect(!values.hasDue(1))
        values.modify(item) { $0.mode = .sampling }
        values.update(0, number(2))
        #expect(!values.hasDue(1))
        values.modify(item) { $0.mode = .reporting }
        #expect(take(&values).map(\.1) == [number(1), number(2)])
        values.update(0, number(3))
        values.modify(item) { $0.mode = .sampling }
        #expect(take(&values).isEmpty)
        values.modify(item) { $0.mode = .reporting }
        #expect(take(&values).map(\.1) == [number(3)])
    }

    /// Items removed while their values wait neither report nor lend their place to a newcomer too early.
    @Test func removedItemsLeaveNothing() {
        var values = MonitoredValues([number(0), number(1)])
        let first = values.add(monitor(handle: 1), slot: 0, first: number(0))
        let second = values.add(monitor(handle: 2), slot: 0, first: number(0))
        values.remove(first)
        let third = values.add(monitor(queue: 2, handle: 3), slot: 0, first: number(0))
        #expect(third != first && third != second)
        #expect(take(&values).map(\.0) == [2])
        let fourth = values.add(monitor(handle: 4), slot: 1, first: number(1))
        #expect(fourth == first)
        values.remove(second)
        values.update(0, number(5))
        #expect(take(&values).map(\.0) == [4])
        #expect(take(&values, queue: 2).map(\.1) == [number(5)])
        values.remove(third)
        values.removeQueue(2)
        values.update(0, number(6))
        #expect(!values.hasDue(2))
        #expect(values.monitorCount == 1)
    }

    @Test func unknownSlotsAreIgnored() {
        var values = MonitoredValues([number(0)])
        values.update(-1, number(1))
        values.update(1, number(1))
        #expect(values.values == [number(0)])
    }
}
