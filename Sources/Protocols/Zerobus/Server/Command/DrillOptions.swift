import ArgumentParser
import ZerobusCore

/// The switches that make the stand-in misbehave.
struct DrillOptions: ParsableArguments {
    @Option(help: "Tell a stream to close after this many seconds (the real service: about 900).")
    var closeAfter: Double?

    @Option(help: "Seconds that the close signal announces; then the stream ends with error code 6002.")
    var closeGrace = 5.0

    @Option(help: "Milliseconds from rows on disk to their acknowledgement (150 is realistic).")
    var ackDelay = 0

    @Flag(help: "Store and never acknowledge.")
    var ackNever = false

    @Option(help: "Send every acknowledgement this many times.")
    var ackRepeat = 1

    @Option(help: "Refuse the message with this offset of a stream.")
    var refuseOffset: Int64?

    @Option(help: "The gRPC status of --refuse-offset, such as UNAVAILABLE.")
    var refuseCode = "INVALID_ARGUMENT"

    @Option(help: "Refuse to open streams, with this gRPC status.")
    var refuseOpen: String?

    @Option(help: "Let a stream die, without further acknowledgements, at the message with this offset.")
    var dieAt: Int64?

    @Option(help: "Kill the process at the message with this offset.")
    var crashAt: Int64?

    @Option(help: "Drill only this many streams and serve those after them well.")
    var drillStreams: Int?

    @Option(help: "Ask connections to move on (GOAWAY) after this many seconds.")
    var connectionAge: Double?

    @Option(help: "Tokens live this many seconds.")
    var expireTokens = 3600

    @Option(help: "Milliseconds that a token request takes.")
    var tokenDelay = 0

    func validate() throws {
        for (name, value) in [
            ("--close-after", closeAfter), ("--close-grace", closeGrace), ("--connection-age", connectionAge),
        ] {
            if let value, !(value >= 0 && value <= 86_400) {
                throw ValidationError("\(name) takes seconds from 0 to 86400.")
            }
        }
        for (name, value) in [("--ack-delay", ackDelay), ("--token-delay", tokenDelay)] {
            guard (0...86_400_000).contains(value) else {
                throw ValidationError("\(name) takes milliseconds from 0 to 86400000.")
            }
        }
        guard (1...1000).contains(ackRepeat) else { throw ValidationError("--ack-repeat takes 1 to 1000.") }
        guard (1...31_536_000).contains(expireTokens) else {
            throw ValidationError("--expire-tokens takes seconds from 1 to 31536000.")
        }
        if let drillStreams, drillStreams < 0 { throw ValidationError("--drill-streams takes 0 or more.") }
        for code in [refuseCode, refuseOpen].compactMap({ $0 }) where Self.status(code) == nil {
            throw ValidationError(
                "\(code) is no gRPC status; write one of "
                    + StatusCode.allCases.filter { $0 != .ok }.map(\.name).joined(separator: ", ") + ".")
        }
    }

    private static func status(_ name: String) -> StatusCode? {
        StatusCode.allCases.first { $0 != .ok && $0.name == name.uppercased() }
    }

    var drill: Drill {
        var drill = Drill()
        drill.closeAfter = closeAfter.map { .seconds($0) }
        drill.closeGrace = .seconds(closeGrace)
        drill.acknowledgementDelay = .milliseconds(ackDelay)
        drill.acknowledgesNever = ackNever
        drill.acknowledgementCopies = ackRepeat
        drill.refusedOffset = refuseOffset
        drill.refusalCode = Self.status(refuseCode) ?? .invalidArgument
        drill.openingRefusal = refuseOpen.flatMap(Self.status)
        drill.deadlyOffset = dieAt
        drill.crashOffset = crashAt
        drill.streams = drillStreams
        drill.connectionAge = connectionAge.map { .seconds($0) }
        drill.tokenDelay = .milliseconds(tokenDelay)
        return drill
    }
}
