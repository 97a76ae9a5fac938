import Testing
import YAMLSupport

/// Keys and words under other names: taken, told once, and refused where two spellings disagree.
@Suite struct SectionOtherNamesTests {
    private func read(
        _ text: String, _ environment: [String: String] = [:]
    ) -> (unit: Int, interval: Int, kind: String?, messages: [String]) {
        var unit = 0
        var interval = 0
        var kind: String?
        do {
            let (_, warnings) = try StrictDocument.read(text, file: "f", environment: environment) { root in
                for var item in root.sections("items") {
                    item.accept("slave_id", "old.slave_id", for: "unit_id")
                    item.accept("interval", for: "interval_ms", as: .secondsAsMilliseconds)
                    item.accept(words: ["float": "float32"], in: "kind")
                    unit = item.integer("unit_id", default: 1, in: 0...255)
                    interval = item.integer("interval_ms", default: 1000, in: 1...100_000)
                    kind = item.string("kind")
                    item.finish()
                }
            }
            return (unit, interval, kind, warnings.map(\.description))
        } catch {
            return (unit, interval, kind, error.findings.map { "error " + $0.description })
        }
    }

    @Test func anotherNameIsTakenAndTold() {
        let found = read("items:\n  - {slave_id: 7, interval: 0.25, kind: Float}\n")
        #expect(found.unit == 7 && found.interval == 250 && found.kind == "float32")
        #expect(
            found.messages == [
                "f:2: items[0].slave_id: is taken as 'unit_id'; write it so",
                "f:2: items[0].interval: is taken as 'interval_ms'; write it so",
                "f:2: items[0].kind: 'Float' is taken as 'float32'; write it so",
            ])
    }

    @Test func canonicalNamesAreNotToldOf() {
        #expect(read("items: [{unit_id: 7, interval_ms: 250, kind: float32}]").messages.isEmpty)
    }

    @Test func aBlockOfOldNamesIsTakenAndItsUnknownKeysAreNot() {
        let found = read("items:\n  - old: {slave_id: 9}\n")
        #expect(found.unit == 9)
        #expect(found.messages == ["f:2: items[0].old.slave_id: is taken as 'unit_id'; write it so"])
        #expect(
            read("items:\n  - old: {slave_id: 9, speed: 1}\n").messages == [
                "error f:2: items[0].old.speed: unknown key"
            ])
    }

    @Test func twoSpellingsMayAgreeAndMayNotDiffer() {
        #expect(read("items: [{unit_id: 7, slave_id: 7}]").unit == 7)
        #expect(read("items: [{interval_ms: 500, interval: 500ms}]").interval == 500)
        #expect(
            read("items:\n  - unit_id: 7\n    slave_id: 8\n").messages == [
                "error f:3: items[0].slave_id: says otherwise than 'unit_id' in line 2; keep only 'unit_id'"
            ])
        #expect(read("items: [{slave_id: 7, old: {slave_id: 8}}]").messages.count == 1)
    }

    @Test func whatIsWrongIsToldUnderTheNameInTheFile() {
        #expect(
            read("items:\n  - slave_id: 300\n").messages == [
                "error f:2: items[0].slave_id: 300 is out of range; 0 to 255 is possible"
            ])
        #expect(
            read("items:\n  - interval: soon\n").messages == [
                "error f:2: items[0].interval: a time such as 2, 0.5, 500ms or 1m is expected, found 'soon'"
            ])
        #expect(read("items: [{interval: \"${T}\"}]", ["T": "2s"]).interval == 2_000)
        #expect(read("items: [{interval: \"${T}\"}]").messages.count == 1)
    }

    @Test func eachSpellingIsToldOnceHoweverManyItemsHaveIt() {
        let text = "items:\n" + (0..<500).map { "  - {slave_id: \($0 % 200)}\n" }.joined()
        #expect(read(text).messages == ["f:2: items[0].slave_id: is taken as 'unit_id'; write it so"])
    }
}
