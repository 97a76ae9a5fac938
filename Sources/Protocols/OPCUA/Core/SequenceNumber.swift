/// Sequence numbers of one direction of a secure channel (Part 6, 6.7.2.4): each one more than the last; after
/// 4,294,966,271 a number below 1024 follows.
struct SequenceNumber: Hashable, Sendable {
    private static let lastBeforeWrap: UInt32 = 4_294_966_271
    private var last: UInt32?

    init() {}

    /// Continues after a number; for tests of the wrap.
    init(after last: UInt32) { self.last = last }

    /// The number of the next chunk to send.
    mutating func next() -> UInt32 {
        guard let last else {
            self.last = 1
            return 1
        }
        let number = last >= Self.lastBeforeWrap ? 1 : last &+ 1
        self.last = number
        return number
    }

    /// Whether a received number follows the last one; the first may be any.
    mutating func accept(_ number: UInt32) -> Bool {
        defer { last = number }
        guard let last else { return true }
        return number == last &+ 1 || (last >= Self.lastBeforeWrap && number < 1024)
    }
}
