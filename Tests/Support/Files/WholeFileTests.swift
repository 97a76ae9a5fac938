import Foundation
import Testing

@testable import FileSupport

@Suite struct WholeFileTests {
    private func withDirectory(_ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.path + "/penstock-files-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try WholeFile.makeDirectories(path, mode: 0o700)
        try body(path)
    }

    @Test func aFileIsReplacedAsAWhole() throws {
        try withDirectory { folder in
            let path = folder + "/file"
            #expect(try WholeFile.read(path, bytesMax: 10) == nil)
            try WholeFile.replace(path, [1, 2, 3], mode: 0o600)
            try WholeFile.replace(path, [4], mode: 0o640)
            #expect(try WholeFile.read(path, bytesMax: 1) == [4])
            #expect(WholeFile.mode(of: path) == 0o640)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["file"])
        }
    }

    @Test func aFileIsMadeOnce() throws {
        try withDirectory { folder in
            let path = folder + "/file"
            let made = try WholeFile.create(path, [1], mode: 0o600)
            let madeAgain = try WholeFile.create(path, [2], mode: 0o600)
            #expect((made, madeAgain) == (true, false))
            #expect(try WholeFile.read(path, bytesMax: 1) == [1])
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["file"])
        }
    }

    @Test func noMoreIsReadThanAllowed() throws {
        try withDirectory { folder in
            let path = folder + "/file"
            try WholeFile.replace(path, [UInt8](repeating: 7, count: 200_000), mode: 0o600)
            #expect(try WholeFile.read(path, bytesMax: 200_000)?.count == 200_000)
            let failure = #expect(throws: FileFailure.self) { try WholeFile.read(path, bytesMax: 199_999) }
            #expect(failure?.code == EFBIG)
            // Endless, if nobody stopped.
            #expect(throws: FileFailure.self) { try WholeFile.read("/dev/zero", bytesMax: 100_000) }
        }
    }

    @Test func whatTheSystemRefusesIsNamed() {
        let failure = #expect(throws: FileFailure.self) { try WholeFile.replace("/proc/none", [1], mode: 0o600) }
        #expect(failure?.path.hasPrefix("/proc/none") == true)
        #expect(failure?.description.contains("/proc/none") == true)
    }

    @Test(arguments: [("/a/b", "/a"), ("/a", "/"), ("a", "."), ("a/b", "a")])
    func aPathLiesInAFolder(path: String, folder: String) {
        #expect(WholeFile.directory(of: path) == folder)
    }
}
