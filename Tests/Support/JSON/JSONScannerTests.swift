import Foundation
import JSONSupport
import Testing

/// Scans the whole text; every token is read out so that reading is tested too.
func scan(_ bytes: [UInt8], takesNonFinite: Bool = false) throws(JSONError) -> [JSONToken] {
    let result = bytes.withUnsafeBytes { raw -> Result<[JSONToken], JSONError> in
        var scanner = JSONScanner(raw, takesNonFinite: takesNonFinite)
        var tokens: [JSONToken] = []
        do throws(JSONError) {
            while true {
                let token = try scanner.next()
                tokens.append(token)
                switch token.kind {
                case .end: return .success(tokens)
                case .number: _ = scanner.number(token)
                case .key, .string: _ = scanner.string(token)
                default: break
                }
            }
        } catch {
            return .failure(error)
        }
    }
    return try result.get()
}

func isAccepted(_ bytes: [UInt8]) -> Bool {
    do throws(JSONError) {
        _ = try scan(bytes)
        return true
    } catch {
        return false
    }
}

@Suite struct JSONScannerTests {
    @Test(arguments: acceptedTexts)
    func accepts(text: String) throws {
        #expect(try scan(Array(text.utf8)).last?.kind == .end)
    }

    @Test(arguments: refusedTexts)
    func refuses(text: String) {
        #expect(!isAccepted(Array(text.utf8)))
    }

    @Test(arguments: brokenUTF8)
    func refusesWhatIsNoUTF8(bytes: [UInt8]) {
        #expect(!isAccepted([0x22] + bytes + [0x22]))
        #expect(!isAccepted(Array("\"far from the start ".utf8) + bytes + Array(" and from the end\"".utf8)))
        #expect(!isAccepted(bytes))
    }

    @Test func agreesWithFoundation() {
        for text in acceptedTexts where !text.hasPrefix("[[[") {
            #expect(foundationAccepts(Data(text.utf8)), "\(text)")
        }
        for text in refusedTexts where !foundationIsLenient(Array(text.utf8)) {
            #expect(!foundationAccepts(Data(text.utf8)), "\(text)")
        }
    }

    @Test func tokensAndRanges() throws {
        let text = #"{"a\n":[-1.5,2, "x" ,true,null]}"#
        let tokens = try scan(Array(text.utf8))
        #expect(
            tokens.map(\.kind) == [
                .beginObject, .key, .beginArray, .number, .number, .string, .true, .null, .endArray, .endObject, .end,
            ])
        let utf8 = Array(text.utf8)
        #expect(
            tokens.map { String(decoding: utf8[$0.start..<$0.end], as: UTF8.self) } == [
                "{", "a\\n", "[", "-1.5", "2", "x", "true", "null", "]", "}", "",
            ])
        #expect(tokens[1].hasEscapes && !tokens[5].hasEscapes)
        #expect(!tokens[3].isInteger && tokens[4].isInteger)
    }

    static let faults: [(String, JSONError.Code, Int)] = [
        ("[1,", .truncated, 3), ("[1 2]", .unexpectedByte, 3), ("1 2", .trailingText, 2), ("01", .badNumber, 0),
        ("\"a\\x\"", .badEscape, 2), ("\"a\u{01}\"", .controlCharacter, 2), ("-", .truncated, 1),
        ("1.x", .badNumber, 2),
        (String(repeating: "[", count: 65), .tooDeep, 64), ("\"abc", .truncated, 4),
    ]

    @Test(arguments: faults)
    func namesTheFaultAndItsPlace(text: String, code: JSONError.Code, offset: Int) {
        let error = #expect(throws: JSONError.self) { try scan(Array(text.utf8)) }
        #expect(error?.code == code)
        #expect(error?.offset == offset)
    }

    @Test func depthIsLimited() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let deepest = String(repeating: open, count: 64) + "1" + String(repeating: close, count: 64)
            #expect(isAccepted(Array(deepest.utf8)))
            #expect(!isAccepted(Array((open + deepest + close).utf8)))
        }
    }

    @Test func skipsAContainer() throws {
        let text = Array(#"{"a": [1, {"b": "]"}] , "c": 2}"#.utf8)
        try text.withUnsafeBytes { raw in
            var scanner = JSONScanner(raw)
            _ = try scanner.next()
            _ = try scanner.next()
            let begin = try scanner.next()
            let range = try scanner.skip(begin)
            #expect(String(decoding: scanner.text(range), as: UTF8.self) == #"[1, {"b": "]"}]"#)
            let key = try scanner.next()
            #expect(scanner.equals(key, "c"))
            #expect(scanner.openLevels == 1)
        }
    }

    @Test func nonFiniteWordsAreTakenOnRequestOnly() throws {
        for word in ["NaN", "Infinity", "-Infinity"] {
            let text = Array("{\"value\":\(word),\"n\":-1}".utf8)
            #expect(!isAccepted(text))
            #expect(try scan(text, takesNonFinite: true).map(\.kind).contains(.nonFinite))
            for count in 0..<text.count {
                #expect(throws: JSONError.self) { try scan(Array(text[..<count]), takesNonFinite: true) }
            }
        }
        #expect(throws: JSONError.self) { try scan(Array("nan".utf8), takesNonFinite: true) }
        #expect(throws: JSONError.self) { try scan(Array("-Inf".utf8), takesNonFinite: true) }
    }
}

/// Whether the parser of Foundation takes the text, with a single value allowed at the top.
func foundationAccepts(_ data: Data) -> Bool {
    (try? JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed)) != nil
}

/// Where Foundation is known to take more than RFC 8259: a byte order mark, and a comma before a closing bracket.
func foundationIsLenient(_ bytes: [UInt8]) -> Bool {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return true }
    let dense = bytes.filter { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
    return zip(dense, dense.dropFirst()).contains { $0 == UInt8(ascii: ",") && ($1 == 0x5D || $1 == 0x7D) }
}
