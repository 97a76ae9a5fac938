/// One table somewhere, as the forwarder sees it.
package protocol Target: Sendable {
    /// Where rows go, without credentials, for log lines and pages.
    var destination: String { get }

    /// Opens a stream, lends it to `body` and closes it.
    /// - Throws: `TargetFailure` when the stream cannot be opened or breaks, else what `body` throws.
    func withStream(_ body: @Sendable (any TargetStream) async throws -> Void) async throws
}

/// One open stream: batches go out in order, acknowledgements come back as a rising watermark.
package protocol TargetStream: Sendable {
    /// Sends a batch; suspends while the target's window is closed. The first batch of a stream has offset 0.
    /// - Throws: `TargetFailure`.
    func send(_ batch: RecordBatch) async throws

    /// The next watermark: every batch up to this offset is durable. Nil when the target ended the stream in
    /// good order, as it does at rotation: what is not acknowledged then is sent again on the next stream.
    /// - Throws: `TargetFailure`.
    func nextAcknowledgement() async throws -> Int64?
}

/// Records ready to send: the body of a list of byte strings with field number 1.
package struct RecordBatch: Sendable {
    /// Each record as `0A`, its length as varint, its bytes.
    package var body: [UInt8]
    package var count: Int

    package init(body: [UInt8], count: Int) {
        self.body = body
        self.count = count
    }
}

/// Why a stream could not be opened or broke, and what the forwarder should make of it.
package struct TargetFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Disposition: Hashable, Sendable {
        /// Of the moment: open a new stream and send again what is not acknowledged.
        case transient
        /// The target refuses what we send. On an open stream that is a record, which is looked for and goes to the
        /// dead letters; while a stream is opened it is the schema, and nothing is given up.
        case refused
        /// The target refuses who we are or what we ask for: show it and try slowly; nothing is given up.
        case permanent
    }

    package var disposition: Disposition
    /// A sentence that says what is wrong and what to do; never a secret.
    package var message: String

    package init(_ disposition: Disposition, _ message: String) {
        self.disposition = disposition
        self.message = message
    }

    package var description: String { message }
}
