import ConnectorNormalization
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
            #expect(TagPathFile.read(folder + "/watermarks/tag-paths").count == 1)
        }
    }

    @Test func whatIsNoLineSaysNothing() throws {
        try withFolder { folder in
            let path = folder + "/tag-paths"
            try Data("00000000000000ff 0000000000000001\nnonsense\n\n00000000000000fe 00000000".utf8)
                .write(to: URL(fileURLWithPath: path))
            #expect(TagPathFile.read(path) == [.init(path: 255, owner: 1)])
            #expect(TagPathFile.read(folder + "/none").isEmpty)
        }
    }

    @Test func whereNothingCanBeWrittenPathsAreDistinctAllTheSame() {
        let registry = TagPathFile.registry(stateDirectory: "/proc/nowhere", logger: logger)
        #expect(registry.path("x", for: String(repeating: "a", count: 16)).path == "x")
        #expect(registry.path("x", for: String(repeating: "b", count: 16)).isRenamed)
    }
}
