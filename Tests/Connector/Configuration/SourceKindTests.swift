import Testing
import YAMLSupport

@testable import ConnectorConfiguration

/// The protocol that an endpoint means.
@Suite struct SourceKindTests {
    @Test(arguments: [
        ("opc.tcp://plc:4840/x", "opcua"), ("OPC.TCP://[fe80::1]:4840", "opcua"), ("mqtt://b", "mqtt"),
        ("mqtts://[2001:db8::1]:8883", "mqtt"), ("ws://b/mqtt", "mqtt"), ("wss://b/mqtt", "mqtt"),
        ("modbus://d", "modbus"), ("modbus+tcp://d:502", "modbus"), ("modbus+tls://d", "modbus"),
        ("modbusrtu:///dev/ttyS0", "modbus"), ("modbus+rtu:///dev/ttyUSB0", "modbus"), ("/dev/ttyUSB0", "modbus"),
        ("10.0.0.1:502", "modbus"), ("plc:502", "modbus"), ("[::1]:502", "modbus"), ("http://h/api", "rest"),
        ("https://[::1]/api", "rest"), ("postgresql://h/d", "sql"), ("postgresql+psycopg2://h/d", "sql"),
        ("mysql://h/d", "sql"), ("mysql+pymysql://h/d", "sql"), ("sqlite:////var/lib/x.db", "sql"),
        ("odbc:DSN=plant", "sql"),
    ])
    func theSchemeTells(endpoint: String, kind: String) {
        #expect(SourceSection.Kind.detect(endpoint)?.rawValue == kind)
    }

    @Test(arguments: ["ftp://h", "plc", "::1", "fe80::1", "[::1]", "plc:70000", "plc:", ":502", "a/b:1", ""])
    func whatNamesNoneIsNone(endpoint: String) {
        #expect(SourceSection.Kind.detect(endpoint) == nil)
    }

    /// What cannot be said of a file elsewhere than it runs is a warning there, and a mistake where it runs.
    @Test func referencesThatAreNotToBeHad() throws {
        let text = """
            sources:
              - {name: a, endpoint: "opc.tcp://${env:PLC}:4840", username: u, password: "${credential:plc.password}"}
              - {name: b, endpoint: "${env:WHERE}"}
            web_ui: {port: "${env:PORT}"}
            zerobus: {source_targets: {b: {table: t}}}
            """
        let reader = ConfigurationReader(file: "f", environment: [:])
        let (settings, _) = try reader.inspect(text)
        #expect(settings.warnings.count == 4, "\(settings.warnings)")
        #expect(settings.warnings.allSatisfy { $0.problem.contains("not set") || $0.problem.contains("no credential") })
        #expect(settings.sources.map(\.name).contains("b") == false && settings.web.port == 8080)
        let error = #expect(throws: ConfigurationError.self) { try reader.read(text) }
        #expect((error?.findings.count ?? 0) >= 4)
    }

    @Test func aNestedBlockOfAnotherProtocolIsNotTaken() {
        let reader = ConfigurationReader(file: "f", environment: [:])
        let error = #expect(throws: ConfigurationError.self) {
            try reader.read("sources: [{name: a, endpoint: \"h:502\", modbus: {unit: 3}, mqtt: {topics: [a]}}]")
        }
        #expect(error?.findings.map(\.keyPath).sorted() == ["sources[0].modbus.unit", "sources[0].mqtt.topics"])
    }
}
