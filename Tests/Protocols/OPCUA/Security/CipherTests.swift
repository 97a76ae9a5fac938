import NIOCore
import OPCUATypes
import Testing

@testable import OPCUASecurity

@Suite struct CipherTests {
    static let secured = SecurityPolicy.allCases.filter { $0 != .none }
    static let modes: [MessageSecurityMode] = [.sign, .signAndEncrypt]

    /// The vector for P_SHA256 that the TLS working group published with RFC 5246.
    @Test func pseudoRandomBytesAreThoseOfTLS() {
        let secret: [UInt8] = [
            0x9b, 0xbe, 0x43, 0x6b, 0xa9, 0x40, 0xf0, 0x17, 0xb1, 0x76, 0x52, 0x84, 0x9a, 0x71, 0xdb, 0x35,
        ]
        let seed: [UInt8] = [
            0xa0, 0xba, 0x9f, 0x93, 0x6c, 0xda, 0x31, 0x18, 0x27, 0xa6, 0xf7, 0x96, 0xff, 0xd5, 0x19, 0x8c,
        ]
        let bytes = pseudoRandom(.sha256, secret: secret, seed: Array("test label".utf8) + seed, count: 20)
        let expected: [UInt8] = [
            0xe3, 0xf2, 0x29, 0xba, 0x72, 0x7b, 0xe1, 0x7b, 0x8d, 0x12, 0x26, 0x20, 0x55, 0x7c, 0xd4, 0x53, 0xc2, 0xaa,
            0xb2, 0x1d,
        ]
        #expect(bytes == expected)
    }

    /// 16 readable bytes, 8 of the sequence header, a body.
    private func chunk(body: Int) -> ByteBuffer {
        var chunk = ByteBuffer(bytes: (0..<24).map { UInt8($0) })
        chunk.writeBytes((0..<body).map { UInt8(truncatingIfNeeded: $0 &* 7) })
        return chunk
    }

    private func twins(_ policy: SecurityPolicy, _ mode: MessageSecurityMode) throws -> (
        client: SymmetricSecurity, server: SymmetricSecurity
    ) {
        let first = (0..<policy.nonceBytes).map { UInt8($0) }
        let second = (0..<policy.nonceBytes).map { UInt8($0 + 100) }
        return (
            try #require(SymmetricSecurity(policy, mode, ownNonce: first, peerNonce: second)),
            try #require(SymmetricSecurity(policy, mode, ownNonce: second, peerNonce: first))
        )
    }

