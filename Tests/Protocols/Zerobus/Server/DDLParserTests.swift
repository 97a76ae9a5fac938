import Testing
import ZerobusCore

@testable import ZerobusServer

@Suite struct DDLParserTests {
    @Test func everythingThatAStatementMayHold() throws {
        let text = """
            -- the table of a plant
            CREATE TABLE IF NOT EXISTS main.`plant`.raw_events (
              event_time TIMESTAMP NOT NULL COMMENT 'source''s, time (UTC)',
              small TINYINT, n INT DEFAULT 3, big BIGINT,
              d DOUBLE, price DECIMAL(10, 2), code VARCHAR(20),
              `odd ``name` BOOLEAN, raw BINARY, day DATE,
              metadata MAP<STRING, STRING>,
              list ARRAY<STRUCT<a: INT, b: ARRAY<MAP<STRING,DOUBLE>>>>,
              CONSTRAINT pk PRIMARY KEY (event_time, n)
            ) USING DELTA /* managed */
            TBLPROPERTIES ('delta.enableChangeDataFeed' = 'true');
            CREATE OR REPLACE VIEW main.plant.v AS SELECT 1;
            create table main.plant.two (x string)
            """
        let script = try DDLParser.parse(text)
        #expect(script.creations.map(\.schema.name.description) == ["main.plant.raw_events", "main.plant.two"])
        #expect(script.creations.map(\.ifNotExists) == [true, false])
        #expect(script.skipped == ["CREATE OR REPLACE"])
        let columns = script.creations[0].schema.columns
        #expect(columns.map(\.isNullable) == [false] + Array(repeating: true, count: 11))
        #expect(columns[7].name == "odd `name")
        #expect(
            columns.map(\.type) == [
                .timestamp, .tinyint, .int, .bigint, .double, .decimal(10, 2), .varchar(20), .boolean, .binary, .date,
                .map(.string, .string),
                .array(
                    .structure([
                        .init(name: "a", type: .int), .init(name: "b", type: .array(.map(.string, .double))),
                    ])),
            ])
    }

    @Test func whatIsWrittenIsReadBack() throws {
        let name = try #require(TableName("main.plant.t"))
        let schema = try TableSchema(
            name: name,
            columns: [
                .init(name: "a b`c", type: .timestampNTZ, isNullable: false), .init(name: "v", type: .variant),
                .init(name: "s", type: .structure([.init(name: "x y", type: .map(.bigint, .float))])),
            ])
        #expect(try DDLParser.parse(schema.createStatement).creations.map(\.schema) == [schema])
    }

    @Test(arguments: [
        ("CREATE TABLE a.b (x INT)", "catalog.schema.table"),
        ("CREATE TABLE a.b.c.d (x INT)", "catalog.schema.table"),
        ("CREATE TABLE a.b.c", "column list is missing"),
        ("CREATE TABLE a.b.c (x FOO)", "type FOO is not known"),
        ("CREATE TABLE a.b.c (x INT, X INT)", "two columns named"),
        ("CREATE TABLE a.b.c (x INT", "expected , or )"),
        ("CREATE TABLE a.b.c ()", "expected a column name"),
        ("CREATE TABLE a.b.c (x MAP<STRING)", "expected ,"),
        ("CREATE TABLE a.b.c (`x INT)", "no end"),
        ("DROP TABLE a.b.c", "only CREATE TABLE"),
        ("INSERT INTO a.b.c VALUES (1)", "only CREATE TABLE"),
        ("/* open", "no end"),
        ("CREATE TABLE a.b.c (x DECIMAL(99999999999999999999))", "too large"),
    ])
    func refusals(text: String, part: String) {
        let failure = #expect(throws: DDLParser.Failure.self) { try DDLParser.parse(text) }
        #expect(failure?.description.contains(part) == true, "\(failure?.description ?? "accepted")")
    }

    @Test func deepTypesAreRefused() {
        let type = String(repeating: "ARRAY<", count: 10_000) + "INT" + String(repeating: ">", count: 10_000)
        #expect(throws: DDLParser.Failure.self) { try DDLParser.parse("CREATE TABLE a.b.c (x \(type))") }
    }
}

@Suite struct ThreePartNamesTests {
    let tables = ["main.plant.raw_events", "main.plant.odd-name"]

    @Test(arguments: [
        ("SELECT count(*) FROM main.plant.raw_events", "SELECT count(*) FROM \"main.plant.raw_events\""),
        ("select r.value from `main`.plant.\"raw_events\" r", "select r.value from \"main.plant.raw_events\" r"),
        ("SELECT MAIN.Plant.RAW_EVENTS.value FROM x", "SELECT \"main.plant.raw_events\".value FROM x"),
        ("SELECT * FROM main.plant.`odd-name`", "SELECT * FROM \"main.plant.odd-name\""),
        (
            "SELECT 'main.plant.raw_events' -- main.plant.raw_events",
            "SELECT 'main.plant.raw_events' -- main.plant.raw_events"
        ),
        ("SELECT a.b, 1.5 FROM main.plant.other", "SELECT a.b, 1.5 FROM main.plant.other"),
        ("SELECT \"main.plant.raw_events\"", "SELECT \"main.plant.raw_events\""),
        ("SELECT xmain.plant.raw_events", "SELECT xmain.plant.raw_events"),
        ("'open", "'open"),
    ])
    func rewrites(sql: String, result: String) { #expect(ThreePartNames.rewrite(sql, tables: tables) == result) }

    @Test func namesTheUnknownTable() {
        #expect(
            ThreePartNames.unknown(in: "SELECT 'a.b.c' FROM main.plant.other", tables: tables) == "main.plant.other")
        #expect(ThreePartNames.unknown(in: "SELECT a.b FROM main.plant.raw_events", tables: tables) == nil)
    }
}
