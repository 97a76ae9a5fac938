import Testing

@testable import YAMLSupport

@Suite struct YAMLMergeTests {
    private func lay(_ upper: String, over lower: String) throws -> YAMLTree {
        YAMLTree(
            YAMLMerge.lay(try YAMLDocument.parse(upper), over: try YAMLDocument.parse(lower), file: "upper.yaml"))
    }

    private func tree(_ text: String) throws -> YAMLTree { YAMLTree(try YAMLDocument.parse(text)) }

    @Test(arguments: [
        ("a: 1", "b: 2", "{a: 1, b: 2}"),
        ("a: {x: 1}", "a: {y: 2}", "{a: {x: 1, y: 2}}"),
        ("a: null", "{a: 1, b: 2}", "b: 2"),
        ("a: null", "b: 2", "b: 2"),
        ("a: {x: null, y: 1}", "b: 2", "{b: 2, a: {y: 1}}"),
        ("a: [1]", "a: [2, 3]", "a: [1]"),
        (
            "a: [{name: p, v: 1}]", "a: [{name: q, v: 2}, {name: p, w: 3}]",
            "a: [{name: q, v: 2}, {name: p, v: 1, w: 3}]"
        ),
        (
            "a: {p: null, q: {v: 5}, r: {v: 6}}", "a: [{name: q, v: 2}, {name: p}]",
            "a: [{name: q, v: 5}, {name: r, v: 6}]"
        ),
        ("a: [{name: p}]", "a: [{v: 1}]", "a: [{name: p}]"),
        ("sources: {p: {v: 1}, q: null}", "b: 1", "{b: 1, sources: [{name: p, v: 1}]}"),
        ("sources: {p: {v: 1}}", "sources: []", "sources: [{name: p, v: 1}]"),
        ("", "a: 1", "a: 1"), ("~", "a: 1", "a: 1"), ("a: 1", "", "a: 1"),
        ("{\"a\": {\"x\": null}, \"b\": [\"c\"]}", "a: {x: 1}", "{a: {}, b: [c]}"),
    ])
    func oneIsLaidOverTheOther(upper: String, lower: String, result: String) throws {
        #expect(try lay(upper, over: lower).isEquivalent(to: try tree(result)))
    }

    @Test func entriesRememberTheirFile() throws {
        let root = YAMLMerge.lay(
            try YAMLDocument.parse("a:\n  x: 1\nsources:\n  p:\n    v: 1"),
            over: try YAMLDocument.parse("a:\n  x: 2\n  y: 3\nsources:\n  - name: p\n    w: 2"), file: "upper.yaml")
        guard case .mapping(let entries, _)? = root, case .mapping(let inner, _) = entries[0].value,
            case .sequence(let items, _) = entries[1].value, case .mapping(let source, _) = items[0]
        else {
            Issue.record("another shape")
            return
        }
        #expect(entries.map(\.file) == [nil, nil])
        #expect(inner.map(\.file) == ["upper.yaml", nil])
        #expect(inner.map(\.line) == [2, 3])
        #expect(source.map(\.key) == ["name", "w", "v"])
        #expect(source.map(\.file) == [nil, nil, "upper.yaml"])
    }

    @Test(arguments: [
        ("a: 1", "a: 2"), ("a: 1", "b: 1"), ("a: {x: 1, y: 2}", "a: {x: 1}"), ("a: [1]", "a: []"),
        ("a: {x: 1}", "a: 5"),
        ("sources: [{name: p, v: 1}, {name: q}]", "sources: [{name: q, w: [1]}, {name: r}]"),
        ("sources: [{name: p}]", "sources: []"), ("sources: []", "sources: [{name: p}]"), ("", "sources: [{name: p}]"),
        (
            "sources: [{name: p, registers: [{address: 1}]}]",
            "sources: [{name: p, registers: [{address: 2}, {address: 3}]}]"
        ),
        (
            "sources: [{name: p, registers: [{name: a}, {name: b}]}]",
            "sources: [{name: p, registers: [{name: b}, {v: 1}]}]"
        ),
        ("a: 1", "a: 1"),
    ])
    func whatIsBetweenThemLeadsFromOneToTheOther(lower: String, wanted: String) throws {
        let wanted = try tree(wanted)
        guard let difference = YAMLMerge.difference(from: try tree(lower), to: wanted) else {
            #expect(try tree(lower).isEquivalent(to: wanted))
            return
        }
        #expect(try lay(YAMLText.document(difference), over: lower).isEquivalent(to: wanted))
    }

    /// The examples of RFC 7396, appendix A, that are about objects.
    @Test(arguments: [
        ("{a: b}", "{a: c}", "{a: c}"), ("{a: b}", "{b: c}", "{a: b, b: c}"), ("{a: b}", "{a: null}", "{}"),
        ("{a: b, b: c}", "{a: null}", "{b: c}"), ("{a: [b]}", "{a: c}", "{a: c}"), ("{a: c}", "{a: [b]}", "{a: [b]}"),
        ("{a: {b: c}}", "{a: {b: d, c: null}}", "{a: {b: d}}"), ("{a: [{b: c}]}", "{a: [1]}", "{a: [1]}"),
        ("{e: null}", "{a: 1}", "{e: null, a: 1}"), ("{}", "{a: {bb: {ccc: null}}}", "{a: {bb: {}}}"),
    ])
    func aMergePatchIsThatOfTheStandard(original: String, patch: String, result: String) throws {
        #expect(try tree(original).merging(try tree(patch)) == (try tree(result)))
    }
}