    @Test(arguments: secured, modes)
    func chunksOfEverySizeComeBack(policy: SecurityPolicy, mode: MessageSecurityMode) throws {
        let (client, server) = try twins(policy, mode)
        for body in [0, 1, 15, 16, 17, 100, 8000] {
            let plain = chunk(body: body)
            var sealed = plain
            try client.seal(&sealed, plainBytes: 16)
            #expect(sealed.getInteger(at: 4, endianness: .little, as: UInt32.self) == UInt32(sealed.readableBytes))
            if mode == .signAndEncrypt { #expect((sealed.readableBytes - 16) % 16 == 0) }
            var opened = sealed
            try server.open(&opened, plainBytes: 16)
            #expect(opened.readableBytesView.dropFirst(16).elementsEqual(plain.readableBytesView.dropFirst(16)))
            // The keys of the other direction do not open it.
            var wrong = sealed
            #expect(throws: OPCUAError.self) { try client.open(&wrong, plainBytes: 16) }
        }
    }

    @Test(arguments: secured, modes)
    func theCapacityIsTheMostThatFits(policy: SecurityPolicy, mode: MessageSecurityMode) throws {
        let (client, _) = try twins(policy, mode)
        for size in [8192, 8193, 9007, 65_536] {
            let capacity = client.bodyCapacity(chunkBytes: size, headerBytes: 24)
            for (body, fits) in [(capacity, true), (capacity + 1, false)] {
                var sealed = chunk(body: body)
                try client.seal(&sealed, plainBytes: 16)
                #expect((sealed.readableBytes <= size) == fits, "\(body) of \(size)")
            }
        }
    }

    @Test(arguments: secured, modes)
    func anAlteredByteIsSeen(policy: SecurityPolicy, mode: MessageSecurityMode) throws {
        let (client, server) = try twins(policy, mode)
        var sealed = chunk(body: 40)
        try client.seal(&sealed, plainBytes: 16)
        for index in 0..<sealed.readableBytes {
            var altered = sealed
            altered.setInteger((sealed.getInteger(at: index, as: UInt8.self) ?? 0) ^ 0x40, at: index)
            #expect(throws: OPCUAError.self) { try server.open(&altered, plainBytes: 16) }
        }
        for length in 0..<sealed.readableBytes {
            var cut = try #require(sealed.getSlice(at: 0, length: length))
            #expect(throws: OPCUAError.self) { try server.open(&cut, plainBytes: 16) }
        }
    }

    private static func keys(_ policy: SecurityPolicy) -> [(RSAPrivateKey, RSAPrivateKey)] {
        policy.isDeprecated
            ? [(Keys.small, Keys.small), (Keys.small, Keys.usual), (Keys.usual, Keys.small)]
            : [Keys.usual, Keys.large, Keys.largest].flatMap { one in
                [Keys.usual, Keys.large, Keys.largest].map { (one, $0) }
            }
    }

    @Test(arguments: secured)
    func openingMessagesComeBackWithKeysOfAllSizes(policy: SecurityPolicy) throws {
        for (clientKey, serverKey) in Self.keys(policy) {
            let client = try credentials("client", key: clientKey)
            let server = try credentials("server", key: serverKey)
            let sealer = try AsymmetricSecurity(policy, own: clientKey, peer: server.certificate)
            let opener = try AsymmetricSecurity(policy, own: serverKey, peer: client.certificate)
            for body in [1, 132, 200, 1000] {
                let plain = chunk(body: body)
                var sealed = plain
                try sealer.seal(&sealed, plainBytes: 16)
                #expect(sealed.getInteger(at: 4, endianness: .little, as: UInt32.self) == UInt32(sealed.readableBytes))
                var opened = sealed
                try opener.open(&opened, plainBytes: 16)
                #expect(opened.readableBytesView.dropFirst(16).elementsEqual(plain.readableBytesView.dropFirst(16)))
                var altered = sealed
                altered.setInteger((sealed.getInteger(at: 40, as: UInt8.self) ?? 0) ^ 1, at: 40)
                #expect(throws: OPCUAError.self) { try opener.open(&altered, plainBytes: 16) }
                for length in [0, 16, 17, sealed.readableBytes - 1] {
                    var cut = try #require(sealed.getSlice(at: 0, length: length))
                    #expect(throws: OPCUAError.self) { try opener.open(&cut, plainBytes: 16) }
                }
            }
        }
    }

    @Test func keysThatThePolicyDoesNotAdmitAreRefused() throws {
        let small = try credentials(key: Keys.small).certificate
        let error = #expect(throws: OPCUAError.self) {
            try AsymmetricSecurity(.basic256Sha256, own: Keys.usual, peer: small)
        }
        #expect(
            error?.reason == "the key of O=Penstock,CN=press has 1024 bits, Basic256Sha256 needs 2048 to 4096"
                || error?.reason == "the key of CN=press,O=Penstock has 1024 bits, Basic256Sha256 needs 2048 to 4096")
    }

    @Test(arguments: secured, [PasswordSecret.Format.legacy, .rsaEncryptedSecret])
    func passwordsComeBackOnlyWithTheirNonce(policy: SecurityPolicy, format: PasswordSecret.Format) throws {
        let server = try credentials()
        let nonce = ByteString((0..<32).map { UInt8($0) })
        for password in ["", "geheim", "pässwörd", String(repeating: "long", count: 300)] {
            let sealed = try PasswordSecret.seal(
                password, policy, server: server.certificate, nonce: nonce, format: format)
            func open(_ secret: ByteString, nonce: ByteString) -> String? {
                PasswordSecret.open(
                    secret, algorithm: sealed.algorithm, policy, key: server.privateKey, nonce: nonce)
            }
            #expect(open(sealed.secret, nonce: nonce) == password)
            #expect(open(sealed.secret, nonce: ByteString([UInt8](repeating: 9, count: 32))) == nil)
            for index in stride(from: 0, to: sealed.secret.bytes.count, by: 37) {
                var altered = sealed.secret
                altered.bytes[index] ^= 0x10
                #expect(open(altered, nonce: nonce) != password)
            }
            #expect(open(ByteString(sealed.secret.bytes.dropLast()), nonce: nonce) == nil)
        }
    }

    @Test(arguments: secured)
    func sessionSignaturesBindCertificateAndNonce(policy: SecurityPolicy) throws {
        let own = try credentials()
        let authority = try credentials("ca", key: Keys.other, isAuthority: true)
        let peer = try credentials("peer", signedBy: authority)
        let nonce = ByteString([1, 2, 3])
        let signature = try SessionSignature.make(
            policy, key: own.privateKey, certificate: peer.chainBytes, nonce: nonce)
        func isValid(_ signature: SignatureData, _ certificate: ByteString, _ nonce: ByteString) -> Bool {
            SessionSignature.isValid(
                signature, policy, signer: own.certificate, certificate: certificate, nonce: nonce)
        }
        #expect(isValid(signature, peer.chainBytes, nonce))
        // The first certificate counts, with or without its issuers.
        #expect(isValid(signature, ByteString(peer.certificate.der), nonce))
        #expect(!isValid(signature, peer.chainBytes, ByteString([1, 2, 4])))
        #expect(!isValid(signature, own.chainBytes, nonce))
        #expect(!isValid(SignatureData(), peer.chainBytes, nonce))
    }
}
