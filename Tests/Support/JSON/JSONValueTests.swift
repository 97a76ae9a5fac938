import Foundation
import JSONSupport
import TestRandomness
import Testing

@Suite struct JSONValueTests {
    private func number(_ text: String) throws -> JSONNumber {
        try Array(text.utf8).withUnsafeBytes { raw in
            var scanner = JSONScanner(raw)
            let token = try scanner.next()
            return scanner.number(token)
        }
    }

    private func string(_ text: String) throws -> String {
        try Array(text.utf8).withUnsafeBytes { raw in
            var scanner = JSONScanner(raw)
            let token = try scanner.next()
            return scanner.string(token)
        }
    }

    static let numbers: [(String, JSONNumber)] = [
        ("0", .int(0)), ("-0", .int(0)), ("42", .int(42)), ("-42", .int(-42)),
        ("9223372036854775807", .int(.max)), ("-9223372036854775808", .int(.min)),
        ("9223372036854775808", .uint(9_223_372_036_854_775_808)), ("18446744073709551615", .uint(.max)),
        ("18446744073709551616", .double(18_446_744_073_709_551_616)),
        ("-9223372036854775809", .double(-9_223_372_036_854_775_808)),
        ("99999999999999999999", .double(1e20)), ("1.0", .double(1)), ("1e3", .double(1000)), ("12.5", .double(12.5)),
        ("-0.0", .double(-0.0)), ("1e22", .double(1e22)), ("1e23", .double(1e23)), ("1e-22", .double(1e-22)),
        ("123456789012345e22", .double(123456789012345e22)), ("0.000000000000000000001", .double(1e-21)),
        ("1e400", .double(.infinity)), ("-1e400", .double(-.infinity)), ("1e-400", .double(0)),
        ("1e99999999999999999999", .double(.infinity)), ("0e99999999999999999999", .double(0)),
        // The largest subnormal but for its last digits, and the smallest.
        ("2.2250738585072011e-308", .double(Double(bitPattern: 0x000F_FFFF_FFFF_FFFF))),
        ("4.9e-324", .double(.leastNonzeroMagnitude)),
        ("9007199254740993.0", .double(9007199254740992)), ("9007199254740995.0", .double(9007199254740996)),
    ]

    @Test(arguments: numbers)
    func numberIsExact(text: String, expected: JSONNumber) throws {
        #expect(try number(text) == expected)
    }

    @Test func doublesComeBackWhateverTheirDigits() throws {
        var random = SeededRandom(seed: 7)
        for _ in 0..<20_000 {
            let value = Double(bitPattern: random.next())
            guard value.isFinite else { continue }
            guard case .double(let back) = try number(text(of: value)) else {
                Issue.record("\(value) became an integer")
                continue
            }
            #expect(back.bitPattern == value.bitPattern)
            // Few digits with every exponent: the fast path and its border.
            let digits = random.next() % 1_000_000_000_000_000_0
            let exponent = Int(random.next() % 60) - 30
            let short = "\(digits)e\(exponent)"
            #expect(try number(short) == .double(try #require(Double(short))))
            let point = "\(digits).\(random.next() % 1000)"
            #expect(try number(point) == .double(try #require(Double(point))))
        }
    }

    /// The description with an exponent or fraction, so that no double looks like an integer.
    private func text(of value: Double) -> String { value.description }

    static let strings: [(String, String)] = [
        ("\"\"", ""), ("\"plain\"", "plain"), (#""a\"b\\c\/d\be\ff\ng\rh\ti""#, "a\"b\\c/d\u{8}e\u{C}f\ng\rh\ti"),
        (#""\u0041\u00e9\u20AC\uD834\uDD1E\u0000""#, "A\u{E9}\u{20AC}\u{1D11E}\u{0}"),
        ("\"°C é €\"", "°C é €"), (#""°C\u00b0""#, "°C°"),
    ]

    @Test(arguments: strings)
    func stringIsUnescaped(text: String, expected: String) throws {
        #expect(try string(text) == expected)
    }

    @Test func comparesKeysWithTheirMeaning() throws {
        try Array(#"{"value":1,"\u0076alue":2,"valuf":3,"val":4}"#.utf8).withUnsafeBytes { raw in
            var scanner = JSONScanner(raw)
            var same: [Bool] = []
            while true {
                let token = try scanner.next()
                if token.kind == .end { break }
                if token.kind == .key { same.append(scanner.equals(token, "value")) }
            }
            #expect(same == [true, true, false, false])
        }
    }

    @Test func writtenStringsComeBack() throws {
        let all = String(String.UnicodeScalarView((0..<0x180).compactMap { Unicode.Scalar($0) })) + "€𝄞\"\\"
        for text in ["", "plain", all] {
            #expect(try string(JSONText.quoted(text)) == text)
            #expect(try JSONDecoder().decode(String.self, from: Data(JSONText.quoted(text).utf8)) == text)
        }
        #expect(JSONText.quoted("a\"b\\\n\u{01}\u{1F}é") == #""a\"b\\\n\u0001\u001fé""#)
    }

    @Test func writtenNumbers() throws {
        #expect(JSONText.number(1.5) == "1.5")
        #expect(JSONText.number(Float(0.1)) == "0.1")
        #expect(JSONText.number(Double.nan) == "\"NaN\"")
        #expect(JSONText.number(Float.infinity) == "\"Infinity\"")
        #expect(JSONText.number(-Double.infinity) == "\"-Infinity\"")
        #expect(try number(JSONText.number(1e300)) == .double(1e300))
    }
}
