import ConnectorKeys
import FileSupport
import Foundation
import Testing

@testable import ConnectorVault

/// A vault in a folder of its own. The cost is the least there is: these tests are about the file.
struct VaultWorld {
    let folder = FileManager.default.temporaryDirectory.path + "/penstock-vault-\(UUID().uuidString)"
    var path: String { folder + "/vault" }

    static func run(_ body: (VaultWorld) throws -> Void) throws {
        let world = VaultWorld()
        defer { try? FileManager.default.removeItem(atPath: world.folder) }
        try body(world)
    }

    func vault(_ password: String? = nil) throws -> Vault {
        Vault(
            stateDirectory: folder, password: try password.map { try MasterPassword($0) },
            cost: try #require(ScryptCost(checking: 1, blockSize: 1, parallelism: 1)))
    }

    func bytes() throws -> [UInt8] { try #require(try WholeFile.read(path, bytesMax: 1 << 20)) }

    func write(_ bytes: [UInt8]) throws { try WholeFile.replace(path, bytes, mode: 0o600) }

    /// Names and sizes of all files, to see that nothing was written.
    func listing() throws -> [String] { try FileManager.default.subpathsOfDirectory(atPath: folder).sorted() }
}

@Suite struct VaultTests {
    let name = CredentialName(sanitizing: ["zerobus", "client_secret"])

    @Test(arguments: [nil, "correct horse"])
    func whatIsStoredComesBack(password: String?) throws {
        try VaultWorld.run { world in
            let vault = try world.vault(password)
            #expect(try vault.credentials() == [:])
            #expect(!vault.exists)
            try vault.change { $0[name] = "s3cret ü\n" }
            #expect(try world.vault(password).credentials() == [name: "s3cret ü\n"])
            #expect(WholeFile.mode(of: world.path) == 0o600)
            #expect(!String(decoding: try world.bytes(), as: UTF8.self).contains("s3cret"))
            try world.vault(password).change { $0[name] = nil }
            #expect(try world.vault(password).credentials() == [:])
        }
    }

    @Test func everyWritingIsSealedAnew() throws {
        try VaultWorld.run { world in
            let vault = try world.vault("correct horse")
            try vault.change { $0[name] = "a" }
            let first = try world.bytes()
            try vault.change { $0[name] = "b" }
            try vault.change { $0[name] = "a" }
            #expect(try world.bytes() != first)
            #expect(try world.bytes()[64..<96] != first[64..<96])
        }
    }

    @Test func aWrongOrMissingPasswordChangesNothing() throws {
        try VaultWorld.run { world in
            try world.vault("correct horse").change { $0[name] = "a" }
            let before = (try world.bytes(), try world.listing())
            for (password, kind) in [("battery staple", VaultFailure.Kind.wrongPassword), (nil, .missingPassword)] {
                let vault = try world.vault(password)
                #expect(#expect(throws: VaultFailure.self) { try vault.credentials() }?.kind == kind)
                #expect(#expect(throws: VaultFailure.self) { try vault.change { $0[name] = "b" } }?.kind == kind)
                #expect(#expect(throws: VaultFailure.self) { try vault.rotate(to: nil) }?.kind == kind)
            }
            // Nor is a key ring made with it.
            #expect(throws: VaultFailure.self) { try world.vault("battery staple").openRing(create: true) }
            #expect(try world.bytes() == before.0)
            #expect(try world.listing() == before.1)
        }
    }

    @Test func aWrongPasswordForTheKeyRingMakesNoVault() throws {
        try VaultWorld.run { world in
            _ = try world.vault("correct horse").openRing(create: true)
            #expect(throws: VaultFailure.self) { try world.vault("battery staple").change { $0[name] = "a" } }
            #expect(!(try world.vault().exists))
            try world.vault("correct horse").change { $0[name] = "a" }
            #expect(try world.vault("correct horse").credentials() == [name: "a"])
        }
    }

    @Test func aPasswordTakesOverWhatTheDataKeySealed() throws {
        try VaultWorld.run { world in
            try world.vault().change { $0[name] = "a" }
            #expect(try world.bytes()[10] == 2)
            let vault = try world.vault("correct horse")
            #expect(try vault.credentials() == [name: "a"])
            let key = try vault.openRing(create: true).ring.current?.id
            #expect(try world.vault("correct horse").credentials() == [name: "a"])
            #expect(throws: VaultFailure.self) { try world.vault().credentials() }
            try vault.change { $0[name] = "b" }
            #expect(try world.bytes()[10] == 1)
            #expect(try world.vault("correct horse").credentials() == [name: "b"])
            #expect(try vault.openRing(create: true).ring.current?.id == key)
        }
    }

    @Test(arguments: [nil, "correct horse"], [nil, "battery staple"])
    func rotationKeepsEverything(old: String?, new: String?) throws {
        try VaultWorld.run { world in
            let vault = try world.vault(old)
            try vault.change { $0[name] = "a" }
            let key = try vault.openRing(create: true).ring.current?.id
            try vault.rotate(to: try new.map { try MasterPassword($0) })
            let rotated = try world.vault(new ?? old)
            #expect(try rotated.credentials() == [name: "a"])
            let ring = try rotated.openRing(create: false).ring
            #expect(ring.count == 2)
            #expect(ring.current?.id != key)
            if let new, old != new { #expect(throws: VaultFailure.self) { try vault.credentials() } }
        }
    }

    /// The vault's own key stays in the ring, also when a rotation ended between the two files.
    @Test func aKeyThatTheVaultNamesIsNotPruned() throws {
        try VaultWorld.run { world in
            let vault = try world.vault()
            try vault.change { $0[name] = "a" }
            let key = try #require(try vault.openRing(create: true).ring.current?.id)
            let before = try world.bytes()
            try vault.rotate(to: nil)
            let rotated = try world.bytes()
            try world.write(before)
            #expect(try vault.pruneKeys(except: []) == [])
            #expect(try vault.credentials() == [name: "a"])
            try world.write(rotated)
            #expect(try vault.pruneKeys(except: [key]) == [])
            #expect(try vault.pruneKeys(except: []) == [key])
            #expect(try vault.openRing(create: false).ring.count == 1)
            #expect(try world.vault().credentials() == [name: "a"])
        }
    }

    @Test func withADamagedVaultNoKeyIsPruned() throws {
        try VaultWorld.run { world in
            let vault = try world.vault()
            try vault.change { $0[name] = "a" }
            try vault.rotate(to: nil)
            var bytes = try world.bytes()
            bytes[20] ^= 1
            try world.write(bytes)
            #expect(throws: VaultFailure.self) { try vault.pruneKeys(except: []) }
            #expect(try vault.openRing(create: false).ring.count == 2)
        }
    }

    @Test func aPrunedRingStaysWrappedByThePassword() throws {
        try VaultWorld.run { world in
            let vault = try world.vault("correct horse")
            try vault.change { $0[name] = "a" }
            let key = try #require(try vault.openRing(create: true).ring.current?.id)
            try vault.rotate(to: nil)
            #expect(throws: VaultFailure.self) { try world.vault("battery staple").pruneKeys(except: []) }
            #expect(try vault.pruneKeys(except: []) == [key])
            #expect(throws: VaultFailure.self) { try world.vault().openRing(create: false) }
            #expect(try world.vault("correct horse").openRing(create: false).ring.count == 1)
        }
    }

    @Test func anInterruptedRotationIsEndedByTheNext() throws {
        try VaultWorld.run { world in
            let old = try world.vault("correct horse")
            try old.change { $0[name] = "a" }
            _ = try old.openRing(create: true)
            let before = try world.bytes()
            let new = try MasterPassword("battery staple")
            try old.rotate(to: new)
            // As if the power had gone between the two files.
            try world.write(before)
            #expect(throws: VaultFailure.self) { try world.vault("battery staple").credentials() }
            try world.vault("correct horse").rotate(to: new)
            #expect(try world.vault("battery staple").credentials() == [name: "a"])
            #expect(try world.vault("battery staple").openRing(create: false).ring.count == 3)
        }
    }

    @Test func limitsHoldAtTheLimit() throws {
        try VaultWorld.run { world in
            let vault = try world.vault("correct horse")
            try vault.change { $0[name] = String(repeating: "x", count: VaultContents.valueBytesMax) }
            let before = try world.bytes()
            #expect(throws: VaultFailure.self) {
                try vault.change { $0[name] = String(repeating: "x", count: VaultContents.valueBytesMax + 1) }
            }
            #expect(throws: VaultFailure.self) {
                try vault.change { values in
                    for number in 0..<VaultContents.countMax { values[name.numbered(number)] = "" }
                }
            }
            #expect(try world.bytes() == before)
        }
    }

    @Test func twoWritersDoNotLoseEachOthersWork() async throws {
        let world = VaultWorld()
        defer { try? FileManager.default.removeItem(atPath: world.folder) }
        let vaults = try (0..<4).map { _ in try world.vault("correct horse") }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, vault) in vaults.enumerated() {
                group.addTask {
                    for number in 0..<10 {
                        try vault.change { $0[name.numbered(index * 10 + number)] = "\(number)" }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try world.vault("correct horse").credentials().count == 40)
    }
}

@Suite struct CredentialNameTests {
    @Test(arguments: ["a", "zerobus.client_id", "sources.Boiler-1.password", String(repeating: "x", count: 128)])
    func names(text: String) throws {
        #expect(try CredentialName(text).text == text)
    }

    @Test(arguments: [
        "", ".", "a.", ".a", "a..b", "a b", "ä", "a/b", "${a}", "a\n", String(repeating: "x", count: 129),
    ])
    func noNames(text: String) {
        #expect(throws: VaultFailure.self) { try CredentialName(text) }
    }

    @Test(arguments: ["", "Kessel ä/1", "..", String(repeating: "é", count: 300), "a.b"])
    func everyTextGivesAName(text: String) throws {
        let name = CredentialName(sanitizing: ["sources", text, "password"])
        #expect(try CredentialName(name.text) == name)
        #expect(try CredentialName(name.numbered(999_999).text) == name.numbered(999_999))
    }
}
