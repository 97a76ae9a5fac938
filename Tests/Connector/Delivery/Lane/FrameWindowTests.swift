import ConnectorJournal
import ConnectorModel
import Testing

@testable import ConnectorLane

/// One window of frames and its readers.
@Suite struct FrameWindowTests {
    private func committed(_ number: Int, records: Int = 1, segment: UInt64 = 1) -> FrameWindow.Committed {
        FrameWindow.Committed(
            frame: JournalFrame(
                position: position(number, segment: segment), segmentID: 1, firstRecord: 0, source: 0,
                time: Timestamp(microseconds: 0),
                frame: EncodedFrame(entries: [UInt8](repeating: 0, count: 10 * records), count: records)),
            number: number, offset: 100 * number)
    }

    private func position(_ number: Int, segment: UInt64 = 1) -> JournalPosition {
        JournalPosition(segment: segment, frame: UInt32(number))
    }

    private func window(_ frames: Int, readers: Int, records: Int = 1) -> FrameWindow {
        var window = FrameWindow(readers: readers, recordsMax: 1000, bytesMax: 100_000)
        for number in 0..<frames { window.append(committed(number, records: records)) }
        return window
    }

    @Test func aFrameLeavesWhenEveryReaderIsDoneWithIt() {
        var window = window(3, readers: 2)
        window.sent(0, completes: position(2), partial: nil)
        window.delivered(0, upTo: position(2))
        let early = window.release()
        #expect(early == nil && window.count == 3)
        // The other one has sent two and delivered one.
        window.sent(1, completes: position(1), partial: nil)
        window.delivered(1, upTo: position(0))
        let first = window.release()?.frame.position
        let second = window.release()
        #expect(first == position(0) && second == nil && window.count == 2)
        // What was not sent cannot be delivered.
        window.delivered(1, upTo: position(2))
        _ = window.release()
        #expect(window.first?.position == position(2))
    }

    @Test func eachReaderCountsWhatItHasNotSent() {
        var window = window(4, readers: 2, records: 5)
        window.sent(
            0, completes: position(1), partial: (position(2), FrameQueue.Cursor(offset: 20, records: 2)))
        #expect(window.unsent(0).records == 8 && window.unsent(0).bytes == 100)
        #expect(window.unsent(1).records == 20 && window.unsent(1).bytes == 200)
        #expect(window.cursor(0) == FrameQueue.Cursor(offset: 20, records: 2))
        #expect(window.unsentFrames(0, recordsMax: 4).map(\.position) == [position(2), position(3)])
        #expect(window.unsentFrames(0, recordsMax: 3).map(\.position) == [position(2)])
        window.rewind(0)
        #expect(window.unsent(0).records == 20)
    }

    @Test func givingASegmentUpMovesTheReadersThatWereInIt() {
        var window = window(3, readers: 2)
        window.append(committed(0, segment: 2))
        window.sent(
            0, completes: position(2), partial: (position(0, segment: 2), FrameQueue.Cursor(offset: 3, records: 0)))
        window.sent(1, completes: nil, partial: (position(0), FrameQueue.Cursor(offset: 3, records: 0)))
        window.dropped(upTo: 1)
        #expect(window.count == 1 && window.records == 1 && window.bytes == 10)
        // The first was beyond the segment already and stays where it is.
        #expect(window.cursor(0).offset == 3 && window.cursor(1) == FrameQueue.Cursor())
        #expect(window.hasUnsent(0) && window.hasUnsent(1))
    }

    @Test func onlyWhatNobodyHasTouchedGoesBackToDisk() {
        var window = window(5, readers: 2)
        window.sent(0, completes: position(0), partial: (position(1), FrameQueue.Cursor(offset: 3, records: 0)))
        let taken = window.takeUnsent(from: 0)
        #expect(taken.map(\.number) == [2, 3, 4] && taken.map(\.offset) == [200, 300, 400])
        #expect(window.count == 2)
        // What lies behind a part that is on disk already stays.
        window.append(committed(7))
        window.append(committed(8))
        let newest = window.takeUnsent(from: 8)
        #expect(newest.map(\.number) == [8] && window.count == 3)
    }

    @Test func aBurialPassesOverFramesOfOthers() {
        var window = window(3, readers: 1, records: 2)
        window.buried(0, at: position(1), next: FrameQueue.Cursor(offset: 10, records: 1))
        #expect(window.cursor(0) == FrameQueue.Cursor(offset: 10, records: 1))
        window.buried(0, at: position(1), next: FrameQueue.Cursor(offset: 20, records: 2))
        #expect(window.unsent(0).records == 2)
        let (first, second, third) = (window.release(), window.release(), window.release())
        #expect(first?.buried == 0 && second?.buried == 2 && third == nil)
    }
}
