import ProtobufWire
import ZerobusCore

/// One open stream into one table.
public struct IngestStream: Sendable {
    /// The server's name for the stream.
    public let streamID: String
    private let session: StreamSession

    init(streamID: String, session: StreamSession) {
        self.streamID = streamID
        self.session = session
    }

    /// The highest durable offset, after every acknowledgement that moved it: everything up to it is durable. Slow
    /// readers see the newest only. Ends with the stream. To be read by one task.
    public var acknowledgements: AsyncStream<Int64> { session.acknowledgements }

    /// Queues one message of `count` records for the connection, which writes what has gathered at once, and returns
    /// its offset, 0 for the stream's first; waits while the window or the queue is full. Nil when the stream takes no more messages: it is rotating or has ended, and the message was not
    /// sent or not acknowledged. Throws for a message beyond the service's limits and when cancelled. One sender at
    /// a time.
    ///
    /// - Parameter batchBody: the records as fields 1, `0a length record` each: the body of a
    ///   `ProtoEncodedRecordBatch` or `JsonRecordBatch`.
    public func send(batchBody: [UInt8], count: Int) async throws -> Int64? {
        guard count > 0, count <= ZerobusLimits.maxMessageRecords, batchBody.count <= ZerobusLimits.maxMessageBytes
        else {
            throw ZerobusError(
                .invalidArgument,
                "a message of \(count) records and \(batchBody.count) bytes is outside the service's limits")
        }
        return try await session.send(records: count, content: batchBody) { type, offset in
            .batch(type, offset: offset, batchBytes: batchBody.count)
        }
    }

    /// Sends one record as a message of its own; as ``send(batchBody:count:)`` else.
    public func send(record: [UInt8]) async throws -> Int64? {
        guard record.count <= ZerobusLimits.maxMessageRecordBytes else {
            throw ZerobusError(.invalidArgument, "a record of \(record.count) bytes is over the service's limit")
        }
        return try await session.send(records: 1, content: record) { type, offset in
            .record(type, offset: offset, recordBytes: record.count)
        }
    }

    /// Says that nothing more will be sent: once everything is acknowledged the stream ends, and with it
    /// ``acknowledgements``.
    public func finish() {
        session.finish()
    }
}
