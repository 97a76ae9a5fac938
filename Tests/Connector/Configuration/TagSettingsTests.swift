import ConnectorModel
import ConnectorNormalization
import Foundation
import ModbusAdapter
import OPCUAAdapter
import Testing
import YAMLSupport

@testable import ConnectorConfiguration

/// What a source sets for its tags.
@Suite struct TagSettingsTests {
    private func read(_ text: String) throws(ConfigurationError) -> [SourceSettings] {
        try ConfigurationReader(file: "penstock.yaml", environment: [:]).read(text).sources
    }

    private func source(_ keys: String, endpoint: String = "mqtt://h", _ more: String = "topics: [a/#]") throws
        -> SourceSettings
    {
        try #require(try read("sources: [{name: s, endpoint: '\(endpoint)', \(more), \(keys)}]").first)
    }

    private func problems(_ keys: String, endpoint: String = "mqtt://h", _ more: String = "topics: [a/#]") -> [String] {
        do throws(ConfigurationError) {
            _ = try read("sources: [{name: s, endpoint: '\(endpoint)', \(more), \(keys)}]")
            return []
        } catch {
            return error.findings.map(\.description)
        }
    }

    /// A file that is gone when the body is done.
    private func withFile<Result>(_ text: String, _ body: (String) throws -> Result) throws -> Result {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("tags-\(UUID().uuidString).csv").path
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try body(path)
    }

