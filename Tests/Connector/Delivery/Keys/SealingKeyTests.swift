import Crypto
import Testing

@testable import ConnectorKeys

@Suite struct SealingKeyTests {
    private func key(_ byte: UInt8) throws -> DataKey {
        try #require(DataKey(bytes: [UInt8](repeating: byte, count: DataKey.byteCount)))
    }

    private func seal(_ text: String, _ key: SealingKey, nonce: UInt64 = 1, context: String = "head") -> [UInt8] {
        var output = [UInt8](repeating: 0, count: text.utf8.count + SealingKey.tagBytes)
        output.withUnsafeMutableBytes { output in
            Array(text.utf8).withUnsafeBytes { text in
                Array(context.utf8).withUnsafeBytes { context in
                    key.seal(text, nonce: SealNonce(counter: nonce), context: context, into: output)
                }
            }
        }
        return output
    }

    private func open(_ sealed: [UInt8], _ key: SealingKey, nonce: UInt64 = 1, context: String = "head") -> String? {
        sealed.withUnsafeBytes { sealed in
            Array(context.utf8).withUnsafeBytes { context in
                key.open(sealed, nonce: SealNonce(counter: nonce), context: context)
            }
        }.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func onlyTheSameKeyNonceAndContextOpen() throws {
        let salt = [UInt8](repeating: 3, count: 32)
        let sealing = try key(1).derived(salt: salt, purpose: "test")
        for text in ["", "a", "a row of some length that spans blocks of sixteen bytes"] {
            let sealed = seal(text, sealing)
            #expect(open(sealed, sealing) == text)
            #expect(open(sealed, sealing, nonce: 2) == nil)
            #expect(open(sealed, sealing, context: "hexd") == nil)
            #expect(open(sealed, try key(2).derived(salt: salt, purpose: "test")) == nil)
            #expect(open(sealed, try key(1).derived(salt: salt, purpose: "other")) == nil)
            #expect(open(sealed, try key(1).derived(salt: [4], purpose: "test")) == nil)
            for bit in 0..<sealed.count * 8 {
                var changed = sealed
                changed[bit / 8] ^= 1 << UInt8(bit % 8)
                #expect(open(changed, sealing) == nil)
            }
            for count in 0..<sealed.count { #expect(open(Array(sealed[..<count]), sealing) == nil) }
        }
    }

    /// Straight into the caller's buffer, and by swift-crypto's public interface: the same bytes, which that one opens.
    @Test func bothWaysOfSealingMakeTheSameBytes() throws {
        #expect(SealingInPlace.isAsPublished)
        let key = SymmetricKey(data: (0..<32).map { UInt8($0 &* 7) })
        let inPlace = try #require(SealingInPlace.make(key))
        let (quick, published) = (SealingKey(key, inPlace: inPlace), SealingKey(key, inPlace: nil))
        for count in [0, 1, 15, 16, 17, 255, 4096, 65_537] {
            let text = String(repeating: "ä", count: count / 2) + String(repeating: "b", count: count % 2)
            for context in ["", "head"] {
                let sealed = seal(text, quick, nonce: UInt64(count), context: context)
                #expect(sealed == seal(text, published, nonce: UInt64(count), context: context))
                #expect(open(sealed, published, nonce: UInt64(count), context: context) == text)
            }
        }
        #expect(SealingInPlace.make(SymmetricKey(size: .bits128)) == nil)
    }

    @Test func anOutputOfAnotherSizeIsNotWritten() throws {
        let key = try #require(SealingInPlace.make(SymmetricKey(size: .bits256)))
        var output = [UInt8](repeating: 0xEE, count: 10)
        let isSealed = output.withUnsafeMutableBytes { output in
            let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
            return key.seal(nothing, nonce: SealNonce(counter: 1), context: nothing, into: output)
        }
        #expect(!isSealed)
        #expect(output.allSatisfy { $0 == 0xEE })
    }

    @Test func aKeysNameIsDerivedFromIt() throws {
        #expect(try key(1).id == key(1).id)
        #expect(try key(1).id != key(2).id)
        #expect(try key(1).id.description.count == 32)
        #expect(DataKey.random().id != DataKey.random().id)
        #expect(DataKey(bytes: [1, 2, 3]) == nil)
        let id = try key(9).id
        var bytes = [UInt8](repeating: 0, count: KeyID.byteCount)
        bytes.withUnsafeMutableBytes { id.write(to: $0) }
        #expect(bytes.withUnsafeBytes { KeyID($0) } == id)
        #expect(Hexadecimal.bytes(id.description) == bytes)
        #expect(Hexadecimal.bytes("abc") == nil)
        #expect(Hexadecimal.bytes("zz") == nil)
    }

    @Test func aRingUsesItsLastKeyAndKnowsAll() throws {
        var ring = KeyRing([try key(1), try key(2)], place: "test")
        #expect(ring.current?.id == (try key(2).id))
        #expect(ring[try key(1).id] != nil)
        #expect(ring[try key(3).id] == nil)
        ring.add(try key(3))
        #expect(ring.current?.id == (try key(3).id))
        #expect(KeyRing.none.current == nil)
    }

    @Test func aNonceIsItsNumber() {
        var bytes = [UInt8](repeating: 0xEE, count: SealingKey.nonceBytes)
        bytes.withUnsafeMutableBytes { SealNonce(counter: 0x0102).write(to: $0) }
        #expect(bytes == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2])
        #expect(bytes.withUnsafeBytes { SealNonce($0) } == SealNonce(counter: 0x0102))
        #expect(SealNonce(random: 1, 2) != SealNonce(random: 1, 2 << 32))
        #expect([9, 8].withUnsafeBytes { SealNonce($0) } != SealNonce(counter: 0))
    }
}
