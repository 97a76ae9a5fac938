/// Limits of the service on one message.
public enum ZerobusLimits {
    /// Record bytes of one message (10 MiB).
    public static let maxMessageRecordBytes = 10 << 20
    /// Records of one message.
    public static let maxMessageRecords = 100_000
    /// Bytes of one whole gRPC message: the records, six bytes of tag and length each, and the envelope.
    public static let maxMessageBytes = maxMessageRecordBytes + maxMessageRecords * 6 + 4096
    /// Columns of a table.
    public static let maxColumns = 2_000
}
