/// How the records of a stream are encoded (`RecordType` of the service).
public enum RecordType: Int, Sendable, CaseIterable {
    /// One protobuf message per record, described by the stream's descriptor.
    case proto = 1
    /// One JSON object per record.
    case json = 2
    case avro = 4
}
