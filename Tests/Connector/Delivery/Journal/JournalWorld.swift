import ConnectorKeys
import ConnectorModel
import SimulatedDisk
import TestRandomness

@testable import ConnectorJournal

/// A frame whose bytes tell its number and whose size varies.
func numberedEntry(_ number: Int, source: UInt32 = 0, padding: Int? = nil) -> JournalEntry {
    let text = "frame \(number) " + String(repeating: "x", count: padding ?? number % 37)
    return JournalEntry(
        source: source, frame: EncodedFrame(entries: Array(text.utf8), count: 1 + number % 3),
        time: Timestamp(microseconds: Int64(number)))
}

/// The number that ``numberedEntry(_:source:padding:)`` put into a frame.
func number(of frame: JournalFrame) -> Int {
    let text = String(decoding: frame.frame.entries, as: UTF8.self)
    return Int(text.split(separator: " ")[1]) ?? -1
}

/// What a record is called towards the target.
struct RecordName: Hashable {
    var segmentID: UInt64
    var index: UInt32
}

extension Journal {
    static func on(
        _ disk: SimulatedDisk, seed: UInt64, segmentBytesMax: Int = 4096, sealing: JournalSealing = .none
    ) -> Journal {
        var random = SeededRandom(seed: seed)
        return Journal(
            storage: SimulatedStorage(disk),
            options: JournalOptions(segmentBytesMax: segmentBytesMax, portionBytesMax: 100),
            sealing: sealing, randomID: { random.next() })
    }

    /// All frames from `location` on, in small portions.
    func readAll(from location: JournalLocation?) throws(JournalFailure) -> [JournalFrame] {
        var frames: [JournalFrame] = []
        var place = location
        while let from = place {
            let part = try read(from: from, recordsMax: 7, bytesMax: 300)
            frames += part.frames
            place = part.next
        }
        return frames
    }
}

/// A data key that is the same in every run.
func testKey(_ byte: UInt8) -> DataKey {
    guard let key = DataKey(bytes: [UInt8](repeating: byte, count: DataKey.byteCount)) else {
        preconditionFailure("a key of the right length")
    }
    return key
}

extension JournalSealing {
    /// Seals with the last key.
    static func keys(_ bytes: UInt8..., seals: Bool = true) -> JournalSealing {
        JournalSealing(KeyRing(bytes.map(testKey), place: "the test's ring"), seals: seals)
    }
}
