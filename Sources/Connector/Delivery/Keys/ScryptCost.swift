import Crypto
import CryptoExtras

/// What it costs to try a password: the parameters of scrypt (RFC 7914 section 2), as they stand in a file.
package struct ScryptCost: Hashable, Sendable {
    /// The binary logarithm of N.
    package let exponent: Int
    /// r: memory is 128 · N · r bytes.
    package let blockSize: Int
    /// p
    package let parallelism: Int

    /// 128 MiB, and some tenths of a second a guess.
    package static let standard = ScryptCost(exponent: 17, blockSize: 8, parallelism: 1)

    package static let memoryBytesMax = 256 << 20
    /// Twelve times the standard's work, some seconds: a file that asks for more was made to stop us.
    private static let workMax = 12 << 20

    private init(exponent: Int, blockSize: Int, parallelism: Int) {
        self.exponent = exponent
        self.blockSize = blockSize
        self.parallelism = parallelism
    }

    /// Parameters from a file, or a test's cheap ones; nil when they would cost too much or are none.
    package init?(checking exponent: Int, blockSize: Int, parallelism: Int) {
        guard (1...24).contains(exponent), (1...16).contains(blockSize), (1...64).contains(parallelism),
            128 << exponent <= Self.memoryBytesMax / blockSize,
            (blockSize * parallelism) << exponent <= Self.workMax
        else { return nil }
        self.init(exponent: exponent, blockSize: blockSize, parallelism: parallelism)
    }

    /// The key that a password gives with a salt.
    package func key(_ password: MasterPassword, salt: [UInt8]) throws(KeyFailure) -> DataKey {
        let key: SymmetricKey
        do {
            key = try KDF.Scrypt.deriveKey(
                from: password.bytes, salt: salt, outputByteCount: DataKey.byteCount, rounds: 1 << exponent,
                blockSize: blockSize, parallelism: parallelism)
        } catch {
            throw KeyFailure(
                "no key can be made of the master password: it takes \(((128 * blockSize) << exponent) >> 20) MiB of memory"
            )
        }
        guard let data = DataKey(bytes: key.withUnsafeBytes { Array($0) }) else {
            throw KeyFailure("no key can be made of the master password")
        }
        return data
    }
}
