import ConnectorModel
import Foundation
import OPCUAAdapter
import Testing
import YAMLSupport

@testable import ConnectorConfiguration

/// The keys of an OPC UA source.
@Suite struct OPCUASectionTests {
    private func source(_ keys: String) throws -> OPCUASourceConfiguration {
        let text = "sources:\n  - name: a\n    endpoint: opc.tcp://plc:4840/x\n" + keys
        let settings = try ConfigurationReader(file: "penstock.yaml", environment: [:]).read(text)
        guard case .opcua(let opcua)? = settings.sources.first?.adapter else {
            Issue.record("no OPC UA source")
            throw CancellationError()
        }
        return opcua
    }

    private func findings(_ keys: String) -> String {
        do {
            _ = try source(keys)
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test func everyKeyOfReadingReachesIt() throws {
        let reading = try source(
            """
                mode: Polling
                publishing_interval_ms: 250
                sampling_interval_ms: 50
                poll_interval_ms: 40
                queue_size: 7
                discard_policy: newest
                data_change_trigger: status_value_timestamp
                items_per_subscription: 300
                expand_arrays: true
            """
        ).reading
        #expect(
            reading
                == TagReading(
                    mode: .polling, publishingInterval: .milliseconds(250), samplingInterval: .milliseconds(50),
                    pollInterval: .milliseconds(40), queueSize: 7, discardPolicy: .newest,
                    trigger: .statusValueTimestamp, itemsPerSubscription: 300, expandsArrays: true))
        #expect(try source("    deadband: {absolute: 0.5}").reading.deadband == .absolute(0.5))
        #expect(try source("").reading == TagReading())
    }

    @Test func everyKeyOfDiscoveryReachesIt() throws {
        let discovery = try source(
            """
                variable_limit: 7
                depth: 3
                include: ["a/**"]
                exclude: ["a/b", "ns=2;*"]
                rebrowse_interval_s: 60
                follow_model_changes: false
            """
        ).discovery
        #expect(
            discovery
                == TagDiscovery(
                    variableLimit: 7, depth: 3, include: [Glob("a/**")], exclude: [Glob("a/b"), Glob("ns=2;*")],
                    rebrowseInterval: .seconds(60), followsModelChanges: false))
        #expect(try source("").discovery == TagDiscovery())
    }

    @Test func nodesAreTakenInEveryForm() throws {
        let nodes = try source(
            """
                nodes:
                  - ns=2;s=a
                  - /Objects/2:b
                  - {node_id: "nsu=urn:x;i=7", sampling_interval_ms: 5, publishing_interval_ms: 20, poll_interval_ms: 30}
                  - {browse_path: "line/c", recursive: true, depth: 2}
            """
        ).nodes
        let intervals = ReadingIntervals(
            sampling: .milliseconds(5), publishing: .milliseconds(20), poll: .milliseconds(30))
        #expect(
            try nodes == [
                NodeSelection(nodeID: "ns=2;s=a"), NodeSelection(browsePath: "/Objects/2:b"),
                NodeSelection(nodeID: "nsu=urn:x;i=7", intervals: intervals),
                NodeSelection(browsePath: "line/c", isRecursive: true, depth: 2),
            ])
    }

    @Test(arguments: [
        ("    mode: pulling", "mode: 'pulling' is not possible; one of: subscription, polling"),
        ("    deadband: {absolute: 1, percent: 2}", "deadband: needs one of absolute and percent"),
        ("    deadband: {percent: 101}", "deadband.percent: must be 0 to 100"),
        ("    deadband: {absolute: -1}", "deadband.absolute: must not be negative"),
        ("    deadband: {relative: 1}", "unknown key"),
        ("    discard_policy: none", "one of: oldest, newest"),
        ("    rebrowse_interval: 5", "unknown key; did you mean 'rebrowse_interval_s'?"),
        ("    nodes: [{depth: 2, node_id: i=85}]", "nodes[0].depth: needs recursive: true"),
        ("    nodes: [{recursive: true}]", "nodes[0]: needs one of node_id and browse_path"),
        ("    nodes: [nonsense]", "nodes[0].node_id: 'nonsense' is no node id"),
        ("    nodes: [/a//b]", "nodes[0].browse_path: '/a//b' is no browse path"),
        ("    td: /nowhere/td.json", "td: '/nowhere/td.json' cannot be read"),
    ])
    func aMistakeNamesPlaceAndRemedy(keys: String, finding: String) {
        #expect(findings(keys).contains(finding))
    }

    @Test func aDescriptionAloneDefinesASource() throws {
        let file = NSTemporaryDirectory() + "/td-\(UUID().uuidString).json"
        defer { try? FileManager.default.removeItem(atPath: file) }
        try #"{"properties":{"p":{"forms":[{"href":"opc.tcp://plc:4841/?id=i=2258"}]}}}"#
            .write(toFile: file, atomically: true, encoding: .utf8)
        let settings = try ConfigurationReader(file: "penstock.yaml", environment: [:])
            .read("sources: [{name: a, td: \(file)}]")
        guard case .opcua(let opcua)? = settings.sources.first?.adapter else {
            Issue.record("no OPC UA source")
            return
        }
        #expect(opcua.endpoint == "opc.tcp://plc:4841" && opcua.nodes.map(\.text) == ["i=2258"])
        let url = try source("    td: https://plc/td")
        #expect(url.thing == "https://plc/td" && url.endpoint == "opc.tcp://plc:4840/x")
    }

    /// What `penstock check` prints is a configuration that says the same.
    @Test func theEffectiveConfigurationReadsBack() throws {
        let text = """
            sources:
              - name: a
                endpoint: opc.tcp://plc:4840/x
                mode: polling
                queue_size: 7
                deadband: {percent: 2.5}
                items_per_subscription: 300
                include: ["a/**"]
                depth: 4
                rebrowse_interval_s: 60
                td: https://plc/td
                nodes: ["ns=2;s=a", /Objects/2:b, {node_id: i=7, recursive: true, depth: 2, poll_interval_ms: 30}]
            """
        let reader = ConfigurationReader(file: "penstock.yaml", environment: [:])
        let first = try reader.read(text)
        let second = try reader.read(EffectiveText.text(of: reader.inspect(text).keys))
        guard case .opcua(let one)? = first.sources.first?.adapter,
            case .opcua(let two)? = second.sources.first?.adapter
        else {
            Issue.record("no OPC UA source")
            return
        }
        #expect(one == two)
    }
}
