import OPCUATypes
import Testing

@testable import OPCUAServer

/// What is written straight into bytes is what the structures write.
@Suite struct NotificationComposerTests {
    private static let time = DateTime(ticks: 133_000_000_000_000_000)
    private static let values = [
        DataValue(.double(1.5), sourceTimestamp: time, serverTimestamp: time),
        DataValue(.uint64(7), sourceTimestamp: time, serverTimestamp: time),
        DataValue(.string("text"), status: .badSensorFailure, serverTimestamp: time),
        DataValue(.null, status: .badNoCommunication),
    ]
    private static let events = [EventFieldList(clientHandle: 3, eventFields: [.int32(4)])]

    @Test(arguments: [(4, false), (4, true), (0, true)])
    func theBytesAreThoseOfTheStructures(count: Int, hasEvents: Bool) {
        let values = Self.values.prefix(count)
        let events = hasEvents ? Self.events : []
        var composer = NotificationComposer(number: 9, at: Self.time)
        composer.reserve(values: values.count)
        for (handle, value) in values.enumerated() {
            composer.append(Monitor.Told(clientHandle: UInt32(handle), sourceTime: true, serverTime: true), value)
        }
        #expect(composer.count == count)
        var data: [ExtensionObject] = []
        if count > 0 {
            let items = values.enumerated().map { MonitoredItemNotification(clientHandle: UInt32($0), value: $1) }
            data.append(ExtensionObject(DataChangeNotification(monitoredItems: items)))
        }
        if hasEvents { data.append(ExtensionObject(EventNotificationList(events: events))) }
        let message = NotificationMessage(sequenceNumber: 9, publishTime: Self.time, notificationData: data)
        #expect(composer.finish(events) == message.encoded())
    }
}
