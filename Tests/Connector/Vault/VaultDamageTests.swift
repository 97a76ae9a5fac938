import ConnectorKeys
import Foundation
import Testing

@testable import ConnectorVault

/// Whatever stands in the file: a clear error, never a trap, never a write.
@Suite struct VaultDamageTests {
    let name = CredentialName(sanitizing: ["mqtt", "password"])

    private func digested(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        Array(bytes) + VaultFormat.digest(Array(bytes))
    }

    private func expectRefusal(_ bytes: [UInt8], _ world: VaultWorld, _ vault: Vault) throws -> VaultFailure.Kind? {
        try world.write(bytes)
        let failure = #expect(throws: VaultFailure.self) { try vault.change { $0[name] = "b" } }
        #expect(failure?.message.contains(world.folder) == true)
        #expect(try world.bytes() == bytes)
        return failure?.kind
    }

    @Test(arguments: [nil, "correct horse"])
    func everyTruncationIsDamage(password: String?) throws {
        try VaultWorld.run { world in
            let vault = try world.vault(password)
            try vault.change { $0[name] = "a" }
            let good = try world.bytes()
            for count in good.indices {
                #expect(try expectRefusal(Array(good[..<count]), world, vault) == .damaged)
                // Also when somebody made the digest fit, which gives the whole file again where only it was cut off.
                if count != good.count - VaultFormat.digestBytes {
                    #expect(try expectRefusal(digested(good[..<count]), world, vault) == .damaged)
                }
            }
        }
    }

    @Test(arguments: [nil, "correct horse"])
    func everyChangedByteIsDamage(password: String?) throws {
        try VaultWorld.run { world in
            let vault = try world.vault(password)
            try vault.change { $0[name] = "a" }
            let good = try world.bytes()
            for index in good.indices {
                for flip: UInt8 in [1, 0x80, 0xFF] {
                    var bad = good
                    bad[index] ^= flip
                    #expect(try expectRefusal(bad, world, vault) == .damaged)
                }
            }
        }
    }

    /// Somebody who can write the file can make its digest fit; the seals are left.
    @Test(arguments: [nil, "correct horse"])
    func everyChangedByteUnderAFittingDigestIsRefused(password: String?) throws {
        try VaultWorld.run { world in
            try world.vault(password).change { $0[name] = "a" }
            let good = try world.bytes().dropLast(VaultFormat.digestBytes)
            for index in good.indices {
                var bad = Array(good)
                bad[index] ^= 1
                let kind = try expectRefusal(digested(bad), world, try world.vault(password))
                switch index {
                case 0..<8, 96..<100: #expect(kind == .damaged)
                case 8..<10: #expect(kind == .newer)
                default: #expect(kind != nil)
                }
            }
        }
    }

    @Test func randomBytesAreDamage() throws {
        try VaultWorld.run { world in
            let vault = try world.vault("correct horse")
            try vault.change { $0[name] = "a" }
            var generator = SystemRandomNumberGenerator()
            for _ in 0..<500 {
                let count = Int.random(in: 0..<300)
                let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
                #expect(try expectRefusal(bytes, world, vault) == .damaged)
                let headed = Array("PENVAULT".utf8) + [0, 1] + bytes
                #expect(try expectRefusal(digested(headed), world, vault) != nil)
            }
        }
    }

    /// log2 N of 63, r and p of 65535: exabytes, were it believed.
    @Test func aCostThatNobodyPaysIsRefusedBeforeItIsPaid() throws {
        try VaultWorld.run { world in
            let vault = try world.vault("correct horse")
            try vault.change { $0[name] = "a" }
            var bytes = Array(try world.bytes().dropLast(VaultFormat.digestBytes))
            bytes[11] = 63
            bytes.replaceSubrange(12..<16, with: [0xFF, 0xFF, 0xFF, 0xFF])
            #expect(try expectRefusal(digested(bytes), world, vault) == .damaged)
        }
    }

    @Test func contentsAreReadExactly() throws {
        let contents = VaultContents([name: "a", name.numbered(1): ""])
        let bytes = try contents.encoded()
        #expect(
            bytes == [
                0, 0, 0, 2,  // count
                0, 13,  // length of the first name
            ] + Array("mqtt.password".utf8) + [
                0, 0, 0, 1, 0x61,  // its value
                0, 15,  // length of the second name
            ] + Array("mqtt.password_1".utf8) + [0, 0, 0, 0])  // an empty value
        #expect(VaultContents(decoding: bytes) == contents)
        for count in bytes.indices { #expect(VaultContents(decoding: Array(bytes[..<count])) == nil) }
        #expect(VaultContents(decoding: bytes + [0]) == nil)
        #expect(VaultContents(decoding: [0xFF, 0xFF, 0xFF, 0xFF]) == nil)
        #expect(VaultContents(decoding: [0, 0, 0, 1, 0, 1, 0x61, 0xFF, 0xFF, 0xFF, 0xFF]) == nil)
        // The same name twice.
        let one = Array(try VaultContents([name: "a"]).encoded().dropFirst(4))
        #expect(VaultContents(decoding: [0, 0, 0, 2] + one + one) == nil)
    }
}
