/// How a stream ended.
public enum StreamEnd: Equatable, Sendable {
    /// The caller had nothing more to send and everything is acknowledged.
    case finished
    /// The server ends its streams from time to time and said so: open the next one at once. Not an error.
    case rotate
    /// Unacknowledged messages may or may not be durable; the error's disposition says what to do.
    case failed(ZerobusError)
}
