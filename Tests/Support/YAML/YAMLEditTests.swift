import TestRandomness
import Testing

@testable import YAMLSupport

@Suite struct YAMLEditTests {
    private let text = """
        # The plant in Rotterdam
        state_directory: /var/lib/penstock   # on the big disk

        sources:
          # The old press
          - name: press
            endpoint: opc.tcp://10.0.0.1:4840  # hall 3
            nodes:
              - ns=2;s=a   # pressure
              - "ns=2;s=b"
          # The new boiler
          - name: boiler
            endpoint: modbus://10.0.0.2
            registers:
            - {address: 1, name: t}   # flow style

        # Where rows go
        zerobus:
          auth:
            client_id: abc
            client_secret: 'it''s clear'  # to be moved
          default_target: {catalog: main,
            table: rows}
        # the end

        """

    private func tree() throws -> YAMLTree { YAMLTree(try YAMLDocument.parse(text)) }

    private func edit(_ change: (inout YAMLTree) -> Void) throws -> String {
        var wanted = try tree()
        change(&wanted)
        return try #require(YAMLEdit.text(text, changedTo: wanted))
    }

    @Test func nothingChangesWhenNothingIsAskedFor() throws {
        #expect(try edit { _ in } == text)
    }

    @Test func aValueChangesInItsPlace() throws {
        let edited = try edit { $0[key: "state_directory"] = .text("/data") }
        #expect(edited == text.replacing("/var/lib/penstock ", with: "/data "))
        let secret = try edit { tree in
            var zerobus = tree[key: "zerobus"] ?? .empty
            var auth = zerobus[key: "auth"] ?? .empty
            auth[key: "client_secret"] = .text("${credential:zerobus.client_secret}")
            zerobus[key: "auth"] = auth
            tree[key: "zerobus"] = zerobus
        }
        #expect(secret == text.replacing("'it''s clear'", with: "\"${credential:zerobus.client_secret}\""))
    }

