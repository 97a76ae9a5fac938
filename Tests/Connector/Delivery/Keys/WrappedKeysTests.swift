import Foundation
import Testing

@testable import ConnectorKeys

/// The key file under a master password. The cost is the least there is: these tests are about the file.
@Suite struct WrappedKeysTests {
    private let cheap = ScryptCost(checking: 1, blockSize: 1, parallelism: 1)

    private func withFile(_ body: (KeyFile) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.path + "/penstock-wrapped-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(KeyFile(directory: path, cost: try #require(cheap)))
    }

    private func bytes(_ file: KeyFile) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: file.path)) }

    @Test func aNewKeyIsWrapped() throws {
        try withFile { file in
            let password = try MasterPassword("correct horse")
            let ring = try file.open(create: true, password: password).ring
            let key = try #require(ring.current)
            let text = String(decoding: try bytes(file), as: UTF8.self)
            #expect(text.hasPrefix("penstock-keys 2\nscrypt 1 1 1 "))
            #expect(!text.contains(Hexadecimal.text(key.bytes)))
            #expect(try file.open(create: true, password: password).ring.current?.id == key.id)
            #expect(try file.isWrapped)
        }
    }

    @Test func aClearKeyIsWrappedWhenThereIsAPasswordAndNotByReading() throws {
        try withFile { file in
            let key = try #require(try file.open(create: true).ring.current)
            let password = try MasterPassword("correct horse")
            #expect(try file.open(create: false, password: password).ring.current?.id == key.id)
            #expect(try !file.isWrapped)
            #expect(try file.open(create: true, password: password).warnings.map { $0.contains("wrapped") } == [true])
            #expect(try file.isWrapped)
            #expect(try file.open(create: false, password: password).ring.current?.id == key.id)
        }
    }

    @Test func aWrongOrMissingPasswordChangesNothing() throws {
        try withFile { file in
            let password = try MasterPassword("correct horse")
            _ = try file.open(create: true, password: password)
            let before = try bytes(file)
            let wrong = try MasterPassword("battery staple")
            #expect(throws: KeyFailure.wrongPassword(file.path)) { try file.open(create: true, password: wrong) }
            #expect(throws: KeyFailure.missingPassword(file.path)) { try file.open(create: true) }
            #expect(throws: KeyFailure.wrongPassword(file.path)) { try file.rotate(password: wrong, to: wrong) }
            #expect(throws: KeyFailure.missingPassword(file.path)) { try file.rotate() }
            #expect(try bytes(file) == before)
        }
    }

    @Test func rotationKeepsOldKeysUnderTheNewPassword() throws {
        try withFile { file in
            let old = try MasterPassword("correct horse")
            let new = try MasterPassword("battery staple")
            let first = try #require(try file.open(create: true, password: old).ring.current)
            let second = try #require(try file.rotate(password: old, to: new).current)
            let ring = try file.open(create: true, password: new).ring
            #expect(ring.count == 2)
            #expect(ring.current?.id == second.id)
            #expect(ring[first.id] != nil)
            #expect(throws: KeyFailure.self) { try file.open(create: true, password: old) }
        }
    }

    @Test func everyChangedByteIsDamage() throws {
        try withFile { file in
            let password = try MasterPassword("correct horse")
            _ = try file.open(create: true, password: password)
            let good = try bytes(file)
            for index in good.indices {
                var bad = good
                bad[index] ^= 1
                try bad.write(to: URL(fileURLWithPath: file.path))
                let failure = #expect(throws: KeyFailure.self) { try file.open(create: true, password: password) }
                #expect(failure?.kind == .other)
                #expect(try bytes(file) == bad)
            }
            for count in good.indices {
                try good.prefix(count).write(to: URL(fileURLWithPath: file.path))
                #expect(throws: KeyFailure.self) { try file.open(create: true, password: password) }
            }
        }
    }

    @Test(arguments: [
        (0, 8, 1), (25, 1, 1), (-1, 8, 1), (17, 0, 1), (17, 17, 1), (17, 8, 0), (17, 8, 65), (19, 8, 1), (21, 1, 8),
        (Int.max, Int.max, Int.max),
    ])
    func aCostThatNobodyPaysIsRefused(exponent: Int, blockSize: Int, parallelism: Int) {
        #expect(ScryptCost(checking: exponent, blockSize: blockSize, parallelism: parallelism) == nil)
    }

    @Test func theStandardCostIsAmongThoseThatAreRead() {
        #expect(ScryptCost(checking: 17, blockSize: 8, parallelism: 1) == .standard)
        #expect(ScryptCost(checking: 18, blockSize: 8, parallelism: 1) != nil)
    }

    /// RFC 7914 section 12, third vector: "pleaseletmein", "SodiumChloride", 16384, 8, 1; its first 32 bytes.
    @Test func scryptIsThatOfTheStandard() throws {
        let cost = try #require(ScryptCost(checking: 14, blockSize: 8, parallelism: 1))
        let key = try cost.key(try MasterPassword("pleaseletmein"), salt: Array("SodiumChloride".utf8))
        #expect(
            Hexadecimal.text(key.bytes) == "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2")
    }

    @Test func thePasswordComesFromTheEnvironment() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/penstock-password-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = folder + "/password"
        try Data("secret in a file\r\n".utf8).write(to: URL(fileURLWithPath: file))
        #expect(try MasterPassword.find(in: [:]) == nil)
        #expect(try MasterPassword.find(in: ["PENSTOCK_MASTER_PASSWORD": ""]) == nil)
        #expect(try MasterPassword.find(in: ["PENSTOCK_MASTER_PASSWORD": "a"]) == MasterPassword("a"))
        #expect(try MasterPassword.find(in: ["CONNECTOR_MASTER_PASSWORD": "a"]) == MasterPassword("a"))
        #expect(
            try MasterPassword.find(in: ["PENSTOCK_MASTER_PASSWORD_FILE": file]) == MasterPassword("secret in a file"))
        #expect(throws: KeyFailure.self) {
            try MasterPassword.find(in: ["PENSTOCK_MASTER_PASSWORD": "a", "CONNECTOR_MASTER_PASSWORD": "b"])
        }
        let missing = #expect(throws: KeyFailure.self) {
            try MasterPassword.find(in: ["PENSTOCK_MASTER_PASSWORD_FILE": file + "x"])
        }
        #expect(missing?.message.contains(file + "x") == true)
        #expect(throws: KeyFailure.self) { try MasterPassword([UInt8](repeating: 65, count: 4097)) }
        #expect("\(try MasterPassword("secret"))" == "***")
    }
}
