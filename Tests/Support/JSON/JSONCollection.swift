/// Texts that a strict parser must accept.
let acceptedTexts: [String] = [
    "0", "-0", "7", "-12", "1234567890", "0.5", "-0.25", "1e5", "1E+5", "1.5e-3", "0e1", "9007199254740993",
    "9223372036854775807", "-9223372036854775808", "18446744073709551615", "123456789012345678901234567890",
    "0.1234567890123456789", "1.7976931348623157e308", "4.9e-324",
    "true", "false", "null", "\"\"", "\"text\"", "  1  ", "\t\r\n 1 \n",
    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\u0041\\u00e9\\u20AC\"", "\"\\uD834\\uDD1E\"", "\"\\u0000\"",
    "\"é€𝄞\u{7F}\u{80}\u{7FF}\u{800}\u{FFFF}\u{10000}\u{10FFFF}\"",
    "\"eight by\"", "\"seven b\"", "\"nine byte\"", "\"sixteen bytes xx\"",
    "[]", "[ ]", "[1]", "[1,2,3]", "[ 1 , 2 ]", "[[],[[]],{}]", "[null,true,false,\"a\",1.5]",
    "{}", "{ }", "{\"a\":1}", "{\"a\" : 1 , \"b\" : [ {} ] }", "{\"\":0}", "{\"a\":{\"b\":{\"c\":[]}}}",
    "{\"\\u0061\":1}", "[1e2,2E-2,-3.0e+1]",
    "{\"value\": 12.5, \"unit\": \"kW\", \"timestamp\": 1700000000000}",
    String(repeating: "[", count: 64) + String(repeating: "]", count: 64),
]

/// Texts that a strict parser must refuse.
let refusedTexts: [String] = [
    "", " ", "\n", "+1", "01", "-01", "00", "1.", ".5", "-", "-.5", "1e", "1e+", "1.e5", "0x10", "1_000", "1,5",
    "1 2", "1a", "--1", "1.2.3", "1e5.5", "NaN", "Infinity", "-Infinity", "nan",
    "True", "TRUE", "tru", "truee", "nul", "nulll", "fals", "t", "undefined",
    "\"", "\"a", "\"\\\"", "\"\\", "'a'", "a", "\"a\"b", "\"\\x41\"", "\"\\u\"", "\"\\u004\"", "\"\\u004g\"",
    "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\n\"", "\"\\ud800\\ud800\"", "\"\\ud800a\"", "\"\\a\"", "\"\\'\"",
    "\"line\nbreak\"", "\"tab\there\"", "\"nul\u{00}\"", "\"unit\u{1F}\"", "\"eight ch\n\"",
    "[", "]", "[1", "[1,", "[1,]", "[,1]", "[,]", "[1 2]", "[1}", "[[]", "[]]", "[1,,2]", "[\"a\":1]",
    "{", "}", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{,}", "{\"a\" 1}", "{a:1}", "{1:1}",
    "{\"a\":1]", "{\"a\":1 \"b\":2}", "{\"a\"::1}", "{\"a\",1}", "{\"a\":}", "{null:1}", "{\"a\":1}}", "{}{}", "[]1",
    "1/* no */", "// no\n1", "[1]//", "{'a':1}", "\u{FEFF}1", "\u{A0}1", "1\u{0B}", "1\u{0C}", "[1\u{2028}]",
]

/// Bytes of strings, without their quotes, that are no UTF-8.
let brokenUTF8: [[UInt8]] = [
    [0x80],  // a continuation byte alone
    [0xBF],
    [0xC0, 0x80],  // overlong NUL
    [0xC1, 0xBF],
    [0xC2],  // cut after the lead byte
    [0xC2, 0x41],
    [0xE0, 0x80, 0x80],  // overlong
    [0xE0, 0x9F, 0xBF],
    [0xE2, 0x82],  // two of three
    [0xE2, 0x28, 0xA1],
    [0xED, 0xA0, 0x80],  // a surrogate
    [0xED, 0xBF, 0xBF],
    [0xF0, 0x80, 0x80, 0x80],  // overlong
    [0xF0, 0x8F, 0xBF, 0xBF],
    [0xF0, 0x9D, 0x84],  // three of four
    [0xF4, 0x90, 0x80, 0x80],  // above U+10FFFF
    [0xF5, 0x80, 0x80, 0x80],
    [0xFE],
    [0xFF],
]
