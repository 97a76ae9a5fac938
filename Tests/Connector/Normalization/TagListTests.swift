import ConnectorModel
import ConnectorNormalization
import TestRandomness
import Testing

@Suite struct TagListTests {
    private func table(_ text: String) throws -> CSVText { try CSVText(Array(text.utf8)) }

    // MARK: CSV

    @Test func fieldsAndLines() throws {
        let read = try table("a,b\r\n\"x,1\",\"say \"\"no\"\"\"\r\n\r\n,\"two\r\nlines\"\r\n")
        #expect(read.lineEnd == "\r\n")
        #expect(
            read.records == [
                .init(line: 1, fields: ["a", "b"]), .init(line: 2, fields: ["x,1", "say \"no\""]),
                .init(line: 4, fields: ["", "two\r\nlines"]),
            ])
        // The last line may lack its end, and the mark of the byte order is no text.
        #expect(try table("\u{FEFF}a\nb").records.map(\.fields) == [["a"], ["b"]])
        #expect(try table("\u{FEFF}a\nb").hasByteOrderMark)
        #expect(try table("").records.isEmpty)
    }

    @Test(arguments: [
        ("a,\"b", 1, "2"), ("a\n\"b\nc", 2, "1"), ("a\"b", 1, "1"), ("\"a\"b", 1, "1"), ("a\rb", 1, "1"),
        ("x\n1,2,3\"4\"", 2, "3"),
    ])
    func whatIsNoTableIsNamed(_ text: String, _ line: Int, _ column: String) {
        let problem = #expect(throws: CSVText.Problem.self) { try table(text) }
        #expect(problem?.line == line)
        #expect(problem?.column == column)
    }

    @Test func whatIsNotUTF8IsNamed() {
        #expect(throws: CSVText.Problem(line: 1, column: "1", text: "is not UTF-8 text")) { try CSVText([0x61, 0xFF]) }
    }

    @Test func limits() throws {
        let room = String(repeating: "x", count: CSVText.recordBytesMax - 1)
        #expect(try table(room + "\n").records.count == 1)
        #expect(throws: CSVText.Problem.self) { try table(room + "xx\n") }
        let commas = String(repeating: ",", count: CSVText.fieldsMax - 1)
        #expect(try table(commas).records.first?.fields.count == CSVText.fieldsMax)
        #expect(throws: CSVText.Problem.self) { try table(commas + ",") }
    }

    @Test func tablesComeBackByteForByte() throws {
        var random = SeededRandom(seed: 5)
        let pieces = ["a", "ü", ",", "\"", "\n", "\r\n", " ", "温", "", "x y"]
        for _ in 0..<300 {
            var table = CSVText(records: [])
            table.hasByteOrderMark = Bool.random(using: &random)
            table.lineEnd = Bool.random(using: &random) ? "\n" : "\r\n"
            let width = Int.random(in: 1...4, using: &random)
            for _ in 0..<Int.random(in: 1...5, using: &random) {
                let fields = (0..<width).map { _ in
                    (0..<Int.random(in: 0...4, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
                        .joined()
                }
                if fields != [""] { table.records.append(.init(fields: fields)) }
            }
            let text = table.text
            let again = try CSVText(Array(text.utf8))
            #expect(again.records.map(\.fields) == table.records.map(\.fields))
            if !table.records.isEmpty { #expect(again.text == text) }
        }
    }

    @Test func garbageNeverTraps() {
        var random = SeededRandom(seed: 6)
        let bytes: [UInt8] = [0x22, 0x2C, 0x0A, 0x0D, 0x61, 0xC3, 0xFF, 0x20]
        for _ in 0..<3000 {
            let text = (0..<Int.random(in: 0...20, using: &random)).map { _ in bytes.randomElement(using: &random) ?? 0
            }
            guard let table = try? CSVText(text) else { continue }
            _ = TagListReader(table, protocolType: nil)
        }
    }

    // MARK: Lists

    private let full = #"""
        address,name,unit,site,area,line,equipment,signal_type,enabled,scale,offset,clamp_low,clamp_high,deadband,report,sdt_deviation,sdt_min_interval_ms,sdt_max_interval_ms,heartbeat_ms
        1/holding/40,flow,m3/h,Plant 1,hall,line1,pump,flow,true,0.1,-5,0,100,2% of 150,,,,,60000
        1/holding/41,,,,,,,,false,,,,,0.5,,,,,
        1/holding/42,"a ""b""",,,,,,,,,,,,,on_change,,,,
        1/holding/43,,,,,,,,,,,,,,,0.25,500,10000,
        1/holding/44,,,,,,,,,,,,,3%,,,,,

        """#

    @Test func everyColumnIsRead() throws {
        let reader = TagListReader(try table(full), protocolType: "modbus")
        #expect(reader.problems == [])
        let rows = reader.list.rows
        #expect(
            rows.first?.setting
                == TagSetting(
                    name: "flow", unit: "m3/h",
                    parts: [
                        "site": "Plant 1", "area": "hall", "line": "line1", "equipment": "pump", "signal_type": "flow",
                    ],
                    isEnabled: true,
                    conditioning: Conditioning(
                        scale: 0.1, offset: -5, low: 0, high: 100, report: .deadband(.percent(2, span: 150)),
                        heartbeatMilliseconds: 60_000)))
        #expect(rows[1].setting.isEnabled == false)
        #expect(rows[1].setting.conditioning.report == .deadband(.absolute(0.5)))
        #expect(rows[2].setting == TagSetting(name: "a \"b\"", conditioning: Conditioning(report: .onChange)))
        #expect(
            rows[3].setting.conditioning.report
                == .swingingDoor(.init(deviation: 0.25, minIntervalMilliseconds: 500, maxIntervalMilliseconds: 10_000)))
        #expect(rows[4].setting.conditioning.report == .deadband(.percent(3, span: nil)))
    }

    @Test func aListComesBackByteForByte() throws {
        let list = TagListReader(try table(full), protocolType: "modbus").list
        #expect(TagListText.table(list, protocolType: "modbus").text == full)
    }

    @Test func everyBadLineIsNamed() throws {
        let reader = TagListReader(
            try table(
                """
                address,nmae,type,scale,deadband,report,enabled,sdt_deviation,sdt_max_interval_ms,clamp_low,clamp_high
                ,,,,,,,,,,
                a,,,0,,,,,,,
                b,,,x,,,,,,,
                c,,,,often,,,,,,
                d,,,,1,all,,,,,
                e,,,,,,maybe,,,,
                f,,,,,,,,5,,
                g,,,,1,,,2,,,
                h,,,,,,,,,5,4
                a,,,1,,,,,,,
                i,,,,,,,,,,,,too,many
                """), protocolType: "opcua")
        #expect(
            reader.problems.map(\.description) == [
                "line 1, column nmae: unknown column; did you mean 'name'?",
                "line 1, column type: unknown column: it is one of modbus sources only",
                "line 2, column address: is empty",
                "line 3, column scale: must not be 0",
                "line 4, column scale: a number is expected, found 'x'",
                "line 5, column deadband: 'often' is not possible; write 0.5, 2% (of the tag's range) or 2% of 150",
                "line 6, column report: excludes deadband and sdt_deviation",
                "line 7, column enabled: true or false is expected, found 'maybe'",
                "line 8, column sdt_deviation: is empty",
                "line 9, column deadband: excludes sdt_deviation",
                "line 10, column clamp_low: is above clamp_high",
                "line 11, column address: is in line 3 already",
                "line 12, column 12: has 14 fields where the first line names 11",
            ])
        #expect(reader.rows.isEmpty)
        #expect(TagListReader(try table(""), protocolType: nil).problems.count == 1)
        #expect(TagListReader(try table("name\nx\n"), protocolType: nil).problems.first?.column == "address")
    }

    @Test func tenThousandTags() throws {
        let lines = (0..<10_000).map { "ns=2;s=tag\($0),Tag \($0),bar\n" }
        let reader = TagListReader(try table("address,name,unit\n" + lines.joined()), protocolType: "opcua")
        #expect(reader.problems.isEmpty)
        let tag = TagDefinition(address: "A/9999", metadata: ["node_id": "ns=2;s=tag9999"])
        #expect(reader.list.setting(for: tag)?.name == "Tag 9999")
    }
}
