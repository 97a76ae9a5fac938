import ConnectorDeadLetters
import ConnectorJournal
import ConnectorModel
import Foundation
import Logging
import SimulatedDisk
import Testing

@testable import ConnectorLane

/// Payloads of which a source can make no reading, and dead letters that are tried once more.
@Suite struct LaneRefusedPayloadTests {
    private func letters(_ world: LaneWorld) throws -> [StoredDeadLetter] {
        var letters: [StoredDeadLetter] = []
        try world.letters.forEach { stored in
            letters.append(stored)
            return true
        }
        return letters
    }

    private func payload(_ text: String) -> RefusedPayload {
        RefusedPayload(
            topic: "hall/3", reason: "no JSON", time: Timestamp(microseconds: 7), bytes: Array(text.utf8))
    }

    private func refuse(_ text: String, _ world: LaneWorld) -> Ticket {
        world.shared.refuse([payload(text)], from: "source", time: Timestamp(microseconds: 7), now: world.now)
    }

    @Test func aTicketIsDurableOnceThePayloadIsAmongTheDeadLetters() throws {
        let letterDisk = SimulatedDisk(seed: 2)
        let disk = SimulatedDisk(seed: 1)
        let world = try LaneWorld(on: disk, seed: 1, letterStorage: SimulatedStorage(letterDisk))
        let listener = RecordingListener()
        world.attach("source", listener)
        letterDisk.capacityBytes = 0
        let before = world.submit([1])
        let ticket = refuse("{", world)
        world.submit([2])
        world.settle()
        #expect(listener.tickets.isEmpty)
        #expect(world.snapshot.state.hasPrefix("journal fails"))
        letterDisk.capacityBytes = .max
        // The letter is written, its neighbours are not yet: it is not written twice for that.
        disk.failingSyncs = ["segment-": 1]
        world.advance(.seconds(2))
        #expect(listener.tickets.isEmpty)
        world.advance(.seconds(2))
        #expect(listener.tickets == [ticket.number + 1])
        #expect(before < ticket)
        let kept = try letters(world)
        #expect(kept.map(\.letter.stage) == [.payload])
        #expect(kept.first?.letter.payload == payload("{"))
        #expect(kept.first?.letter.source == "source")
        world.openStream()
        #expect(try world.takeAll().map(\.value) == [1, 2])
        world.acknowledge(0)
        let account = world.snapshot.total
        #expect(account.submitted == 3 && account.delivered == 2 && account.deadLetters == 1 && account.dropped == 0)
        #expect(world.snapshot.letters.count == 1)
    }

    @Test func payloadsAloneMakeATicketDurableEach() throws {
        let world = try LaneWorld(on: SimulatedDisk(seed: 1), seed: 1)
        let listener = RecordingListener()
        world.attach("source", listener)
        for number in 0..<3 {
            let ticket = refuse("\(number)", world)
            world.settle()
            #expect(listener.tickets.last == ticket.number)
        }
        #expect(try letters(world).map { String(decoding: $0.letter.content, as: UTF8.self) } == ["0", "1", "2"])
        #expect(world.snapshot.pendingRecords == 0 && world.waitingRecords == 0)
    }

    @Test func ofAHugePayloadTheBeginningIsKept() {
        let huge = [UInt8](repeating: 1, count: DeadLetter.payloadBytesMax + 1)
        let letter = DeadLetter(RefusedPayload(topic: "a", reason: "too deep", bytes: huge), source: "s")
        #expect(letter.content.count == DeadLetter.payloadBytesMax)
        #expect(letter.reason == "too deep (kept: the first 1048576 of 1048577 bytes)")
        let whole = DeadLetter(RefusedPayload(topic: "a", reason: "no", bytes: [1]), source: "s")
        #expect(whole.content == [1] && whole.reason == "no" && whole.recordID == "a")
    }

