import OPCUAAdapter
import Testing
import YAMLSupport

@testable import ConnectorConfiguration

/// The keys of an OPC UA source that say how it is reached again.
@Suite struct OPCUARecoverySectionTests {
    private func source(_ keys: String) throws -> OPCUASourceConfiguration? {
        let text = "sources:\n  - {name: a, endpoint: \"opc.tcp://plc\", \(keys)}\n"
        let settings = try ConfigurationReader(file: "penstock.yaml", environment: [:]).read(text)
        guard case .opcua(let opcua)? = settings.sources.first?.adapter else { return nil }
        return opcua
    }

    @Test func defaultsReachOneServerAndReadNoHistory() throws {
        let source = try source("enabled: true")
        #expect(source?.endpoints == [] && source?.reverseConnect == nil && source?.backfillsHistory == false)
    }

    @Test func eachKeyChangesSomething() throws {
        #expect(try source("endpoints: [\"opc.tcp://b:4841\"]")?.endpoints == ["opc.tcp://b:4841"])
        let reverse = try source("reverse_connect: {listen: \"127.0.0.1:4843\"}")?.reverseConnect
        #expect(reverse?.host == "127.0.0.1" && reverse?.port == 4843)
        let all = try source("reverse_connect: {listen: \":4843\"}")?.reverseConnect
        #expect(all?.host == "0.0.0.0" && all?.port == 4843)
        #expect(try source("history_backfill: true")?.backfillsHistory == true)
    }

    @Test(arguments: [
        ("endpoints: [nonsense]", "endpoints[0]"), ("reverse_connect: {listen: nowhere}", "reverse_connect.listen"),
        ("reverse_connect: {port: 1}", "reverse_connect"), ("history_backfill: maybe", "history_backfill"),
    ])
    func mistakesNameTheKey(keys: String, key: String) throws {
        let error = #expect(throws: ConfigurationError.self) { _ = try source(keys) }
        #expect(error?.findings.map(\.description).joined().contains(key) == true)
    }
}
