public import NIOCore
public import OPCUATypes

/// The time handed to a machine: a monotonic clock for deadlines, and UTC for the timestamps it writes.
public struct Moment: Hashable, Sendable {
    public var monotonic: NIODeadline
    public var utc: DateTime

    public init(monotonic: NIODeadline, utc: DateTime) {
        self.monotonic = monotonic
        self.utc = utc
    }
}
