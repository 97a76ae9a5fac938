public import ZerobusCore

/// What the stand-in does late or wrong on purpose, so that clients can be tried against it: everything that the real
/// service does now and then.
public struct Drill: Equatable, Sendable {
    /// A stream that lives this long is told to close; the real service does so after about 15 minutes.
    public var closeAfter: Duration?
    /// The time that the close signal announces; what is then still open ends with UNAVAILABLE, error code 6002.
    public var closeGrace: Duration = .seconds(5)
    /// An acknowledgement leaves this long after the rows are on disk.
    public var acknowledgementDelay: Duration = .zero
    /// Rows are stored and never acknowledged.
    public var acknowledgesNever = false
    /// How often every acknowledgement is sent.
    public var acknowledgementCopies = 1
    /// The message with this offset is refused with ``refusalCode``; what came before is acknowledged.
    public var refusedOffset: Int64?
    public var refusalCode = StatusCode.invalidArgument
    /// Streams are refused with this code when they are opened.
    public var openingRefusal: StatusCode?
    /// The stream dies when the message with this offset comes: nothing more is acknowledged, what is on disk stays.
    public var deadlyOffset: Int64?
    /// The process dies when the message with this offset comes, as `kill -9` would end it.
    public var crashOffset: Int64?
    /// Only the first streams are drilled, those after them are served well; nil: all.
    public var streams: Int?
    /// Connections are asked to move on (HTTP/2 GOAWAY) after this time.
    public var connectionAge: Duration?
    /// A token endpoint that takes its time.
    public var tokenDelay: Duration = .zero

    public init() {}

    /// The drill of the stream with this number, counted from 0 over all streams that were asked for.
    func forStream(_ number: Int) -> StreamDrill {
        guard number < streams ?? .max else { return StreamDrill(Drill()) }
        return StreamDrill(self)
    }
}

/// One stream's share of a drill.
struct StreamDrill: Equatable, Sendable {
    let drill: Drill

    init(_ drill: Drill) { self.drill = drill }

    /// What is done with a message.
    enum Received: Equatable, Sendable {
        case store
        /// End the stream with this error once what came before is acknowledged.
        case refuse(ZerobusError)
        /// End the stream with this error at once.
        case die(ZerobusError)
        /// End the process.
        case crash
    }

    /// An error to end the stream with before it opens.
    var openingRefusal: ZerobusError? {
        drill.openingRefusal.map { ZerobusError($0, "refused by --refuse-open") }
    }

    /// The message with this offset came and is well-formed.
    func received(_ offset: Int64) -> Received {
        if offset == drill.crashOffset { return .crash }
        if offset == drill.deadlyOffset {
            return .die(ZerobusError(.unavailable, "the stream died at offset \(offset) (--die-at)"))
        }
        if offset == drill.refusedOffset {
            return .refuse(ZerobusError(drill.refusalCode, "offset \(offset) is refused (--refuse-offset)"))
        }
        return .store
    }

    /// How a stream ends that is still open when its time is over; the words are the real service's.
    static let timeIsOver = ZerobusError(
        .unavailable, "Stream timeout reached. Please open a new stream. Error Code: 6002, Error State: 0.")
}
