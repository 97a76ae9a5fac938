/// Something that somebody else wants done with a lane's journal and dead letters: on the lane's own thread, for it
/// alone may touch them.
struct LaneErrand: Sendable {
    let body: @Sendable (LaneWorker, Duration) -> Void
}

/// How full a store of dead letters is.
package struct LettersKept: Hashable, Sendable {
    package var count = 0
    package var bytes = 0
    /// Given up because the store was full, since the start.
    package var dropped = 0
}
