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

    /// The data keys that the files of a journal name. What was found is on disk for good when this returns: no power cut
    /// brings back a file that names another key.
    /// - Parameter storage: locked by the caller, so that nobody writes meanwhile.
    /// - Throws: also when a file does not tell which key it needs.
    package static func keys(in storage: any Storage) throws(JournalFailure) -> Set<KeyID> {
        var keys: Set<KeyID> = []
        for name in try storage.names().sorted() where name != JournalFormat.lockName {
            let file = try storage.open(name)
            defer { file.close() }
            if isOf(JournalFormat.watermarkName, name) {
                keys.formUnion(try WatermarkFile.keys(of: file, path: storage.path, name: name))
                try file.sync()
            } else if let key = try headerKey(of: file, name, storage.path) {
                keys.insert(key)
            }
        }
        try storage.syncDirectory()
        return keys
    }

    /// Nil when the file is in the clear, or empty.
    private static func headerKey(
        of file: any StorageFile, _ name: String, _ path: String
    ) throws(JournalFailure) -> KeyID? {
        let magic = isOf(JournalFormat.tagsName, name) ? JournalFormat.tagsMagic : JournalFormat.segmentMagic
        switch try FileHeader.read(file, magic: magic, .none) {
        case .unknownKey(let id): return id
        case .header: return nil
        case .newer(let version): throw JournalFailure.newer(version, path: path, name: name)
        case .invalid:
            guard try file.size() == 0 else {
                throw JournalFailure(.device, "\(path)/\(name) does not tell which data key it needs")
            }
            return nil
        }
    }

    /// Whether a file is of that name, or about to replace the one that is.
    private static func isOf(_ wanted: String, _ name: String) -> Bool {
        name == wanted || name == wanted + JournalFormat.replacementSuffix
    }
}
