import MQTTBroker
import MQTTClient
import MQTTCore
import MQTTTransport
import NIOCore
import NIOEmbedded
import Testing

/// When a socket is read, in microseconds from the start.
@Suite struct ReadPaceTests {
    private func at(_ microseconds: Int64) -> NIODeadline {
        .uptimeNanoseconds(1_000_000) + .microseconds(microseconds)
    }

    private func pace() -> ReadPace { ReadPace(interval: .milliseconds(1), now: at(0)) }

    @Test func aSlowStreamIsReadAtOnce() {
        var pace = pace()
        for time in stride(from: Int64(0), to: 50_000, by: 400) {
            pace.readComplete(bytes: 100, now: at(time))
            #expect(pace.readWanted(now: at(time)) == .read)
        }
    }

    @Test func aQuickStreamIsReadOnceInAnInterval() {
        var pace = pace()
        for time in Int64(1)...3 {
            pace.readComplete(bytes: 100, now: at(time * 50))
            #expect(pace.readWanted(now: at(time * 50)) == .read)
        }
        pace.readComplete(bytes: 100, now: at(200))
        #expect(pace.readWanted(now: at(200)) == .wait(until: at(1200)))
        #expect(pace.readWanted(now: at(1199)) == .wait(until: at(1200)))
        #expect(pace.readWanted(now: at(1200)) == .read)
        // More had come meanwhile.
        pace.readComplete(bytes: 2_000, now: at(1210))
        #expect(pace.readWanted(now: at(1210)) == .wait(until: at(2210)))
    }

    @Test func aStreamThatSlowsDownIsReadAtOnceAgain() {
        var pace = pace()
        for time in Int64(1)...4 { pace.readComplete(bytes: 100, now: at(time)) }
        #expect(pace.readWanted(now: at(2000)) == .read)
        // Nothing waited: the next message came much later.
        pace.readComplete(bytes: 100, now: at(2600))
        #expect(pace.readWanted(now: at(2600)) == .read)
        pace.readComplete(bytes: 100, now: at(2601))
        #expect(pace.readWanted(now: at(2601)) == .read)
    }

    @Test func afterAFullReadThereIsMore() {
        var pace = pace()
        for time in Int64(1)...4 { pace.readComplete(bytes: ReadPace.bytesMax - 1, now: at(time)) }
        #expect(pace.readWanted(now: at(5)) == .wait(until: at(1004)))
        pace.readComplete(bytes: ReadPace.bytesMax, now: at(6))
        #expect(pace.readWanted(now: at(7)) == .read)
    }

    @Test func withoutAnIntervalEveryReadIsMade() {
        var pace = ReadPace(interval: .zero, now: at(0))
        for time in Int64(1)...20 {
            pace.readComplete(bytes: 1, now: at(time))
            #expect(pace.readWanted(now: at(time)) == .read)
        }
    }

    /// The handler withholds reads and makes them up, and whatever is read is handed on.
    @Test func theHandlerMakesUpForReads() throws {
        let reads = ReadCounter()
        let channel = EmbeddedChannel()
        try channel.pipeline.syncOperations.addHandler(reads)
        try channel.pipeline.syncOperations.addHandler(PacedReading(interval: .seconds(3600)))
        for number in 1...6 {
            try channel.writeInbound(ByteBuffer(string: "\(number)"))
            channel.read()
            channel.read()
        }
        // The fourth read begins the pace; what is asked for twice is read once.
        #expect(reads.count == 6)
        channel.embeddedEventLoop.advanceTime(by: .hours(1))
        #expect(reads.count == 7)
        for number in 1...6 { #expect(try channel.readInbound(as: ByteBuffer.self) == ByteBuffer(string: "\(number)")) }
        #expect(try channel.finish().isClean)
    }

    private final class ReadCounter: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer
        private(set) var count = 0

        func read(context: ChannelHandlerContext) {
            count += 1
            context.read()
        }
    }

    @Test func everythingArrivesInOrder() async throws {
        try await withBroker { broker in
            let recorder = Recorder()
            var configuration = try client(broker, subscriptions: [subscription("t", .atLeastOnce)])
            configuration.readInterval = .milliseconds(1)
            try await MQTTConnection.withConnection(configuration, receiver: recorder) { _ in
                for number in 0..<2_000 { try broker.publish([message("t", "\(number)", .atLeastOnce)]) }
                try await eventually("all messages") { recorder.messages.count == 2_000 }
                #expect(recorder.payloads == (0..<2_000).map(String.init))
            }
        }
    }
}