    @Test func aRecordThatIsTriedOnceMoreComesBehindTheOthers() throws {
        let world = try LaneWorld(on: SimulatedDisk(seed: 1), seed: 1)
        world.submit([1, 2])
        world.settle()
        for _ in 0..<3 {
            world.openStream()
            world.settle()
            guard let batch = try world.takeBatch(), batch.first?.value == 1 else { break }
            world.endStream(0, TargetFailure(.refused, "no"))
            world.settle()
        }
        #expect(try letters(world).count == 1)
        world.submit([3])
        world.settle()
        let outcome = try world.worker.retry({ _ in true }, now: world.now)
        #expect(outcome == DeadLetterRetry(retried: 1, kept: 0))
        #expect(try letters(world).isEmpty && world.snapshot.letters.count == 0)
        world.endStream()
        world.openStream()
        var rows: [ReceivedRecord] = []
        var offset: Int64 = 0
        while let batch = try world.takeBatch() {
            rows += batch
            world.acknowledge(offset)
            offset += 1
        }
        #expect(rows.map(\.value) == [2, 3, 1])
        #expect(rows.map(\.topic) == Array(repeating: "topic of source", count: 3))
        #expect(world.snapshot.total.submitted == 4)
    }

    /// Takes payloads once more, and makes a record of what is a number.
    private final class Decoder: LaneListener, @unchecked Sendable {
        // One thread only.
        let world: LaneWorld
        init(_ world: LaneWorld) { self.world = world }

        func durable(upTo ticket: Ticket) {}
        func demand(open: Bool) {}

        func retry(_ payload: RefusedPayload) -> Bool {
            if let number = Int(String(decoding: payload.bytes, as: UTF8.self)) {
                world.submit([number])
            } else {
                _ = world.shared.refuse(
                    [payload], from: "source", time: Timestamp(microseconds: 8), now: world.now)
            }
            return true
        }
    }

    @Test func aPayloadThatIsTriedOnceMoreGoesToItsSource() throws {
        let world = try LaneWorld(on: SimulatedDisk(seed: 1), seed: 1)
        _ = refuse("7", world)
        _ = refuse("{", world)
        world.settle()
        // Nobody is there to try.
        #expect(try world.worker.retry({ _ in true }, now: world.now) == DeadLetterRetry(retried: 0, kept: 2))
        #expect(try letters(world).count == 2)
        world.attach("source", Decoder(world))
        #expect(try world.worker.retry({ _ in true }, now: world.now).retried == 2)
        // One is a record now, the other was refused again.
        #expect(try letters(world).map { String(decoding: $0.letter.content, as: UTF8.self) } == ["{"])
        world.openStream()
        #expect(try world.takeAll().map(\.value) == [7])
    }

    @Test func aLaneIsAskedOnItsThreadUntilItIsClosed() async throws {
        let lane = try Lane(
            name: "test", directory: "unused", store: .memory,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        _ = lane.refuse(["a", "b", "c"].map(payload), from: "source")
        var page = DeadLetterPage()
        while page.letters.count < 3 { page = try await lane.deadLetters(limit: 10) }
        let ids = page.letters.map(\.id)
        #expect(Set(ids).count == 3 && ids.allSatisfy { $0.count == 12 })
        #expect(try await lane.deadLetters(after: ids[0], limit: 1).letters.map(\.id) == [ids[1]])
        #expect(try await lane.deadLetters(after: "none", limit: 1).isBehind == false)
        #expect(try await lane.deadLetter(ids[2])?.letter.payload == payload("c"))
        #expect(try await lane.deadLetter("none") == nil)
        #expect(try await lane.purgeDeadLetters { $0.id == ids[1] } == 1)
        // Who stays keeps the name.
        #expect(try await lane.deadLetters(limit: 10).letters.map(\.id) == [ids[0], ids[2]])
        #expect(try await lane.retryDeadLetters { _ in true } == DeadLetterRetry(retried: 0, kept: 2))
        await lane.close()
        await #expect(throws: JournalFailure.self) { try await lane.deadLetters(limit: 1) }
    }
}
