import ConnectorConfiguration
import TestRandomness
import Testing
import YAMLSupport

/// Valid files with one thing wrong: each is refused with a message that names the place.
@Suite struct MutationsTests {
    private struct Line {
        var file: String
        /// Counted from 1.
        var number: Int
        var indent: Substring
        var key: String
        var value: String
        var kind: KeyRecord.Kind
    }

    private static let samples = ConfigurationPages.samples()
    private static let lines = samples.flatMap { lines(of: $0.file, $0.text) }

    /// The lines of a sample that give a value, with what the reader knows of the key.
    private static func lines(of file: String, _ text: String) -> [Line] {
        let reader = ConfigurationReader(file: file, environment: [:])
        guard let keys = try? reader.inspect(text).keys else { return [] }
        var kinds: [Int: KeyRecord.Kind] = [:]
        for key in keys {
            if case .file(_, let line, _, _) = key.origin { kinds[line] = key.kind }
        }
        return text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap { index, line in
            guard let match = line.wholeMatch(of: /( *(?:- )?)([a-z_0-9]+): ([^#]+?)  #.*/),
                let kind = kinds[index + 1]
            else { return nil }
            return Line(
                file: file, number: index + 1, indent: match.1, key: String(match.2), value: String(match.3), kind: kind
            )
        }
    }

    /// What is said of the sample when the line reads otherwise.
    private static func findings(_ line: Line, _ replacement: String) -> [Finding] {
        guard let sample = samples.first(where: { $0.file == line.file }) else { return [] }
        var lines = sample.text.split(separator: "\n", omittingEmptySubsequences: false)
        lines[line.number - 1] = line.indent + replacement
        return refusal(lines.joined(separator: "\n"), file: line.file)
    }

    private static func refusal(_ text: String, file: String = "penstock.yaml") -> [Finding] {
        do {
            _ = try ConfigurationReader(file: file, environment: [:]).read(text)
            return []
        } catch {
            return error.findings
        }
    }

    /// A letter left out, two letters swapped: the message names the line and the key that was meant.
    @Test func slipsOfTheHandInKeys() {
        var count = 0
        for line in Self.lines {
            var letters = Array(line.key)
            letters.swapAt(letters.count - 1, letters.count - 2)
            let swapped = String(letters) == line.key ? [] : [String(letters)]
            // One kind of slip a line is enough.
            for slip in line.number % 2 == 0 ? swapped : [String(line.key.prefix(1) + line.key.dropFirst(2))] {
                let findings = Self.findings(line, "\(slip): \(line.value)")
                let finding = findings.first { $0.line == line.number && $0.keyPath.hasSuffix(slip) }
                #expect(finding?.problem.contains("did you mean") == true, "\(line.file):\(line.number) \(slip)")
                count += 1
            }
        }
        #expect(count >= 100, "\(count)")
    }

    /// Words for numbers, blocks for words, lists for truth, numbers that are too large: line and key are named.
    @Test func valuesThatCannotBe() {
        var count = 0
        for line in Self.lines {
            for value in Self.impossible(line.kind) {
                let findings = Self.findings(line, "\(line.key): \(value)")
                #expect(
                    findings.contains { $0.line == line.number && $0.keyPath.contains(line.key) },
                    "\(line.file):\(line.number) \(line.key): \(value) gives \(findings)")
                count += 1
            }
        }
        #expect(count >= 250, "\(count)")
    }

    private static func impossible(_ kind: KeyRecord.Kind) -> [String] {
        switch kind {
        case .whole(let range): ["[1.5]", "x1", "\(range.lowerBound - 1)", "\(range.upperBound + 1)"]
        case .number(let range):
            ["[1]", ".nan"]
                + (range.map { ["\($0.upperBound + 1)", "\($0.lowerBound - 1)"] } ?? [])
        case .truth: ["2", "[true]"]
        case .words: ["nonsense", "{a: b}"]
        case .time: ["soon", "-1", "99999999d"]
        case .text: ["[a]", "\"${env:NOWHERE}\"", "\"${credential:nowhere}\""]
        case .texts: ["{a: b}", "[[a]]"]
        default: []
        }
    }

    @Test(arguments: [
        ("sources: [{name: a, endpoint: x:1}, {name: a, endpoint: x:2}]", 1, "two sources are named 'a'"),
        ("web_ui: {port: 1}\nweb_ui: {port: 2}\n", 1, "key written twice: web_ui"),
        ("web_ui:\n  port: 1\n  port: 2\n", 2, "key written twice: port"),
        ("a: &a [*a]\n", 1, ""), ("a: &a {b: *a}\n", 1, ""), ("a: *nowhere\n", 1, "undefined alias"),
        ("sources:\n\t- name: x\n", 2, "character"), ("sources: [\n", 2, ""), ("a: 'b\n", 2, "unexpected end"),
        ("? [a, b]\n: 1\n", 1, "single word"), ("- a\n- b\n", 1, "a block of keys is expected"),
        ("just words\n", 1, ""),
        ("sources: {a: b}\n", 1, "a list is expected"), ("sources: [7]\n", 1, "a block of keys is expected"),
        ("sources: [[]]\n", 1, "a block of keys is expected"), ("sources: [~]\n", 1, "is missing"),
        ("zerobus: {source_targets: {nobody: {table: x}}}\n", 1, "there is no source 'nobody'"),
        ("zerobus: {source_targets: [a]}\n", 1, "a block is expected"),
        ("slave_id: 3\n", 1, "unknown key"), ("a: 1\n---\nb: 2\n", 2, ""),
        ("sources: [{name: a, endpoint: 'ftp://h'}]\n", 1, "names no protocol"),
        ("sources: [{name: a, endpoint: 'modbus://h', topics: [a]}]\n", 1, "unknown key"),
        ("web_ui: {tls: {enabled: true}}\n", 1, "is not possible in this build"),
        ("web_ui: {authentication: {enabled: true}}\n", 1, "is not possible in this build"),
        ("discovery: {network: {subnets: [10.0.0.0/8]}}\n", 1, "max_hosts allows"),
        ("discovery: {network: {subnets: [10.0.0]}}\n", 1, "is no subnet"),
        ("logging: {max_files: 3}\n", 1, "needs file"),
        ("monitoring: {opentelemetry: {endpoint: collector}}\n", 1, "is no URL"),
        ("sources: [{name: a, base_url: 'https://h', auth: {kind: basic}}]\n", 1, "needs it"),
        ("sources: [{name: a, connection_string: 'mysql://h/d', query: q}]\n", 1, "odbc_driver: is missing"),
        ("backpressure: {durability: journal, disk_spool: {enabled: false}}\n", 1, "needs the disk"),
        ("databricks: {client_id: a}\nzerobus: {auth: {client_id: b}}\n", 2, "says otherwise than"),
        ("web_port: 1\nweb_ui: {port: 2}\n", 1, "says otherwise than 'web_ui.port' in line 2"),
        ("pipeline: {speed: 3}\n", 1, "pipeline.speed: unknown key"),
    ])
    func thingsThatDoNotFit(text: String, line: Int, words: String) {
        let findings = Self.refusal(text)
        #expect(
            findings.contains { $0.description.contains(words) && abs(($0.line ?? 0) - line) <= 1 },
            "\(findings.map(\.description))")
    }

    /// Texts that are made to hurt are refused in words, without taking much of anything.
    @Test(arguments: [
        ("10 MB", 1), ("deep brackets", 2), ("deep braces", 3), ("deep dashes", 4), ("deep questions", 5),
        ("deep indents", 6), ("alias bomb", 7), ("long key", 8), ("many keys", 9), ("control characters", 10),
        ("many sources", 11),
    ])
    func textsThatHurt(name: String, number: Int) {
        let text =
            switch number {
            case 1: String(repeating: "# nothing but remarks\n", count: 500_000)
            case 2: String(repeating: "[", count: 200_000)
            case 3: String(repeating: "{a: ", count: 100_000)
            case 4: String(repeating: "- ", count: 200_000)
            case 5: String(repeating: "? ", count: 200_000)
            case 6: (0..<2000).map { String(repeating: " ", count: $0) + "a:\n" }.joined()
            case 7: Self.bomb
            case 8: String(repeating: "k", count: 3_000_000) + ": 1\n"
            case 9: (0..<2000).map { "key_\($0): \($0)\n" }.joined()
            case 10: "sources: \u{1}\u{7}\u{0}\n"
            default:
                "sources:\n" + (0..<400).map { "  - {name: s\($0), endpoint: h:1, unit_id: 999}\n" }.joined()
            }
        let findings = Self.refusal(text)
        #expect(!findings.isEmpty && findings.count <= 100, "\(name)")
        #expect(
            findings.allSatisfy { $0.description.hasPrefix("penstock.yaml") && $0.description.utf8.count < 2000 })
    }

    private static var bomb: String {
        (1...9).reduce("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n") { text, level in
            text + "a\(level): &a\(level) [" + (0..<10).map { _ in "*a\(level - 1)" }.joined(separator: ",") + "]\n"
        }
    }

    /// Any bytes are read or refused, never more: seeded noise, and valid files with bytes changed.
    @Test func noise() {
        var generator = SeededRandom(seed: 20_261_121)
        for _ in 0..<100 {
            let bytes = (0..<Int.random(in: 1...400, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            _ = Self.refusal(String(decoding: bytes, as: UTF8.self))
        }
        for sample in Self.samples {
            for _ in 0..<8 {
                var bytes = Array(sample.text.utf8)
                for _ in 0..<3 {
                    bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(
                        in: 0...255, using: &generator)
                }
                _ = Self.refusal(String(decoding: bytes, as: UTF8.self))
            }
        }
    }
}