    @Test func everyKeyOfASource() throws {
        let tags = try source(
            """
            context: {enterprise: e, site: s, level: l, area: a, line: i, equipment: q, signal_type: t},
            include: ["a/**"], exclude: ["a/x"], scale: 2, offset: -1, clamp: {min: 0, max: 9},
            sdt: {deviation: 0.5, min_interval_ms: 10, max_interval_ms: 20}, heartbeat_ms: 60000,
            tags: [{match: [a/b, "c*"], name: n, unit: bar, site: s2, enabled: false, report: on_change}]
            """
        ).tags
        #expect(
            tags.context == [
                "enterprise": "e", "site": "s", "level": "l", "area": "a", "line": "i", "equipment": "q",
                "signal_type": "t",
            ])
        #expect(tags.include == [Glob("a/**")] && tags.exclude == [Glob("a/x")])
        #expect(
            tags.conditioning
                == Conditioning(
                    scale: 2, offset: -1, low: 0, high: 9,
                    report: .swingingDoor(
                        .init(deviation: 0.5, minIntervalMilliseconds: 10, maxIntervalMilliseconds: 20)),
                    heartbeatMilliseconds: 60_000))
        let setting = TagSetting(
            name: "n", unit: "bar", parts: ["site": "s2"], isEnabled: false,
            conditioning: Conditioning(report: .onChange))
        #expect(
            tags.selected == [.init(match: Glob("a/b"), setting: setting), .init(match: Glob("c*"), setting: setting)])
    }

    @Test(arguments: [
        ("deadband: {absolute: 0.5}", Conditioning.Report.deadband(.absolute(0.5))),
        ("deadband: {percent: 2}", .deadband(.percent(2, span: nil))),
        ("deadband: {percent: 2, span: 150}", .deadband(.percent(2, span: 150))), ("report: all", .all),
        ("report: on_change", .onChange), ("sdt: {deviation: 1}", .swingingDoor(.init(deviation: 1))),
    ])
    func whatIsReported(_ keys: String, _ report: Conditioning.Report) throws {
        #expect(try source(keys).tags.conditioning.report == report)
    }

    @Test func otherNamesOfPlaces() throws {
        let settings = try ConfigurationReader(file: "penstock.yaml", environment: [:]).read(
            "sources: [{name: s, endpoint: 'mqtt://h', topics: [a], site_id: x, area: y, line_id: z, equipment_id: w}]")
        #expect(settings.sources.first?.tags.context == ["site": "x", "area": "y", "line": "z", "equipment": "w"])
        #expect(settings.warnings.count == 4)
    }

    @Test(arguments: [
        ("deadband: {}", "needs one of absolute and percent"), ("deadband: {absolute: 1, percent: 1}", "needs one of"),
        ("deadband: {absolute: -1}", "must not be negative"), ("deadband: {percent: 101}", "must be 0 to 100"),
        ("deadband: {percent: 1, span: 0}", "must be above 0"), ("deadband: {absolute: 1, span: 5}", "needs percent"),
        ("sdt: {}", "is missing"), ("sdt: {deviation: -1}", "must not be negative"),
        ("sdt: {deviation: 1, min_interval_ms: 5, max_interval_ms: 5}", "must be longer than min_interval_ms"),
        ("sdt: {deviation: 1}, deadband: {absolute: 1}", "excludes deadband"),
        ("report: all, deadband: {absolute: 1}", "excludes deadband and sdt"), ("report: some", "all, on_change"),
        ("scale: 0", "must not be 0"), ("clamp: {min: 2, max: 1}", "is above max"),
        ("heartbeat_ms: -1", "out of range"),
        ("tags: [{name: x}]", "is missing"), ("tags: [{match: x, colour: y}]", "unknown key"),
        ("context: {stie: x}", "did you mean 'site'?"), ("tag_list: /nowhere.csv", "cannot be read"),
    ])
    func whatCannotBeIsNamed(_ keys: String, _ part: String) {
        let problems = problems(keys)
        #expect(problems.count == 1)
        #expect(problems.first?.contains(part) == true, "\(problems)")
    }

    // MARK: Deadbands of OPC UA

    private func opcua(_ keys: String) throws -> (TagReading.Deadband?, Conditioning.Report?) {
        let source = try source(keys, endpoint: "opc.tcp://h:4840", "mode: subscription")
        guard case .opcua(let opcua) = source.adapter else { return (nil, nil) }
        return (opcua.reading.deadband, source.tags.conditioning.report)
    }

    @Test func theServerAppliesTheDeadbandThatItCan() throws {
        #expect(try opcua("deadband: {absolute: 1}") == (.absolute(1), nil))
        #expect(try opcua("deadband: {percent: 1}, heartbeat_ms: 5") == (.percent(1), nil))
        let ours = Conditioning.Report.deadband(.absolute(1))
        // It does not know a span of ours, our scale, or single tags.
        #expect(try opcua("deadband: {percent: 1, span: 9}") == (nil, .deadband(.percent(1, span: 9))))
        #expect(try opcua("deadband: {absolute: 1}, scale: 2") == (nil, ours))
        #expect(try opcua("deadband: {absolute: 1}, tags: [{match: a, report: all}]") == (nil, ours))
        #expect(try opcua("deadband: {absolute: 1}, tags: [{match: a, unit: bar}]") == (.absolute(1), nil))
        let polled = try source("deadband: {absolute: 1}", endpoint: "opc.tcp://h:4840", "mode: polling")
        #expect(polled.tags.conditioning.report == ours)
    }

    // MARK: Tag lists

    @Test func aListOfRegisters() throws {
        let text = """
            address,name,unit,site,enabled,scale,deadband,type,data_type,count,byte_order,bits,unit_id,poll_interval_ms
            40,flow,m3/h,Plant 1,,0.1,0.5,input,float32,,CDAB,,7,250
            3/holding/41,raw,,,,,,,,2,,,,
            50,off,,,false,,,,,,,,,
            60,low,,,,,,,,,,0-3,,
            """
        try withFile(text) { path in
            let source = try source("tag_list: \(path)", endpoint: "modbus://h", "registers: [{address: 1}]")
            guard case .modbus(let modbus) = source.adapter else { throw NoSuchSource() }
            #expect(modbus.registers.count == 4)
            let list = try #require(source.tags.list)
            #expect(!list.selects)
            // Known by the address that rows show; name, unit and scale are the register's.
            let flow = try #require(list.setting(for: TagDefinition(address: "7/input/40", name: "flow")))
            #expect(flow.parts == ["site": "Plant 1"] && flow.name == nil && flow.unit == nil)
            #expect(flow.conditioning == Conditioning(report: .deadband(.absolute(0.5))))
            #expect(list.contains(TagDefinition(address: "3/holding/41")))
            #expect(list.contains(TagDefinition(address: "3/holding/42")))
            #expect(!list.contains(TagDefinition(address: "1/holding/50")))
        }
    }

    @Test func aListOfNodes() throws {
        let text = """
            address,name,sampling_interval_ms,publishing_interval_ms,poll_interval_ms
            ns=2;s=a,A,100,200,300
            nsu=urn:x;i=7,B,,,
            /Objects/2:Plant/Speed,C,,,

            """
        try withFile(text) { path in
            let source = try source("tag_list: \(path)", endpoint: "opc.tcp://h:4840", "nodes: [ns=2;s=z]")
            guard case .opcua(let opcua) = source.adapter else { throw NoSuchSource() }
            #expect(opcua.nodes.map(\.text) == ["ns=2;s=z", "ns=2;s=a", "nsu=urn:x;i=7", "/Objects/2:Plant/Speed"])
            #expect(
                opcua.nodes.dropFirst().first?.intervals
                    == ReadingIntervals(
                        sampling: .milliseconds(100), publishing: .milliseconds(200), poll: .milliseconds(300)))
            func name(_ address: String, _ node: String) -> String? {
                source.tags.setting(for: TagDefinition(address: address, metadata: ["node_id": node])).name
            }
            #expect(name("P/a", "ns=2;s=a") == "A")
            #expect(name("P/b", "ns=5;i=7") == "B")
            #expect(name("Plant/Speed", "ns=2;i=1") == "C")
        }
    }

    @Test func aListOfTopicsSelects() throws {
        try withFile("address,name\na/b,n\n") { path in
            let list = try source("tag_list: \(path)").tags.list
            #expect(list?.selects == true)
            #expect(list?.setting(for: TagDefinition(address: "a/b"))?.name == "n")
        }
    }

    @Test func everyBadLineOfAListIsAFinding() throws {
        try withFile("address,scale,type\n1,x,holding\n2,,holdign\n70000,,\n1/x/y/z,,\n") { path in
            let problems = problems("tag_list: \(path)", endpoint: "modbus://h", "registers: []")
            #expect(problems.count == 1)
            #expect(problems.first?.contains("\(path), line 2, column scale: a number is expected") == true)
        }
        try withFile("address,type,count\n2,holdign,\n70000,,\n5,,x\n") { path in
            let problems = problems("tag_list: \(path)", endpoint: "modbus://h", "registers: []")
            #expect(problems.count == 3)
            #expect(problems.first?.contains("line 2, column type") == true, "\(problems)")
            #expect(problems.dropFirst().first?.contains("line 3, column address") == true, "\(problems)")
            #expect(problems.last?.contains("line 4, column count") == true, "\(problems)")
        }
        try withFile("address,poll_interval_ms\nx=5,\nns=1;i=1,1\n") { path in
            let problems = problems("tag_list: \(path)", endpoint: "opc.tcp://h", "mode: polling")
            #expect(problems.count == 2)
            #expect(problems.first?.contains("line 2, column address") == true, "\(problems)")
            #expect(problems.last?.contains("line 3, column poll_interval_ms") == true, "\(problems)")
        }
    }

    private struct NoSuchSource: Error {}
}
