package import ConnectorJournal
import ConnectorModel
import ProtobufWire

extension Journal {
    /// What can be kept of places whose frames cannot be read any more.
    package func letters(of damage: [JournalDamage]) -> [DeadLetter] {
        damage.filter { $0.kind == .corrupt && $0.bytes > 0 }.map { place in
            DeadLetter(
                stage: .journal, reason: "\(place)", source: "", recordID: "segment-\(place.segment)@\(place.offset)",
                time: .now(), prefix: [], content: bytes(of: place))
        }
    }

    /// The records of dead letters as frames to be appended once more.
    package func entries(of letters: [DeadLetter]) -> [JournalEntry] {
        letters.map { letter in
            let prefix = tables.prefixes.register(letter.prefix)
            var writer = WireWriter()
            writer.varint(UInt64(prefix))
            writer.varint(UInt64(letter.content.count))
            writer.raw(letter.content)
            return JournalEntry(
                source: tables.sources.register(Array(letter.source.utf8)),
                frame: EncodedFrame(entries: writer.takeBytes(), count: 1), time: letter.time)
        }
    }
}
