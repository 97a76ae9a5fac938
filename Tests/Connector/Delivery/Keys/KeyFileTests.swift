import Foundation
import Testing

@testable import ConnectorKeys

@Suite struct KeyFileTests {
    /// Lends a directory that is gone afterwards.
    private func withDirectory(_ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.path + "/penstock-keys-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    private func mode(_ path: String) throws -> Int {
        (try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int) ?? 0
    }

    @Test func aKeyIsCreatedOnceForItsOwnerOnly() throws {
        try withDirectory { path in
            let file = KeyFile(directory: path + "/state/keys")
            let first = try file.open(create: true)
            #expect(first.ring.count == 1)
            #expect(first.warnings.map { $0.contains(file.path) } == [true])
            #expect(try mode(file.path) == 0o600)
            #expect(try mode(path + "/state/keys") == 0o700)
            let second = try file.open(create: true)
            #expect(second.ring.current?.id == first.ring.current?.id)
            #expect(second.ring.count == 1)
            #expect(second.warnings == [])
            #expect(try FileManager.default.contentsOfDirectory(atPath: path + "/state/keys") == ["data.keys"])
        }
    }

    @Test func withoutAFileAndWithoutNeedTheRingIsEmpty() throws {
        try withDirectory { path in
            let opened = try KeyFile(directory: path).open(create: false)
            #expect(opened.ring.count == 0)
            #expect(opened.ring.current == nil)
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test func olderKeysStayInTheRing() throws {
        try withDirectory { path in
            let file = KeyFile(directory: path)
            let old = try #require(try file.open(create: true).ring.current)
            let rotated = try file.rotate()
            #expect(rotated.current?.id != old.id)
            let opened = try file.open(create: true).ring
            #expect(opened.count == 2)
            #expect(opened.current?.id == rotated.current?.id)
            #expect(opened[old.id] != nil)
            #expect(try mode(file.path) == 0o600)
        }
    }

    @Test(arguments: [nil, "correct horse"])
    func keysThatNothingNeedsAreTakenOut(password: String?) throws {
        let password = try password.map { try MasterPassword($0) }
        try withDirectory { path in
            let file = KeyFile(
                directory: path, cost: try #require(ScryptCost(checking: 1, blockSize: 1, parallelism: 1)))
            #expect(try file.prune(password: password) { _ in false } == [])
            let first = try #require(try file.open(create: true, password: password).ring.current?.id)
            // The only key stays, whatever is said of it.
            #expect(try file.prune(password: password) { _ in false } == [])
            let second = try #require(try file.rotate(password: password).current?.id)
            let third = try #require(try file.rotate(password: password).current?.id)
            #expect(try file.prune(password: password) { _ in true } == [])
            #expect(try file.prune(password: password) { $0 == first } == [second])
            let ring = try file.open(create: false, password: password).ring
            #expect(ring.count == 2)
            #expect(ring[first] != nil)
            #expect(ring.current?.id == third)
            #expect(try mode(file.path) == 0o600)
            #expect(try file.prune(password: password) { _ in false } == [first])
            #expect(try file.open(create: false, password: password).ring.current?.id == third)
        }
    }

    @Test func withoutItsPasswordARingIsNotPruned() throws {
        try withDirectory { path in
            let file = KeyFile(
                directory: path, cost: try #require(ScryptCost(checking: 1, blockSize: 1, parallelism: 1)))
            let password = try MasterPassword("correct horse")
            _ = try file.rotate(password: nil, to: password)
            _ = try file.rotate(password: password)
            let failure = #expect(throws: KeyFailure.self) { try file.prune { _ in false } }
            #expect(failure?.kind == .missingPassword)
            #expect(try file.open(create: false, password: password).ring.count == 2)
        }
    }

    @Test func aFileThatOthersCanReadIsWarnedOf() throws {
        try withDirectory { path in
            let file = KeyFile(directory: path)
            _ = try file.open(create: true)
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.path)
            #expect(try file.open(create: true).warnings.map { $0.contains("chmod 600") } == [true])
        }
    }

    @Test(arguments: [
        ("", "no key file"), ("hello\n", "no key file"), ("penstock-keys 3\n", "newer version"),
        ("penstock-keys 2\n", "damaged"),
        ("penstock-keys 1\n", "no key"), ("penstock-keys 1\nkey ab cd\n", "damaged"),
        (
            "penstock-keys 1\nkey \(String(repeating: "0", count: 32)) \(String(repeating: "1", count: 64))\n",
            "damaged"
        ),
        ("penstock-keys 1\nwrapped a b\n", "damaged"),
    ])
    func aWrongFileIsRefusedAndKept(text: String, problem: String) throws {
        try withDirectory { path in
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            let file = KeyFile(directory: path)
            try Data(text.utf8).write(to: URL(fileURLWithPath: file.path))
            let failure = #expect(throws: KeyFailure.self) { try file.open(create: true) }
            #expect(failure?.message.contains(problem) == true)
            #expect(failure?.message.contains(file.path) == true)
            #expect(throws: KeyFailure.self) { try file.rotate() }
            #expect(try Data(contentsOf: URL(fileURLWithPath: file.path)) == Data(text.utf8))
        }
    }

    @Test func anImpossibleDirectoryIsSaid() throws {
        let failure = #expect(throws: KeyFailure.self) { try KeyFile(directory: "/proc/keys").open(create: true) }
        #expect(failure?.message.contains("/proc/keys") == true)
    }
}
