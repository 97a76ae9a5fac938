import ConnectorModel
import Testing
import YAMLSupport
import ZerobusAdapter

@testable import ConnectorConfiguration

/// What the block `zerobus` says about the way to the service.
@Suite struct ZerobusSectionTests {
    private func zerobus(
        _ lines: String, environment: [String: String] = [:]
    ) throws -> ZerobusTargetConfiguration {
        let text = """
            zerobus:
              workspace_host: https://w.example
              zerobus_endpoint: https://z.example
              auth: {client_id: a, client_secret: b}
              \(lines)
            """
        let settings = try ConfigurationReader(file: "penstock.yaml", environment: environment).read(text)
        guard case .zerobus(let zerobus) = settings.target else { throw NotZerobus() }
        return zerobus
    }

    private struct NotZerobus: Error {}

    @Test func everyProxyKeyChangesSomething() throws {
        let environment = ["HTTPS_PROXY": "http://env.example:1", "NO_PROXY": "w.example"]
        #expect(try zerobus("").proxy.description == nil)
        #expect(try zerobus("", environment: environment).proxy.description == "env.example:1")
        #expect(try zerobus("proxy: {enabled: false}", environment: environment).proxy.description == nil)
        #expect(try zerobus("proxy: {use_env_vars: false}", environment: environment).proxy.description == nil)
        let own = "proxy: {https_proxy: \"http://own.example:2\"}"
        #expect(try zerobus(own, environment: environment).proxy.description == "own.example:2")
        #expect(try zerobus("proxy: {http_proxy: \"plain.example:3\"}").proxy.description == "plain.example:3")
        #expect(try zerobus("proxy: {no_proxy: \"a,.b\"}").proxy != zerobus("").proxy)
        #expect(
            try zerobus("proxy: {no_proxy: \"a, .b\"}").proxy == zerobus("proxy: {no_proxy: [a, .b]}").proxy)
    }

    @Test func anAuthorityOfOnesOwn() throws {
        #expect(try zerobus("tls: {ca: /etc/ca.pem}") != zerobus(""))
    }

    @Test func streamsOfATable() throws {
        #expect(try zerobus("").streams == 1)
        #expect(try zerobus("default_target: {streams: 4}").streams == 4)
        #expect(try zerobus("").progressTimeout == .seconds(60))
        #expect(
            try zerobus("stream: {server_lack_of_ack_timeout_ms: 1500}").progressTimeout == .milliseconds(1500))
    }

    @Test func columnsAndFormat() throws {
        let named = try zerobus("default_target: {columns: [event_time, value], record_format: json}")
        #expect(named.columns == .named(["event_time", "value"]) && named.recordFormat == .json)
        #expect(try zerobus("default_target: {columns: auto}").columns == .automatic)
        #expect(throws: ConfigurationError.self) { try zerobus("default_target: {columns: [event_tim]}") }
        #expect(throws: ConfigurationError.self) { try zerobus("default_target: {record_format: avro}") }
        #expect(try zerobus("default_target: {layout: opcua_bronze}").layout == .opcuaBronze)
    }

    @Test func aProxyThatIsNoneIsRefusedWithoutItsPassword() {
        do {
            _ = try zerobus("proxy: {https_proxy: \"ftp://me:hidden@proxy:1\"}")
            Issue.record("accepted")
        } catch let error as ConfigurationError {
            let text = error.findings.map(\.description).joined()
            #expect(text.contains("zerobus.proxy.https_proxy") && !text.contains("hidden"))
        } catch {
            Issue.record(error)
        }
    }

    @Test func theEffectiveConfigurationNamesTheProxyWithoutItsUser() throws {
        let text = """
            zerobus:
              workspace_host: https://w.example
              zerobus_endpoint: https://z.example
              auth: {client_id: a, client_secret: b}
              proxy: {https_proxy: "http://me:hidden@own.example:2"}
            """
        let keys = try ConfigurationReader(file: "penstock.yaml", environment: [:]).inspect(text).keys
        let effective = EffectiveText.text(of: keys)
        #expect(effective.contains("https_proxy: \"http://***@own.example:2\"  # line 5"))
        #expect(!effective.contains("hidden") && !effective.contains("me:"))
    }

    private let routed = """
        sources:
          - {name: a, endpoint: mqtt://x, topics: [t]}
          - {name: b, endpoint: mqtt://x, topics: [t]}
          - {name: c, endpoint: mqtt://x, topics: [t]}
          - {name: d, endpoint: mqtt://x, topics: [t]}
        zerobus:
          workspace_host: https://w.example
          zerobus_endpoint: https://z.example
          auth: {client_id: i, client_secret: s}
          default_target: {catalog: c, schema: s, table: rest}
          source_targets:
            a: {table: a}
            b: {schema: other, layout: mqtt_bronze}
            c: {workspace_host: https://w2.example, zerobus_endpoint: https://z2.example, auth: {client_id: j}}
        """

    @Test func sourceTargetsInheritAndRoute() throws {
        let settings = try ConfigurationReader(file: "penstock.yaml", environment: [:]).read(routed)
        let routes = settings.routes
        #expect(
            routes.map(\.name) == ["c.s.rest", "c.s.a", "c.other.rest.mqtt_bronze", "c.s.rest@https-z2.example"])
        #expect(routes.map { $0.sources.map(\.name) } == [["d"], ["a"], ["b"], ["c"]])
        guard case .zerobus(let other) = routes[3].target else {
            Issue.record("not zerobus")
            return
        }
        #expect(other.clientID == "j" && other.workspace == "https://w2.example")
        #expect(routes[2].target.summary == "c.other.rest (mqtt_bronze) at https://z.example")
    }

    @Test func sourcesWithTheSameTargetShareALane() throws {
        let text = routed.replacing("b: {schema: other, layout: mqtt_bronze}", with: "b: {table: a}")
        let routes = try ConfigurationReader(file: "penstock.yaml", environment: [:]).read(text).routes
        #expect(routes.map { $0.sources.map(\.name) } == [["d"], ["a", "b"], ["c"]])
    }

    @Test(arguments: ["e: {table: x}", "a: {tabel: x}", "a: 7", "a: {table: \"no good\"}"])
    func aSourceTargetThatCannotBeIsRefused(line: String) {
        #expect(throws: ConfigurationError.self) {
            let text = routed.replacing("a: {table: a}", with: line)
            return try ConfigurationReader(file: "penstock.yaml", environment: [:]).read(text)
        }
    }

    /// What is journalled while a target is incomplete waits where the complete one looks for it.
    @Test func theLaneKeepsItsNameWhenTheTargetIsCompleted() throws {
        let incomplete = routed.replacing("  auth: {client_id: i, client_secret: s}\n", with: "")
        func name(_ text: String) throws -> String? {
            try ConfigurationReader(file: "penstock.yaml", environment: [:]).read(text).routes.first?.name
        }
        #expect(try name(incomplete) == name(routed))
        #expect(try name(routed.replacing("zerobus:\n", with: "zerobus:\n  enabled: false\n")) == name(routed))
    }
}
