import ConnectorConfiguration
import ConnectorJournal
import ConnectorKeys
import ConnectorModel
import ConnectorVault
import FileSupport
import Foundation
import Logging
import TestKit
import Testing

@testable import ConnectorApp

/// At a start the data keys go that nothing is sealed with any more, and no other.
@Suite struct OldKeysTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// A state directory without a master password.
    private struct Installation {
        let state: String
        var vault: Vault { Vault(stateDirectory: state, password: nil) }

        func settings(_ more: String = "") throws -> ConnectorSettings {
            try ConfigurationReader(file: "penstock.yaml", environment: [:])
                .read("state_directory: \(state)\n\(more)")
        }

        func ring() throws -> KeyRing { try vault.openRing(create: true).ring }

        /// Seals a frame in a lane's folder with the newest key.
        func journal(_ folder: String) throws -> Journal {
            let journal = Journal(
                storage: FileStorage(path: state + "/" + folder), sealing: JournalSealing(try ring()),
                randomID: { UInt64.random(in: 1 ... .max) })
            _ = try journal.open()
            let entry = JournalEntry(
                source: journal.tables.sources.register(Array("press".utf8)),
                frame: EncodedFrame(entries: [0, 1, 7], count: 1), time: Timestamp(microseconds: 0))
            _ = try journal.commit([entry])
            return journal
        }

        /// What a start leaves of the ring.
        func started(_ more: String = "", logger: Logger) throws -> Int {
            OldKeys(settings: try settings(more), vault: vault, ring: try ring()).prune(logger)
            return try ring().count
        }
    }

    private func withInstallation(_ body: (Installation) throws -> Void) async throws {
        try await withTemporaryDirectory { folder in try body(Installation(state: folder + "/state")) }
    }

    @Test func aKeyStaysAsLongAsALaneOrADeadLetterNamesIt() async throws {
        for folder in ["journal/c.s.t", "deadletters/c.s.t"] {
            try await withInstallation { installation in
                try installation.journal(folder).close()
                try installation.vault.rotate(to: nil)
                #expect(try installation.started(logger: logger) == 2)
                try FileManager.default.removeItem(atPath: "\(installation.state)/\(folder)")
                #expect(try installation.started(logger: logger) == 1)
            }
        }
    }

    @Test func whatTheVaultIsSealedWithStays() async throws {
        try await withInstallation { installation in
            let vault = installation.vault
            try vault.change { $0[CredentialName(sanitizing: ["a", "b"])] = "c" }
            let before = try #require(try WholeFile.read(vault.path, bytesMax: 4096))
            try vault.rotate(to: nil)
            let rotated = try #require(try WholeFile.read(vault.path, bytesMax: 4096))
            try WholeFile.replace(vault.path, before, mode: 0o600)
            #expect(try installation.started(logger: logger) == 2)
            try WholeFile.replace(vault.path, rotated, mode: 0o600)
            #expect(try installation.started(logger: logger) == 1)
        }
    }

    /// Another process may seal with an old key that it still has in memory.
    @Test func whileALaneIsInUseNothingGoes() async throws {
        try await withInstallation { installation in
            let journal = try installation.journal("journal/c.s.t")
            try installation.vault.rotate(to: nil)
            try FileManager.default.removeItem(atPath: installation.state + "/journal/c.s.t/tags")
            #expect(try installation.started(logger: logger) == 2)
            try journal.close()
        }
    }

    @Test func theKeyThatThisProcessSealsWithStays() async throws {
        try await withInstallation { installation in
            let opened = try installation.ring()
            try installation.vault.rotate(to: nil)
            try installation.vault.rotate(to: nil)
            // It read the ring before somebody rotated it.
            OldKeys(settings: try installation.settings(), vault: installation.vault, ring: opened).prune(logger)
            #expect(try installation.ring().count == 3)
            var later = opened
            later.add(try #require(try installation.ring().current))
            OldKeys(settings: try installation.settings(), vault: installation.vault, ring: later).prune(logger)
            #expect(try installation.ring().count == 1)
        }
    }

    @Test func aFolderElsewhereKeepsAllKeysUntilItsMarkIsDeleted() async throws {
        try await withInstallation { installation in
            _ = try installation.ring()
            let mark = installation.state + "/keys/journals-elsewhere"
            let here = "backpressure: {disk_spool: {directory: \(installation.state)/journal/}}"
            _ = try installation.started(here, logger: logger)
            #expect(WholeFile.mode(of: mark) == nil)
            let elsewhere = "backpressure: {disk_spool: {directory: /mnt/spool}}"
            _ = try installation.started(elsewhere, logger: logger)
            #expect(try TestKit.read(mark).contains("/mnt/spool"))
            try installation.vault.rotate(to: nil)
            #expect(try installation.started(elsewhere, logger: logger) == 2)
            // Also after the configuration has changed.
            #expect(try installation.started(logger: logger) == 2)
            try FileManager.default.removeItem(atPath: mark)
            #expect(try installation.started(logger: logger) == 1)
        }
    }

    @Test func whatDoesNotTellItsKeyKeepsThemAll() async throws {
        try await withInstallation { installation in
            try installation.journal("journal/c.s.t").close()
            try installation.vault.rotate(to: nil)
            let folder = installation.state + "/journal/c.s.t/"
            for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
                try FileManager.default.removeItem(atPath: folder + name)
            }
            try write(String(repeating: "x", count: 2000), to: folder + "segment-0000000000000001.damaged")
            #expect(try installation.started(logger: logger) == 2)
            try FileManager.default.removeItem(atPath: folder + "segment-0000000000000001.damaged")
            #expect(try installation.started(logger: logger) == 1)
        }
    }
}
