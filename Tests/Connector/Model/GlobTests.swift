import ConnectorModel
import Testing

@Suite struct GlobTests {
    @Test(arguments: [
        // pattern, fits, does not fit
        ("plant/t1", ["plant/t1"], ["plant/t10", "plant", "xplant/t1", ""]),
        ("plant/*", ["plant/t1", "plant/"], ["plant/a/b", "plant", "other/t1"]),
        ("plant/**", ["plant/t1", "plant/a/b", "plant/"], ["plant", "plan/t"]),
        ("**/speed", ["a/speed", "a/b/speed"], ["speed", "a/speeds"]),
        (
            "*/line?/*_temp", ["p/line1/in_temp", "p/line2/_temp"],
            ["p/line/in_temp", "p/line12/in_temp", "p/q/line1/in_temp"]
        ),
        ("a*b*c", ["abc", "axbxc", "abbcc"], ["ab", "acb", "a/bc"]),
        ("**a*/b", ["xa1/b", "q/a/b", "a/c/a/b"], ["a/b/c", "ab"]),
        ("***", ["", "anything/at all"], []),
        ("?", ["x", "ü"], ["", "xy", "/"]),
        ("", [""], ["x"]),
    ])
    func patternsFit(pattern: String, fits: [String], others: [String]) {
        for text in fits { #expect(Glob(pattern).matches(text), "\(pattern) fits \(text)") }
        for text in others { #expect(!Glob(pattern).matches(text), "\(pattern) does not fit \(text)") }
    }

    /// A pattern full of runs against a text that nearly fits must not take for ever.
    @Test func manyRunsEnd() {
        let text = String(repeating: "a", count: 2000)
        #expect(!Glob(String(repeating: "*a", count: 50) + "b").matches(text))
        #expect(!Glob(String(repeating: "**a", count: 50) + "b").matches(text))
    }

    @Test func whatTakesATreeIsKnown() {
        #expect(Glob("plant/archive/**").takesTree)
        for pattern in ["plant/archive", "plant/*", "**", "plant/**/x"] { #expect(!Glob(pattern).takesTree) }
    }
}
