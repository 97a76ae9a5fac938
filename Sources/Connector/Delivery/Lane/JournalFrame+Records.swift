package import ConnectorJournal
import ConnectorModel

extension JournalFrame {
    /// The records of a frame, whole but for their names, which stand beside them.
    package func records(prefixes: InternedBytes) -> [(name: String, bytes: [UInt8])] {
        var records: [(name: String, bytes: [UInt8])] = []
        var cursor = FrameQueue.Cursor()
        while cursor.records < frame.count,
            let record = RecordJoiner.record(of: self, at: cursor, prefixes: prefixes)
        {
            let name = RecordName.text(
                segmentID: segmentID, index: UInt64(firstRecord) + UInt64(cursor.records))
            records.append((name, record.prefix + record.suffix))
            cursor = FrameQueue.Cursor(offset: record.end, records: cursor.records + 1)
        }
        return records
    }
}
