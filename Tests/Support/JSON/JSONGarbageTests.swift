import Foundation
import JSONSupport
import TestRandomness
import Testing

@Suite struct JSONGarbageTests {
    @Test func everyTruncationIsRefusedUnlessItIsAWholeText() {
        for text in acceptedTexts {
            let bytes = Array(text.utf8)
            for count in 0..<bytes.count {
                let start = Array(bytes[..<count])
                // Of a number alone, a shorter number may be left.
                if isAccepted(start) {
                    #expect(foundationAccepts(Data(start)), "\(text) cut to \(count)")
                }
                #expect(!bytes.starts(with: [0x5B]) && !bytes.starts(with: [0x7B]) || !isAccepted(start))
            }
        }
    }

    @Test func aSliceInsideLargerMemoryStaysInside() {
        // The text is followed by bytes that would complete it.
        let bytes = Array("[1,2,3]\"]}".utf8)
        bytes.withUnsafeBytes { raw in
            var scanner = JSONScanner(UnsafeRawBufferPointer(rebasing: raw[..<5]))
            #expect(throws: JSONError.self) {
                while try scanner.next().kind != .end {}
            }
        }
    }

    @Test func mutationsAreJudgedLikeFoundationDoes() {
        var random = SeededRandom(seed: 42)
        let alphabet = Array("{}[]:,\"\\u0019dDtfn-+.eE aé\n\u{01}\u{7F}".utf8) + [0x80, 0xC3, 0xED, 0xA0, 0xF0, 0xFF]
        for _ in 0..<6000 {
            var bytes = Array(acceptedTexts[Int(random.next() % UInt64(acceptedTexts.count - 1))].utf8)
            for _ in 0...Int(random.next() % 3) {
                let place = bytes.isEmpty ? 0 : Int(random.next() % UInt64(bytes.count))
                let byte = alphabet[Int(random.next() % UInt64(alphabet.count))]
                switch random.next() % 3 {
                case 0: bytes.insert(byte, at: place)
                case 1: if !bytes.isEmpty { bytes[place] = byte }
                default: if !bytes.isEmpty { bytes.remove(at: place) }
                }
            }
            let ours = isAccepted(bytes)
            guard isComparable(bytes), !foundationIsLenient(bytes) else { continue }
            #expect(ours == foundationAccepts(Data(bytes)), "\(String(decoding: bytes, as: UTF8.self)) \(bytes)")
        }
    }

    @Test func noiseNeverTraps() {
        var random = SeededRandom(seed: 1)
        for round in 0..<20_000 {
            let bytes = (0..<round % 40).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            _ = isAccepted(bytes)
            let signs = Array("{}[]:,\"\\u0-.eE1t".utf8)
            _ = isAccepted((0..<round % 40).map { _ in signs[Int(random.next() % UInt64(signs.count))] })
        }
    }

    /// Foundation refuses numbers beyond a double, which are texts like any other to the grammar.
    private func isComparable(_ bytes: [UInt8]) -> Bool {
        guard let tokens = try? scan(bytes) else { return true }
        return tokens.allSatisfy { token in
            guard token.kind == .number else { return true }
            let value = bytes.withUnsafeBytes {
                JSONNumber.double(UnsafeRawBufferPointer(rebasing: $0[token.start..<token.end]))
            }
            return value.isFinite
        }
    }
}
