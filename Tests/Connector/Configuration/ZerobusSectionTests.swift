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
        let settings = try ConfigurationReader(file: "penstock.yaml", environment: [:]).read(text)
        let effective = EffectiveConfiguration.text(of: settings)
        #expect(effective.contains("through the proxy own.example:2"))
        #expect(!effective.contains("hidden") && !effective.contains("me:"))
    }
}
