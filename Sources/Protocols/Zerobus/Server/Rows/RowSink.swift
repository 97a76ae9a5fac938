/// Takes the values of one row, column by column; columns count from 0 in the order of the plan.
protocol RowSink {
    mutating func null(_ column: Int)
    mutating func integer(_ column: Int, _ value: Int64)
    mutating func real(_ column: Int, _ value: Double)
    /// UTF-8 text that stays in place until the row is stored.
    mutating func text(_ column: Int, _ bytes: UnsafeRawBufferPointer)
    /// UTF-8 text that is gone after the call.
    mutating func transientText(_ column: Int, _ bytes: UnsafeRawBufferPointer)
    /// Bytes that stay in place until the row is stored.
    mutating func blob(_ column: Int, _ bytes: UnsafeRawBufferPointer)
    /// Bytes that are gone after the call.
    mutating func transientBlob(_ column: Int, _ bytes: UnsafeRawBufferPointer)
}

/// Takes nothing: a row that decodes into it is valid.
struct ValidatingSink: RowSink {
    mutating func null(_ column: Int) {}
    mutating func integer(_ column: Int, _ value: Int64) {}
    mutating func real(_ column: Int, _ value: Double) {}
    mutating func text(_ column: Int, _ bytes: UnsafeRawBufferPointer) {}
    mutating func transientText(_ column: Int, _ bytes: UnsafeRawBufferPointer) {}
    mutating func blob(_ column: Int, _ bytes: UnsafeRawBufferPointer) {}
    mutating func transientBlob(_ column: Int, _ bytes: UnsafeRawBufferPointer) {}
}
