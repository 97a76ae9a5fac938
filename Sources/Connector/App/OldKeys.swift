import ConnectorConfiguration
import ConnectorJournal
import ConnectorKeys
import ConnectorVault
import FileSupport
import Foundation
import Logging

/// The data keys that were replaced (`penstock credentials rotate`): those that nothing is sealed with any more are taken
/// out of the ring at a start, before a journal is opened.
///
/// Only where everything that may name a key can be seen: each folder of a lane is locked meanwhile, so that no other
/// process uses it, and every file in it must tell its key. Whatever cannot be told leaves the ring as it is.
struct OldKeys {
    let settings: ConnectorSettings
    let vault: Vault
    /// As it was opened by this process.
    let ring: KeyRing

    private var keysFolder: String { settings.stateDirectory + "/keys" }
    private var journals: String { settings.stateDirectory + "/journal" }
    /// Says that journals lie, or lay, in another folder. Whether that one is there as it was left, perhaps on a disk of its
    /// own, a start cannot know.
    var mark: String { keysFolder + "/journals-elsewhere" }

    func prune(_ logger: Logger) {
        do {
            if ring.count > 0 { try markOtherFolder() }
            guard ring.count > 1 else { return }
            guard WholeFile.mode(of: mark) == nil else {
                logger.info("old data keys stay in the ring: \(mark) names a folder that may need them")
                return
            }
            for key in try prune() {
                logger.notice("the data key \(key) was taken out of \(keysFolder): nothing is sealed with it any more")
            }
        } catch let failure as JournalFailure {
            logger.info("old data keys stay in the ring: \(failure.message)")
        } catch {
            logger.info("old data keys stay in the ring: \(error)")
        }
    }

    private func markOtherFolder() throws(FileFailure) {
        guard let folder = settings.lane.directory, standard(folder) != standard(journals) else { return }
        let text = """
            Journals are, or were, kept in \(folder).
            While this file is here no data key is taken out of the ring. Delete it when that folder holds nothing any more.

            """
        _ = try WholeFile.create(mark, Array(text.utf8), mode: 0o600)
    }

    private func standard(_ path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.path
    }

    private func prune() throws -> [KeyID] {
        var locked: [FileStorage] = []
        defer { for storage in locked { storage.unlock() } }
        var used: Set<KeyID> = []
        if let current = ring.current { used.insert(current.id) }
        for folder in [journals, settings.stateDirectory + "/deadletters"] {
            guard FileManager.default.fileExists(atPath: folder) else { continue }
            for lane in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
                let storage = FileStorage(path: "\(folder)/\(lane)")
                try storage.lock()
                locked.append(storage)
                used.formUnion(try SealedFiles.keys(in: storage))
            }
            // A lane's folder that was just removed stays so.
            try WholeFile.sync(directoryOf: folder + "/")
        }
        return try vault.pruneKeys(except: used)
    }
}
