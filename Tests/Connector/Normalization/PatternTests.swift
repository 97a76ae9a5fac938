import ConnectorNormalization
import TestRandomness
import Testing

@Suite struct PatternTests {
    @Test(arguments: [
        ("abc", "xabcx", true), ("^abc$", "abc", true), ("^abc$", "xabc", false), ("a.c", "aßc", true),
        ("a|b|cd", "cd", true), ("^(a|b)+$", "abba", true), ("^(?:ab){2}$", "abab", true), ("^(?:ab){2}$", "ab", false),
        ("^a{2,3}$", "aaaa", false), ("^a{2,}$", "aaaa", true), ("^a?b$", "b", true), ("[0-9]+", "x7", true),
        ("^[^/]+$", "a/b", false), ("^\\w+$", "Größe_1", true), ("^\\d+$", "12", true), ("\\s", "a b", true),
        ("^\\S+$", "a b", false), ("\\.", "a.b", true), ("^\\.$", "a", false), ("(?i)TEMP", "reactor_Temp", true),
        ("TEMP", "reactor_Temp", false), ("[]a]", "]", true), ("[a-]", "-", true), ("^$", "", true),
        ("^a*?b", "aab", true), ("(?i)[a-f]", "E", true), ("^[\\d_]+$", "1_2", true), ("a||b", "", true),
    ])
    func matches(_ pattern: String, _ text: String, _ expected: Bool) throws {
        #expect(try Pattern(pattern).matches(text) == expected)
    }

    @Test func namedGroupsHoldWhatTheyTook() throws {
        let pattern = try Pattern("^(?<site>[^/]+)/(?P<area>[^/]+)(?:/line(?<line>\\d+))?/")
        #expect(pattern.groupNames == ["site", "area", "line"])
        #expect(
            pattern.groups(in: "plant1/production/line2/robot1") == [
                "site": "plant1", "area": "production", "line": "2",
            ])
        #expect(pattern.groups(in: "plant1/production/robot1") == ["site": "plant1", "area": "production"])
        #expect(pattern.groups(in: "plant1") == nil)
    }

    @Test func greedyAndLazyTakeMuchAndLittle() throws {
        #expect(try Pattern("(?<x>a+)").groups(in: "baaa") == ["x": "aaa"])
        #expect(try Pattern("(?<x>a+?)").groups(in: "baaa") == ["x": "a"])
        #expect(try Pattern("^(?<x>.*)/(?<y>.*)$").groups(in: "a/b/c") == ["x": "a/b", "y": "c"])
        #expect(try Pattern("^(?<x>.*?)/(?<y>.*)$").groups(in: "a/b/c") == ["x": "a", "y": "b/c"])
        // The one further left, then the alternative that is written first.
        #expect(try Pattern("(?<x>b|ab|abc)").groups(in: "zabc") == ["x": "ab"])
    }

    /// Each would take a backtracking engine longer than the age of the universe.
    @Test(arguments: [
        "^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "^(?:a?){30}a{30}$", "^(.*)(.*)(.*)(.*)(.*)(.*)x$", "^(a*)*$",
    ])
    func noPatternIsSlow(_ text: String) throws {
        let pattern = try Pattern(text)
        #expect(!pattern.matches(String(repeating: "a", count: 2000) + "!"))
    }

    @Test func longTextsDoNotMatch() throws {
        let pattern = try Pattern("a")
        #expect(pattern.matches(String(repeating: "a", count: Pattern.textUnitsMax)))
        #expect(!pattern.matches(String(repeating: "a", count: Pattern.textUnitsMax + 1)))
    }

    @Test(arguments: [
        "", "(", ")", "a)", "[", "[a", "*", "a**", "a{", "a{x}", "a{3,2}", "(?<>a)", "(?<A>a)", "(?<1>a)", "\\", "\\1",
        "[z-a]", "(?<x>a)(?<x>b)", "(?<x", "a+{2}", "[\\", "(?", "{1}",
    ])
    func whatIsNoPatternIsRefused(_ text: String) {
        #expect(throws: PatternError.self) { try Pattern(text) }
    }

    @Test func longPatternsAreRefused() throws {
        _ = try Pattern(String(repeating: "a", count: Pattern.charactersMax))
        #expect(throws: PatternError.self) { try Pattern(String(repeating: "a", count: Pattern.charactersMax + 1)) }
        // As deep as the length allows.
        let depth = (Pattern.charactersMax - 1) / 2
        let deep = String(repeating: "(", count: depth) + "a" + String(repeating: ")", count: depth)
        #expect((try? Pattern(deep))?.matches("a") != false)
    }

    @Test func onlyWhatOpensAGroupNamesOne() throws {
        #expect(try Pattern("\\(?<x>").groupNames == [])
        #expect(try Pattern("[(?<x>]").groupNames == [])
        #expect(try Pattern("(?<=a)(?<signal_type>b)(?<!c)").groups(in: "ab") == ["signal_type": "b"])
    }

    @Test func garbageNeverTraps() {
        var random = SeededRandom(seed: 11)
        let letters = Array("ab(?<>)[]{}*+|^$\\.,-13P:")
        var accepted = 0
        for _ in 0..<3000 {
            let text = String(
                (0..<Int.random(in: 0...14, using: &random)).map { _ in letters.randomElement(using: &random) ?? "a" })
            guard let pattern = try? Pattern(text) else { continue }
            accepted += 1
            _ = pattern.groups(in: "aab(13)b-P:a,,.")
        }
        #expect(accepted > 100)
    }
}
