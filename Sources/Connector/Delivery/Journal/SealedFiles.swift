package import ConnectorKeys

/// What a journal's directory needs of a key ring, found out without taking it or changing anything.
package enum SealedFiles {
    /// Why the journal in `directory` cannot be opened with the ring: its first file that is sealed with another key. Nil
    /// when there is none, or no such directory; whatever else is wrong with it, opening it tells.
    package static func refusal(of directory: String, ring: KeyRing) throws(JournalFailure) -> JournalFailure? {
        let storage = ReadingStorage(path: directory)
        do {
            for name in try storage.names().sorted() {
                let isSegment = JournalFormat.segmentNumber(of: name) != nil
                guard isSegment || name == JournalFormat.tagsName else { continue }
                let magic = isSegment ? JournalFormat.segmentMagic : JournalFormat.tagsMagic
                let file = try storage.open(name)
                defer { file.close() }
                if case .unknownKey(let id) = try FileHeader.read(file, magic: magic, ring) {
                    return .unknownKey(id, path: directory, name: name, ring: ring)
                }
            }
        } catch  where error.kind == .notFound {
            // No journal yet, or its owner has just deleted the file.
        }
        return nil
    }
}
