import Testing

@testable import ZerobusClient
@testable import ZerobusCore

@Suite struct SendQueueTests {
    private func message(_ offset: Int64, bytes: Int = 10) -> OutgoingMessage {
        .ingest(
            .record(.proto, offset: offset, recordBytes: bytes),
            content: [UInt8](repeating: UInt8(offset), count: bytes))
    }

    /// The first content byte of every message that is to be written.
    private func written(_ action: SendQueue.WriterAction) -> [UInt8]? {
        guard case .write(let messages) = action else { return nil }
        return messages.compactMap(\.content.first)
    }

    @Test func whatGathersIsWrittenAtOnceAndInOrder() {
        var queue = SendQueue()
        for offset in 0..<3 { #expect(queue.appended(message(Int64(offset))) == .none) }
        #expect(written(queue.writerReady()) == [0, 1, 2])
        #expect(queue.appended(message(3)) == .none)
        #expect(written(queue.writerReady()) == [3])
    }

    @Test func onlyAnIdleWriterIsWoken() {
        var queue = SendQueue()
        guard case .wait = queue.writerReady() else {
            Issue.record("nothing is there to write")
            return
        }
        #expect(queue.appended(message(0)) == .wakeWriter)
        #expect(queue.appended(message(1)) == .none)
        #expect(written(queue.writerReady()) == [0, 1])
    }

    @Test func theEndComesAfterWhatWaits() {
        var queue = SendQueue()
        _ = queue.writerReady()
        #expect(queue.appended(message(0)) == .wakeWriter)
        #expect(queue.ended() == .none)
        #expect(written(queue.writerReady()) == [0])
        guard case .finish = queue.writerReady() else {
            Issue.record("the stream is to be half-closed")
            return
        }
    }

    @Test func anIdleWriterHearsOfTheEnd() {
        var queue = SendQueue()
        _ = queue.writerReady()
        #expect(queue.ended() == .wakeWriter)
    }

    @Test func roomEndsAtTheLimitOfBytes() {
        var queue = SendQueue()
        #expect(queue.hasRoom(bytes: SendQueue.waitingBytesMax + 1))  // alone it may
        _ = queue.appended(message(0, bytes: SendQueue.waitingBytesMax - 1))
        #expect(queue.hasRoom(bytes: 1))
        #expect(!queue.hasRoom(bytes: 2))
        _ = queue.writerReady()
        #expect(queue.hasRoom(bytes: 2))
    }

    @Test func roomEndsAtTheLimitOfMessages() {
        var queue = SendQueue()
        for _ in 0..<SendQueue.waitingMessagesMax - 1 { _ = queue.appended(message(0, bytes: 1)) }
        #expect(queue.hasRoom(bytes: 1))
        _ = queue.appended(message(0, bytes: 1))
        #expect(!queue.hasRoom(bytes: 1))
    }

    @Test func aBrokenConnectionGetsNothingMore() {
        var queue = SendQueue()
        _ = queue.appended(message(0))
        _ = queue.writerReady()
        _ = queue.appended(message(1))
        queue.writeFailed()
        #expect(queue.appended(message(2)) == .none)
        guard case .wait = queue.writerReady() else {
            Issue.record("the responses are to end first")
            return
        }
        #expect(queue.ended() == .wakeWriter)
        guard case .finish = queue.writerReady() else {
            Issue.record("the call is over")
            return
        }
    }
}