    @Test func keysComeAndGoWithTheCommentsOfOthersKept() throws {
        let edited = try edit { tree in
            tree[key: "zerobus"] = nil
            tree[key: "logging"] = .block([.init("level", .text("debug"))])
        }
        #expect(
            edited
                == text.split(separator: "# Where rows go")[0]
                + "# Where rows go\nlogging:\n  level: debug\n# the end\n")
    }

    @Test func thingsWithNamesAreChangedByName() throws {
        let edited = try edit { tree in
            guard case .list(var items)? = tree[key: "sources"] else { return }
            items[1][key: "endpoint"] = .text("modbus://10.0.0.3")
            items[1][key: "enabled"] = .truth(false)
            items.append(.block([.init("name", .text("pump")), .init("unit_id", .number("3"))]))
            tree[key: "sources"] = .list(items)
        }
        #expect(
            edited
                == text.replacing("modbus://10.0.0.2", with: "modbus://10.0.0.3").replacing(
                    "# flow style\n",
                    with: "# flow style\n    enabled: false\n  - name: pump\n    unit_id: 3\n"))
    }

    @Test func aThingIsTakenOut() throws {
        let edited = try edit { tree in
            guard case .list(let items)? = tree[key: "sources"] else { return }
            tree[key: "sources"] = .list([items[1]])
        }
        #expect(edited.contains("# The old press\n  # The new boiler\n  - name: boiler"))
        #expect(!edited.contains("name: press"))
    }

    @Test func listsOfPlainValuesAreChangedItemByItem() throws {
        func edit(_ nodes: [String]) throws -> String {
            try self.edit { tree in
                guard case .list(var items)? = tree[key: "sources"] else { return }
                items[0][key: "nodes"] = .list(nodes.map(YAMLTree.text))
                tree[key: "sources"] = .list(items)
            }
        }
        #expect(try edit(["ns=2;s=a", "c", "ns=2;s=b"]).contains("# pressure\n      - c\n      - \"ns=2;s=b\"\n"))
        #expect(try edit(["ns=2;s=a"]).contains("# pressure\n  # The new boiler"))
        #expect(try edit(["ns=2;s=b"]).contains("nodes:\n      - \"ns=2;s=b\"\n"))
        #expect(try edit([]).contains("    nodes: []\n"))
        #expect(try edit(["x y", "ns=2;s=b"]).contains("- \"x y\"   # pressure\n"))
    }

    @Test func whatStandsInBracesIsWrittenAnewAndTheRestStays() throws {
        let edited = try edit { tree in
            var zerobus = tree[key: "zerobus"] ?? .empty
            zerobus[key: "default_target"] = .block([.init("table", .text("other"))])
            tree[key: "zerobus"] = zerobus
        }
        #expect(edited.contains("  default_target:\n    table: other\n# the end\n"))
        #expect(edited.contains("# to be moved\n"))
    }

    @Test(arguments: ["", "# only a comment\n", "\n\n"])
    func anEmptyTextIsFilled(text: String) throws {
        let wanted = YAMLTree.block([.init("web_ui", .block([.init("port", .number("8081"))]))])
        #expect(YAMLEdit.text(text, changedTo: wanted)?.hasSuffix("web_ui:\n  port: 8081\n") == true)
    }

    @Test func lineEndsOfWindowsStay() throws {
        let edited = YAMLEdit.text(
            "a: 1\r\nb: 2 # two\r\n", changedTo: .block([.init("a", .number("1")), .init("b", .number("3"))]))
        #expect(edited == "a: 1\r\nb: 3 # two\r\n")
    }

    /// What cannot be changed in places is not changed at all.
    @Test(arguments: ["{a: 1}\n", "- 1\n", "a: 1\n---\nb: 2\n", "a: [", "a: 1\u{2028}b: 2\n"])
    func otherTextsAreLeft(text: String) {
        #expect(YAMLEdit.text(text, changedTo: .block([.init("c", .block([.init("b", .number("5"))]))])) == nil)
    }

    /// Changes at random give what is wanted, or nothing.
    @Test func everyEditMeansWhatIsWanted() throws {
        var random = SeededRandom(seed: 7)
        var edited = 0
        for _ in 0..<150 {
            var wanted = try tree()
            for _ in 0..<Int.random(in: 1...4, using: &random) { wanted = changed(wanted, &random) }
            guard let result = YAMLEdit.text(text, changedTo: wanted) else { continue }
            edited += 1
            #expect(YAMLTree(try YAMLDocument.parse(result)).withoutNulls == wanted.withoutNulls)
            let anew = YAMLText.document(wanted)
            #expect(YAMLTree(try YAMLDocument.parse(anew)).withoutNulls == wanted.withoutNulls)
        }
        #expect(edited > 100)
    }

    private func changed(_ tree: YAMLTree, _ random: inout SeededRandom) -> YAMLTree {
        switch tree {
        case .block(var members) where !members.isEmpty && Int.random(in: 0..<8, using: &random) > 0:
            let index = Int.random(in: members.indices, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: members.remove(at: index)
            case 1: members.append(.init("key_\(Int.random(in: 0..<1000, using: &random))", value(&random)))
            default: members[index].value = changed(members[index].value, &random)
            }
            return .block(members)
        case .list(var items) where !items.isEmpty && Int.random(in: 0..<8, using: &random) > 0:
            let index = Int.random(in: items.indices, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: items.remove(at: index)
            case 1: items.insert(value(&random), at: index)
            case 2: items.reverse()
            default: items[index] = changed(items[index], &random)
            }
            return .list(items)
        default: return value(&random)
        }
    }

    private func value(_ random: inout SeededRandom) -> YAMLTree {
        let texts = [
            "", " ", "true", "5", "a: b", "# x", "- y", "${credential:a.b}", "ü\"\\\n\t\u{1}\u{85}", "'", "plain",
            "null",
            "*a", "&b", "!c", "%d", "@e", "`f", "a #b", "a:", "{", "]", "x\u{FEFF}", "\u{1F600}", "on", "/dev/ttyS0",
        ]
        return switch Int.random(in: 0..<6, using: &random) {
        case 0: .number("\(Int.random(in: -5...5, using: &random))")
        case 1: .truth(false)
        case 2: .list([.text(texts[Int.random(in: texts.indices, using: &random)]), .number("1.5e3")])
        case 3: .block([.init(texts[Int.random(in: 2..<texts.count, using: &random)], .text("v")), .init("e", .empty)])
        default: .text(texts[Int.random(in: texts.indices, using: &random)])
        }
    }
}
