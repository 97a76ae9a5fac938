import ConnectorModel
import Foundation
import Testing

@testable import ConnectorJournal

@Suite struct FileStorageTests {
    /// Lends a directory that is gone afterwards.
    private func withDirectory(_ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.path + "/penstock-journal-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    private func journal(_ path: String) -> Journal {
        Journal(
            storage: FileStorage(path: path), options: JournalOptions(segmentBytesMax: 64 * 1024),
            randomID: { UInt64.random(in: 1 ... .max) })
    }

    private func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return (attributes[.posixPermissions] as? Int) ?? 0
    }

    @Test func aJournalOnTheRealFileSystem() throws {
        try withDirectory { path in
            let first = journal(path + "/journal/lane")
            #expect(try first.open() == JournalRecovery())
            _ = first.tables.prefixes.register(Array("prefix".utf8))
            for number in 0..<100 { _ = try first.commit([numberedEntry(number, padding: 2000)]) }
            let middle = JournalPosition(segment: first.state.segments[1].number, frame: 0)
            try first.acknowledged(upTo: middle)
            try first.close()

            #expect(try mode(path + "/journal") == 0o700)
            #expect(try mode(path + "/journal/lane") == 0o700)
            for name in try FileManager.default.contentsOfDirectory(atPath: path + "/journal/lane") {
                #expect(try mode(path + "/journal/lane/" + name) == 0o600)
            }

            let second = journal(path + "/journal/lane")
            let recovery = try second.open()
            let numbers = try second.readAll(from: recovery.first).map(number(of:))
            #expect(numbers.last == 99)
            #expect(numbers == Array((100 - numbers.count)..<100))
            #expect(numbers.count < 100)
            #expect(second.tables.prefixes.string(0) == "prefix")
            try second.close()
        }
    }

    @Test func aSecondUserOfTheDirectoryIsRefused() throws {
        try withDirectory { path in
            let first = journal(path)
            _ = try first.open()
            let failure = #expect(throws: JournalFailure.self) { try journal(path).open() }
            #expect(failure?.kind == .locked)
            #expect(failure?.message.contains("process \(ProcessInfo.processInfo.processIdentifier)") == true)
            try first.close()
            _ = try journal(path).open()
        }
    }

    @Test func anImpossibleDirectoryIsRefusedInWords() throws {
        try withDirectory { path in
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            try Data().write(to: URL(fileURLWithPath: path + "/file"))
            let failure = #expect(throws: JournalFailure.self) { try journal(path + "/file/journal").open() }
            #expect(failure?.kind == .forbidden)
            #expect(failure?.message.contains("/file") == true)
        }
    }

    @Test func missingFilesAreToldApart() throws {
        try withDirectory { path in
            let storage = FileStorage(path: path)
            try storage.lock()
            #expect(throws: JournalFailure.self) { try storage.open("nothing") }
            let failure = #expect(throws: JournalFailure.self) { try storage.delete("nothing") }
            #expect(failure?.kind == .notFound)
            // /dev/full is the one device that is always full.
            let full = FileStorage(path: "/dev")
            let device = try full.open("full")
            let error = #expect(throws: JournalFailure.self) {
                try [UInt8](repeating: 1, count: 8).withUnsafeBytes { try device.write($0, at: 0) }
            }
            #expect(error?.kind == .full)
        }
    }
}
