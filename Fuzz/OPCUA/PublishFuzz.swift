import FuzzKit
import NIOCore
import OPCUATypes

/// Reading a PublishResponse in place gives what its structures give, whenever those can be read.
func comparePublish(_ input: ByteBuffer) {
    let fast = try? PublishResponseReader(input)
    var samples: [MonitoredItemSample]?
    if let fast {
        var seen: [MonitoredItemSample] = []
        if (try? fast.notification.forEach { seen.append($0) }) != nil { samples = seen }
    }
    guard let slow = try? PublishResponse(decoding: input) else { return }
    guard let fast else {
        // The slow way leaves notifications unread.
        let reason = "only the slow way could read it"
        return demand(slow.notificationMessage.notificationData.contains(where: isMalformed), reason)
    }
    demand(fast.responseHeader.encoded() == slow.responseHeader.encoded())
    demand(fast.subscriptionId == slow.subscriptionId)
    demand(fast.availableSequenceNumbers == slow.availableSequenceNumbers)
    demand(fast.moreNotifications == slow.moreNotifications && fast.results == slow.results)
    let message = slow.notificationMessage
    demand(fast.notification.sequenceNumber == message.sequenceNumber)
    demand(fast.notification.publishTime == message.publishTime)
    demand(fast.notification.isKeepAlive == message.notificationData.isEmpty)

    var expected: [MonitoredItemNotification] = []
    for object in message.notificationData {
        // A notification that cannot be read ends the visit; what came before it was seen.
        guard let change = try? object.decode(as: DataChangeNotification.self) else {
            if object.typeId.standard == DataChangeNotification.binaryEncodingId { return }
            continue
        }
        expected += change.monitoredItems
    }
    compareEvents(fast.notification, message)
    guard let samples else { unexpected("only the slow way could read the values") }
    demand(samples.count == expected.count && fast.notification.count == expected.count)
    for (sample, item) in zip(samples, expected) {
        demand(sample.clientHandle == item.clientHandle && sample.status == item.value.status)
        demand(sample.sourceTimestamp == item.value.sourceTimestamp ?? .null)
        demand(sample.serverTimestamp == item.value.serverTimestamp ?? .null)
        demand(sample.value.encoded() == item.value.value.encoded())
    }
}

/// Events are read in place too, and all of them or none.
private func compareEvents(_ fast: NotificationReader, _ slow: NotificationMessage) {
    var expected: [EventFieldList] = []
    for object in slow.notificationData {
        guard let events = try? object.decode(as: EventNotificationList.self) else {
            if object.typeId.standard == EventNotificationList.binaryEncodingId { return }
            continue
        }
        expected += events.events
    }
    guard let events = try? fast.events() else { unexpected("only the slow way could read the events") }
    demand(events.encoded() == expected.encoded())
}

/// True for a notification of a known kind that cannot be read.
private func isMalformed(_ object: ExtensionObject) -> Bool {
    do throws(BinaryDecodingError) {
        _ = try object.decode(as: DataChangeNotification.self)
        _ = try object.decode(as: StatusChangeNotification.self)
        return false
    } catch {
        return true
    }
}

func publishSeeds() -> [PublishResponse] {
    let values = (Sample.scalars + Sample.arrays).map { DataValue($0, sourceTimestamp: Sample.dateTime) }
    func change(_ values: [DataValue]) -> ExtensionObject {
        ExtensionObject(
            DataChangeNotification(
                monitoredItems: values.enumerated().map {
                    MonitoredItemNotification(clientHandle: UInt32($0.offset), value: $0.element)
                }))
    }
    func response(_ data: [ExtensionObject]) -> PublishResponse {
        PublishResponse(
            responseHeader: ResponseHeader(timestamp: Sample.dateTime, requestHandle: 1), subscriptionId: 1,
            availableSequenceNumbers: [1, 2], moreNotifications: true,
            notificationMessage: NotificationMessage(
                sequenceNumber: 2, publishTime: Sample.dateTime, notificationData: data),
            results: [.good])
    }
    return [
        response([]), response([change([Sample.dataValue, Sample.dataValue])]), response([change(values)]),
        response([
            change([Sample.dataValue]), ExtensionObject(StatusChangeNotification(status: .badTimeout)),
            ExtensionObject(EventNotificationList.sample), .null,
        ]),
        PublishResponse.sample,
    ]
}
