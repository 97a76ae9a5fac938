extension [UInt8] {
    /// The bytes in place, for work that throws one kind of error.
    func withRawBytes<Result, Failure: Error>(
        _ work: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try withUnsafeBufferPointer { buffer throws(Failure) in try work(UnsafeRawBufferPointer(buffer)) }
    }
}
