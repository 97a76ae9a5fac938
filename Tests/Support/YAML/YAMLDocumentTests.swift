import Testing
import YAMLSupport

@Suite struct YAMLDocumentTests {
    @Test func nodesKnowTheirLines() throws {
        let root = try #require(try YAMLDocument.parse("a: 1\nb:\n  - x\n  - \"2\"\n"))
        guard case .mapping(let entries, _) = root else {
            Issue.record("not a mapping but \(root.kind)")
            return
        }
        #expect(entries.map(\.key) == ["a", "b"])
        #expect(entries.map(\.line) == [1, 2])
        guard case .sequence(let items, _) = entries[1].value, case .scalar(let quoted) = items[1] else {
            Issue.record("not a list but \(entries[1].value.kind)")
            return
        }
        #expect(items.map(\.line) == [3, 4])
        #expect(quoted.isQuoted && quoted.text == "2")
    }

    @Test func anEmptyTextIsNothing() throws {
        for text in ["", "# only a remark\n"] {
            let root = try YAMLDocument.parse(text)
            #expect(root == nil || root?.kind == "nothing")
        }
    }

    @Test(arguments: [
        ("a: [1, 2\nb: 3\n", 2), ("a: 1\na: 2\n", 1), ("a:\n\t- tab\n", 2), ("a: *missing\n", 1),
        ("[" + String(repeating: "[", count: 100_000), 1), ("? [complex]\n: 1\n", 1),
    ])
    func brokenTextsNameTheirLine(text: String, line: Int) {
        #expect {
            try YAMLDocument.parse(text)
        } throws: { error in
            let place = (error as? YAMLError)?.line
            return place.map { abs($0 - line) <= 1 } ?? false
        }
    }

    @Test func anAliasBombIsRefused() {
        var text = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
        for level in 1...9 {
            let items = (0..<10).map { _ in "*a\(level - 1)" }.joined(separator: ",")
            text += "a\(level): &a\(level) [\(items)]\n"
        }
        #expect(throws: YAMLError.self) { try YAMLDocument.parse(text) }
    }

    @Test func aHugeTextIsRefusedBeforeParsing() {
        #expect(throws: YAMLError.self) {
            try YAMLDocument.parse(String(repeating: "# x\n", count: YAMLDocument.bytesMax / 4 + 1))
        }
    }
}
