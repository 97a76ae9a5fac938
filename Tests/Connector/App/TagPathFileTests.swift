import ConnectorNormalization
import FileSupport
import Foundation
import Logging
import Testing

@testable import ConnectorApp

@Suite struct TagPathFileTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("paths-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(folder.path)
    }

    @Test func aDisputedPathIsRememberedOverRestarts() throws {
        let (a, b) = (String(repeating: "a", count: 16), String(repeating: "b", count: 16))
        try withFolder { folder in
            let first = TagPathFile.registry(stateDirectory: folder, logger: logger)
            #expect(first.path("x", for: a).path == "x")
            #expect(!FileManager.default.fileExists(atPath: folder + "/watermarks/tag-paths"))
            #expect(first.path("x", for: b).path == "x_bbbbbbbb")
            let second = TagPathFile.registry(stateDirectory: folder, logger: logger)
            // The other way round.
            #expect(second.path("x", for: b).path == "x_bbbbbbbb")
            #expect(second.path("x", for: a).path == "x")
            let known = try TagPathFile.read(folder + "/watermarks/tag-paths")
            #expect(known.reservations.count == 1)
        }
    }

    @Test func whatIsNoLineSaysNothing() throws {
        try withFolder { folder in
            let path = folder + "/tag-paths"
            try Data("00000000000000ff 0000000000000001\nnonsense\n\n00000000000000fe 00000000".utf8)
                .write(to: URL(fileURLWithPath: path))
            let known = try TagPathFile.read(path)
            #expect(known.reservations == [.init(path: 255, owner: 1)])
            let none = try TagPathFile.read(folder + "/none")
            #expect(none.reservations.isEmpty)
        }
    }

    /// Bytes that are no text, as a crash may leave them, cost the line in which they stand and no other.
    @Test func aTornLineCostsNoOther() throws {
        let (a, b) = (String(repeating: "a", count: 16), String(repeating: "b", count: 16))
        try withFolder { folder in
            let path = folder + "/watermarks/tag-paths"
            try FileManager.default.createDirectory(
                atPath: folder + "/watermarks", withIntermediateDirectories: true)
            try (Data("00000000000000ff 0000000000000001\n0000000000".utf8) + [0xFF, 0xFE])
                .write(to: URL(fileURLWithPath: path))
            let before = try TagPathFile.read(path)
            #expect(before.reservations == [.init(path: 255, owner: 1)])
            let registry = TagPathFile.registry(stateDirectory: folder, logger: logger)
            #expect(registry.path("x", for: a).path == "x")
            #expect(registry.path("x", for: b).isRenamed)
            let after = try TagPathFile.read(path)
            #expect(after.reservations.count == 2)
        }
    }

    @Test func whatCannotBeReadIsSaid() throws {
        try withFolder { folder in
            try FileManager.default.createDirectory(
                atPath: folder + "/watermarks/tag-paths", withIntermediateDirectories: true)
            #expect(throws: FileFailure.self) { _ = try TagPathFile.read(folder + "/watermarks/tag-paths") }
        }
    }

    @Test func whereNothingCanBeWrittenPathsAreDistinctAllTheSame() {
        let registry = TagPathFile.registry(stateDirectory: "/proc/nowhere", logger: logger)
        #expect(registry.path("x", for: String(repeating: "a", count: 16)).path == "x")
        #expect(registry.path("x", for: String(repeating: "b", count: 16)).isRenamed)
    }
}
