import Crypto
import CryptoExtras
import NIOCore
public import OPCUATypes

/// Passwords on their way to a server (Part 4, 7.40.2): encrypted with the server's certificate and bound to its nonce,
/// so that they cannot be sent again.
public enum PasswordSecret {
    /// How a secret is wrapped.
    public enum Format: Hashable, Sendable {
        /// Length, password and nonce under the server's key; what every server reads.
        case legacy
        /// RsaEncryptedSecret: a symmetric key under the server's key, signed; for long secrets.
        case rsaEncryptedSecret
    }

    /// Longest password in bytes.
    static let maxBytes = 4096

    /// A password as it stands in a UserNameIdentityToken.
    /// - Parameters:
    ///   - random: for the keys of an RsaEncryptedSecret.
    ///   - time: written into an RsaEncryptedSecret.
    /// - Throws: BadCertificateInvalid when the server's key does not fit the policy.
    public static func seal(
        _ password: String, _ policy: SecurityPolicy, server: ApplicationCertificate, nonce: ByteString?,
        format: Format = .legacy, random: NonceSource = .system, at time: DateTime = .null
    ) throws(OPCUAError) -> (secret: ByteString, algorithm: String?) {
        let secret = Array(password.utf8)
        guard let profile = policy.profile else { return (ByteString(secret), nil) }
        let key = try server.publicKey(for: policy)
        do {
            switch format {
            case .legacy:
                var writer = BinaryWriter()
                let nonce = nonce?.bytes ?? []
                writer.write(UInt32(clamping: secret.count + nonce.count))
                writer.write(bytes: secret + nonce)
                let bytes = try key.encrypt(Array(writer.buffer.readableBytesView), profile.keyTransport)
                return (ByteString(bytes), profile.encryptionURI)
            case .rsaEncryptedSecret:
                let bytes = try Envelope.seal(
                    secret, policy, profile, key, thumbprint: server.thumbprint, nonce: nonce, random, time)
                return (ByteString(bytes), profile.encryptionURI)
            }
        } catch {
            throw OPCUAError(.badInternalError, "the password could not be encrypted")
        }
    }

    /// The password of a token; nil when it was not made for this server and this nonce. Every failure looks the same.
    public static func open(
        _ secret: ByteString?, algorithm: String?, _ policy: SecurityPolicy, key: RSAPrivateKey, nonce: ByteString
    ) -> String? {
        let bytes = secret?.bytes ?? []
        guard let profile = policy.profile else {
            guard algorithm?.isEmpty ?? true else { return nil }
            return String(validating: bytes, as: UTF8.self)
        }
        if bytes.starts(with: Envelope.typeId) {
            return Envelope.open(bytes, policy, profile, key, nonce: nonce)
                .flatMap { String(validating: $0, as: UTF8.self) }
        }
        guard algorithm == nil || algorithm == profile.encryptionURI, bytes.count <= 2 * maxBytes else { return nil }
        let opened = key.open(bytes, profile.keyTransport)
        let room = opened.plain.count - 4
        guard room >= nonce.bytes.count else { return nil }
        // All is looked at before anything is decided: an attacker who sends forged secrets learns from neither the
        // answer nor its time which check failed. Some clients fill the last block up behind the nonce.
        let told = opened.plain[..<4].reversed().reduce(0) { $0 << 8 | Int($1) }
        let fits = told >= nonce.bytes.count && told <= room
        let data = opened.plain[4...].prefix(fits ? told : room)
        let isBound = isSameInConstantTime(data.suffix(nonce.bytes.count), nonce.bytes)
        let password = String(validating: data.dropLast(nonce.bytes.count), as: UTF8.self)
        let isRight = [opened.isWhole, isBound, fits].allSatisfy { $0 }
        return isRight ? password : nil
    }
}

/// RsaEncryptedSecret (Part 4, 7.40.2.3).
private enum Envelope {
    /// NodeId i=17545 in its four-byte form.
    static let typeId: [UInt8] = [0x01, 0x00, 0x89, 0x44]

