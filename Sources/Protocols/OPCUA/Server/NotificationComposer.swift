import NIOCore
import OPCUATypes

/// A NotificationMessage (Part 4, 7.26) while it is written: values go straight into its bytes, because a message has tens
/// of thousands of them.
struct NotificationComposer {
    /// Values so far.
    private(set) var count = 0
    private var writer = BinaryWriter()
    /// Where the number of notifications, the length of the values and their number stand, known at the end.
    private let notificationsAt: Int
    private let lengthAt: Int
    private let valuesAt: Int

    init(number: UInt32, at time: DateTime) {
        writer.write(number)
        time.encode(to: &writer)
        notificationsAt = writer.buffer.writerIndex
        writer.write(0 as Int32)
        // A DataChangeNotification as an ExtensionObject.
        NodeId(DataChangeNotification.binaryEncodingId).encode(to: &writer)
        writer.write(1 as UInt8)
        lengthAt = writer.buffer.writerIndex
        writer.write(0 as Int32)
        valuesAt = writer.buffer.writerIndex
        writer.write(0 as Int32)
    }

    /// Makes room for so many values. One of a number with both times takes 31 bytes.
    mutating func reserve(values: Int) { writer.buffer.reserveCapacity(64 + values * 32) }

    mutating func append(_ item: Monitor.Told, _ value: DataValue) {
        count += 1
        writer.writeNotification(
            clientHandle: item.clientHandle, value: value, sourceTime: item.sourceTime, serverTime: item.serverTime)
    }

    /// The message, with the events behind the values.
    consuming func finish(_ events: [EventFieldList]) -> ByteBuffer {
        if count > 0 {
            // No diagnostics.
            writer.write(0 as Int32)
            let length = writer.buffer.writerIndex - lengthAt - 4
            writer.buffer.setInteger(Int32(clamping: length), at: lengthAt, endianness: .little)
            writer.buffer.setInteger(Int32(clamping: count), at: valuesAt, endianness: .little)
        } else {
            writer.buffer.moveWriterIndex(to: notificationsAt + 4)
        }
        let notifications: Int32 = (count > 0 ? 1 : 0) + (events.isEmpty ? 0 : 1)
        writer.buffer.setInteger(notifications, at: notificationsAt, endianness: .little)
        if !events.isEmpty { ExtensionObject(EventNotificationList(events: events)).encode(to: &writer) }
        return writer.buffer
    }
}
