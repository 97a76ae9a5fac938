import NIOCore
import OPCUATypes
import Testing

@testable import OPCUASecurity

/// Messages made to learn something: every failure is one and the same, and goes the same way.
@Suite struct ForgeryTests {
    @Test func comparingIsExact() {
        #expect(isSameInConstantTime([1, 2, 3], [1, 2, 3]))
        #expect(isSameInConstantTime([UInt8](), []))
        for other in [[1, 2, 4], [0, 2, 3], [1, 2], [1, 2, 3, 4], []] as [[UInt8]] {
            #expect(!isSameInConstantTime([1, 2, 3], other))
        }
    }

    /// A block whose padding is wrong stands as zero bytes of the length that a right one could have had.
    @Test(arguments: [PolicyProfile.KeyTransport.pkcs1, .oaepSHA1, .oaepSHA256])
    func whatCannotBeDecryptedIsGoneThroughAllTheSame(transport: PolicyProfile.KeyTransport) throws {
        let key = Keys.usual
        let plain = [UInt8](repeating: 7, count: 500)
        let cipher = try key.publicKey.encrypt(plain, transport)
        #expect(key.open(cipher, transport).plain == plain)
        #expect(key.open(cipher, transport).isWhole)
        var altered = cipher
        altered[3] ^= 1
        let opened = key.open(altered, transport)
        let room = key.publicKey.plainBlockBytes(transport)
        #expect(!opened.isWhole)
        #expect(opened.plain.count == plain.count)
        #expect(opened.plain.prefix(room).allSatisfy { $0 == 0 })
        #expect(opened.plain.dropFirst(room).allSatisfy { $0 == 7 })
        for cut in [0, 1, 255, 257] {
            #expect(!key.open(Array(cipher.prefix(cut)), transport).isWhole)
        }
    }

    @Test(arguments: CipherTests.secured)
    func allForgedOpeningMessagesFailAlike(policy: SecurityPolicy) throws {
        let own = try credentials("server")
        let peer = try credentials("client", key: Keys.other)
        let sealer = try AsymmetricSecurity(policy, own: Keys.other, peer: own.certificate)
        let opener = try AsymmetricSecurity(policy, own: Keys.usual, peer: peer.certificate)
        var chunk = ByteBuffer(repeating: 1, count: 24)
        chunk.writeRepeatingByte(5, count: 132)
        try sealer.seal(&chunk, plainBytes: 16)
        var errors: Set<OPCUAError> = []
        // In the first block (padding), in the last (signature), and made for another key altogether.
        for index in [16, 17, chunk.readableBytes - 1] {
            var altered = chunk
            altered.setInteger((chunk.getInteger(at: index, as: UInt8.self) ?? 0) ^ 1, at: index)
            do throws(OPCUAError) { try opener.open(&altered, plainBytes: 16) } catch { errors.insert(error) }
        }
        var random = ByteBuffer(repeating: 1, count: 16)
        random.writeRepeatingByte(0x55, count: chunk.readableBytes - 16)
        do throws(OPCUAError) { try opener.open(&random, plainBytes: 16) } catch { errors.insert(error) }
        #expect(errors.count == 1)
        #expect(errors.first?.status == .badSecurityChecksFailed)
    }

    /// open62541 fills the last block with zero bytes behind the nonce; the length says where the secret ends.
    @Test func whatStandsBehindTheNonceIsNotThePassword() throws {
        let server = try credentials()
        let nonce = [UInt8](repeating: 1, count: 32)
        func open(told: UInt32, _ secret: [UInt8]) throws -> String? {
            var writer = BinaryWriter()
            writer.write(told)
            writer.write(bytes: secret)
            let cipher = try server.privateKey.publicKey.encrypt(Array(writer.buffer.readableBytesView), .oaepSHA1)
            return PasswordSecret.open(
                ByteString(cipher), algorithm: nil, .basic256Sha256, key: server.privateKey, nonce: ByteString(nonce))
        }
        let secret = Array("geheim".utf8) + nonce
        #expect(try open(told: 38, secret) == "geheim")
        #expect(try open(told: 38, secret + [UInt8](repeating: 0, count: 172)) == "geheim")
        for told in [0, 5, 31, 37, 39, 214, UInt32.max] { #expect(try open(told: told, secret) == nil, "\(told)") }
        #expect(try open(told: 32, nonce) == "")
    }

    /// Anybody can make a secret for a server: its public key is public. Its lengths are the forger's choice.
    @Test func keysOfAnySizeInAForgedEnvelopeNeverTrap() throws {
        let policy = SecurityPolicy.basic256Sha256
        let server = try credentials()
        let nonce = ByteString([UInt8](repeating: 1, count: 32))
        let sealed = try PasswordSecret.seal(
            "geheim", policy, server: server.certificate, nonce: nonce, format: .rsaEncryptedSecret)
        // The encrypted keys begin behind type, encoding, length, URI, thumbprint, time and their own length.
        let uri = 4 + policy.uri.utf8.count
        let keyStart = 9 + uri + 24 + 8 + 2
        for sizes in [[0, 0, 0], [32, 16, 16], [32, 31, 16], [32, 32, 15], [1, 32, 16], [32, 32, 17]] {
            var keys = BinaryWriter()
            for size in sizes { keys.write(lengthPrefixed: [UInt8](repeating: 3, count: size)) }
            let cipher = try server.privateKey.publicKey.encrypt(Array(keys.buffer.readableBytesView), .oaepSHA1)
            var forged = sealed.secret.bytes
            forged.replaceSubrange(keyStart..<keyStart + 256, with: cipher)
            #expect(
                PasswordSecret.open(
                    ByteString(forged), algorithm: sealed.algorithm, policy, key: server.privateKey, nonce: nonce)
                    == nil)
        }
    }

    @Test func signaturesOfKeysThatThePolicyDoesNotAdmitAreNone() throws {
        let small = try credentials("user", key: Keys.small)
        let own = try credentials()
        let nonce = ByteString([UInt8](repeating: 1, count: 32))
        let signature = try SessionSignature.make(
            .basic256Sha256, key: small.privateKey, certificate: own.chainBytes, nonce: nonce)
        #expect(
            !SessionSignature.isValid(
                signature, .basic256Sha256, signer: small.certificate, certificate: own.chainBytes, nonce: nonce))
    }
}