    static func seal(
        _ secret: [UInt8], _ policy: SecurityPolicy, _ profile: PolicyProfile, _ key: RSAPublicKey,
        thumbprint: [UInt8], nonce: ByteString?, _ random: NonceSource, _ time: DateTime
    ) throws -> [UInt8] {
        let signing = random.make(profile.signingKeyBytes)
        let encryption = random.make(profile.encryptionKeyBytes)
        let vector = random.make(PolicyProfile.blockBytes)

        var keys = BinaryWriter()
        for part in [signing, encryption, vector] { keys.write(lengthPrefixed: part) }
        let keyData = try key.encrypt(Array(keys.buffer.readableBytesView), profile.keyTransport)

        var payload = BinaryWriter()
        payload.write(lengthPrefixed: nonce?.bytes ?? [])
        payload.write(lengthPrefixed: secret)
        let filled = payload.buffer.readableBytes + 2
        let padding = (PolicyProfile.blockBytes - filled % PolicyProfile.blockBytes) % PolicyProfile.blockBytes
        payload.write(bytes: [UInt8](repeating: UInt8(padding), count: padding))
        payload.write(UInt16(padding))
        let cipher = try AES._CBC.encrypt(
            Array(payload.buffer.readableBytesView), using: SymmetricKey(data: encryption),
            iv: AES._CBC.IV(ivBytes: vector), noPadding: true)

        var body = BinaryWriter()
        body.write(string: policy.uri)
        body.write(lengthPrefixed: thumbprint)
        time.encode(to: &body)
        body.write(UInt16(clamping: keyData.count))
        body.write(bytes: keyData)
        body.write(bytes: cipher)
        var whole = BinaryWriter()
        whole.write(bytes: typeId)
        whole.write(1 as UInt8)
        whole.write(UInt32(clamping: body.buffer.readableBytes + profile.signatureBytes))
        whole.write(bytes: body.buffer.readableBytesView)
        let bytes = Array(whole.buffer.readableBytesView)
        return bytes + code(of: bytes, profile, SymmetricKey(data: signing))
    }

    static func open(
        _ bytes: [UInt8], _ policy: SecurityPolicy, _ profile: PolicyProfile, _ key: RSAPrivateKey, nonce: ByteString
    ) -> [UInt8]? {
        guard bytes.count > profile.signatureBytes, bytes.count <= 4 * PasswordSecret.maxBytes else { return nil }
        let signed = Array(bytes.dropLast(profile.signatureBytes))
        var keyData: [UInt8] = []
        var cipher: [UInt8] = []
        do {
            try signed.withUnsafeBytes { buffer in
                var reader = BinaryReader(buffer)
                try reader.skip(typeId.count)
                guard try reader.readUInt8() == 1, Int(try reader.readUInt32()) == bytes.count - 9,
                    try String.read(from: &reader) == policy.uri
                else { throw RSAFailure() }
                _ = try ByteString.read(from: &reader)
                _ = try DateTime(from: &reader)
                keyData = Array(try reader.readBytes(Int(try reader.readUInt16())))
                cipher = Array(try reader.readBytes(reader.remaining))
            }
            // Keys that could not be decrypted are zero bytes, and fail at the signature as wrong ones do.
            let opened = key.open(keyData, profile.keyTransport)
            let keys = try strings(opened.plain, count: 3).parts
            let isSigned = isSameInConstantTime(
                code(of: signed, profile, SymmetricKey(data: keys[0])), bytes.suffix(profile.signatureBytes))
            guard isSigned, opened.isWhole, keys[0].count == profile.signingKeyBytes,
                keys[1].count == profile.encryptionKeyBytes, !cipher.isEmpty,
                cipher.count % PolicyProfile.blockBytes == 0
            else { return nil }
            let payload = try AES._CBC.decrypt(
                cipher, using: SymmetricKey(data: keys[1]), iv: AES._CBC.IV(ivBytes: keys[2]), noPadding: true)
            let (parts, rest) = try strings(Array(payload), count: 2)
            // Padding and its size fill the last block.
            guard isSameInConstantTime(parts[0], nonce.bytes), rest >= 2, rest < PolicyProfile.blockBytes + 2 else {
                return nil
            }
            return parts[1]
        } catch {
            return nil
        }
    }

    /// ByteStrings one after another, and how many bytes are left behind them.
    private static func strings(_ bytes: [UInt8], count: Int) throws -> (parts: [[UInt8]], rest: Int) {
        try bytes.withUnsafeBytes { buffer in
            var reader = BinaryReader(buffer)
            var parts: [[UInt8]] = []
            for _ in 0..<count { parts.append(try ByteString.read(from: &reader)?.bytes ?? []) }
            return (parts, reader.remaining)
        }
    }

    private static func code(of bytes: [UInt8], _ profile: PolicyProfile, _ key: SymmetricKey) -> [UInt8] {
        switch profile.hash {
        case .sha1: Array(HMAC<Insecure.SHA1>.authenticationCode(for: bytes, using: key))
        case .sha256: Array(HMAC<SHA256>.authenticationCode(for: bytes, using: key))
        }
    }
}
