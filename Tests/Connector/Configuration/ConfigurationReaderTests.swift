import ConnectorModel
import LocalTableAdapter
import MQTTAdapter
import ModbusAdapter
import OPCUAAdapter
import Testing
import YAMLSupport
import ZerobusAdapter

@testable import ConnectorConfiguration

@Suite struct ConfigurationReaderTests {
    private func read(_ text: String, environment: [String: String] = [:]) throws -> ConnectorSettings {
        try ConfigurationReader(file: "penstock.yaml", environment: environment).read(text)
    }

    private func findings(_ text: String, environment: [String: String] = [:]) -> [String] {
        do {
            _ = try read(text, environment: environment)
            return []
        } catch {
            return (error as? ConfigurationError)?.findings.map(\.description) ?? ["\(error)"]
        }
    }

    @Test func nothingConfiguredIsTheLocalTableAndNoSource() throws {
        let settings = try read("")
        #expect(settings.sources.isEmpty)
        #expect(settings.stateDirectory == "./penstock-data")
        #expect(settings.web == ListenerSettings(host: "127.0.0.1", port: 8080))
        #expect(settings.metrics == MetricsSettings(enabled: true, port: 9090, path: "/metrics"))
        guard case .local(let local) = settings.target else {
            Issue.record("not the local table")
            return
        }
        #expect(local.path == "./penstock-data/tables/local.sqlite" && local.table == "raw_events")
    }

    @Test func everySourceKeyChangesSomething() throws {
        let settings = try read(
            """
            sources:
              - name: a
                endpoint: opc.tcp://plc:4840/x
                enabled: false
                emit_quality_on_disconnect: false
                publishing_interval_ms: 250
                sampling_interval_ms: 50
                variable_limit: 7
                reconnect: {initial_delay_ms: 5, max_delay_ms: 50, multiplier: 3}
                nodes: ["ns=2;s=one", {node_id: "ns=3;i=4"}]
              - name: b
                protocol: MQTT
                endpoint: mqtt://broker
                client_id: me
                clean_session: true
                keep_alive_seconds: 5
                username: u
                password: p
                qos: 0
                topics: [a/#, {topic: b, qos: 1}]
              - name: c
                endpoint: 10.0.0.1:502
                unit_id: 9
                poll_interval_ms: 20
                timeout: 500ms
                max_in_flight: 4
                registers: [{address: 3, type: input, data_type: float32, name: x, unit: bar, byte_order: CDAB, scale: 2, offset: 1, count: 2}]
            """)
        guard case .opcua(let opcua) = settings.sources[0].adapter, case .mqtt(let mqtt) = settings.sources[1].adapter,
            case .modbus(let modbus) = settings.sources[2].adapter
        else {
            Issue.record("wrong protocols")
            return
        }
        #expect(!settings.sources[0].enabled && !settings.sources[0].emitQualityOnDisconnect)
        #expect(
            settings.sources[0].reconnect
                == RetrySettings(initialDelay: .milliseconds(5), maxDelay: .milliseconds(50), multiplier: 3))
        #expect(opcua.nodes.map(\.text) == ["ns=2;s=one", "ns=3;i=4"])
        #expect(
            opcua.reading.publishingInterval == .milliseconds(250)
                && opcua.reading.samplingInterval == .milliseconds(50))
        #expect(opcua.discovery.variableLimit == 7)
        #expect(mqtt.clientID == "me" && mqtt.cleanSession && mqtt.keepAliveSeconds == 5)
        #expect(mqtt.username == "u" && mqtt.password == "p")
        #expect(mqtt.topics.map(\.filter) == ["a/#", "b"] && mqtt.topics.map(\.qos) == [nil, 1])
        #expect(modbus.unitID == 9 && modbus.pollInterval == .milliseconds(20) && modbus.options.maxInFlight == 4)
        #expect(modbus.options.timeout == .milliseconds(500) && modbus.registers.count == 1)
    }

    @Test func everyKeyOfAModbusSourceReachesIt() throws {
        let settings = try read(
            """
            sources:
              - {name: a, endpoint: "modbus+rtu:///dev/ttyUSB0", retries: 3, gap: 7, max_registers: 60, frame_gap_ms: 5, address_base: 1,
                 serial: {baud: 19200, parity: even, stop_bits: 2, data_bits: 8, rs485: true},
                 registers: [{address: 10, unit_id: 4, poll_interval_ms: 250, data_type: uint16, bits: 4-7}]}
              - {name: b, endpoint: "modbus+tls://plc", tls: {ca: c.pem, certificate: m.pem, private_key: m.key, min_version: "1.3", verify: false}}
              - {name: c, endpoint: /dev/ttyS1}
              - {name: d, endpoint: "modbus+ascii:///dev/ttyS2", serial: {data_bits: 7}}
            """)
        let modbus = settings.sources.compactMap { source in
            if case .modbus(let modbus) = source.adapter { modbus } else { nil }
        }
        try #require(modbus.count == 4)
        #expect(modbus[0].options == .init(retries: 3, gap: 7, maxRegisters: 60, frameGap: .milliseconds(5)))
        let line = try ModbusSourceConfiguration(
            name: "a", endpoint: "modbus+rtu:///dev/ttyUSB0", options: modbus[0].options,
            serial: .init(baud: 19_200, parity: "even", stopBits: 2, dataBits: 8, rs485: true),
            registers: [
                ModbusRegister(
                    address: "9", dataType: "uint16", name: "holding_9", bits: "4-7", unitID: 4,
                    pollInterval: .milliseconds(250))
            ])
        #expect(modbus[0] == line)
        let secure = try ModbusSourceConfiguration(
            name: "b", endpoint: "modbus+tls://plc",
            tls: .init(ca: "c.pem", certificate: "m.pem", privateKey: "m.key", minVersion: "1.3", verify: false),
            registers: [])
        #expect(modbus[1] == secure)
        let ascii = try ModbusSourceConfiguration(
            name: "d", endpoint: "modbus+ascii:///dev/ttyS2", serial: .init(dataBits: 7), registers: [])
        #expect(modbus[3] == ascii)
    }

    @Test func everyOtherKeyChangesSomething() throws {
        let settings = try read(
            """
            state_directory: /var/lib/x
            zerobus:
              workspace_host: http://127.0.0.1:7080
              zerobus_endpoint: http://127.0.0.1:7443
              auth: {client_id: "${ID}", client_secret: "${env:SECRET:fallback}"}
              default_target: {catalog: c, schema: s, table: t, layout: raw_events}
              batch: {max_records: 10, max_bytes: 100000, linger_ms: 5}
              retry: {initial_delay_ms: 1, max_delay_ms: 2, multiplier: 1}
            backpressure:
              drop_policy: drop_oldest
              memory: {max_records: 11}
              backlog_share: 0.7
              disk_spool: {directory: /spool, max_size_mb: 12, encryption: false, enabled: false, compression: none}
            dead_letters: {max_size_mb: 13}
            web_ui: {host: "::1", port: 1}
            monitoring: {prometheus: {enabled: false, port: 2, path: /m}}
            logging: {level: Warning}
            """, environment: ["ID": "id-1"])
        guard case .zerobus(let zerobus) = settings.target else {
            Issue.record("not zerobus")
            return
        }
        #expect(zerobus.table == "c.s.t" && zerobus.clientID == "id-1")
        #expect(
            settings.lane
                == LaneSettings(
                    memoryRecordsMax: 11, durability: .memory, policy: .dropOldest, usesDisk: false,
                    directory: "/spool", journalMegabytesMax: 12, deadLettersMegabytesMax: 13, encryption: false,
                    batchRecordsMax: 10, batchBytesMax: 100_000, linger: .milliseconds(5),
                    retry: RetrySettings(initialDelay: .milliseconds(1), maxDelay: .milliseconds(2), multiplier: 1),
                    breaker: BreakerSettings(), backlogShare: 0.7))
        #expect(settings.stateDirectory == "/var/lib/x" && settings.logLevel == .warning)
        #expect(settings.web == ListenerSettings(host: "::1", port: 1))
        #expect(settings.metrics == MetricsSettings(enabled: false, port: 2, path: "/m"))
    }

    @Test(arguments: [
        ("sorces: []", "penstock.yaml:1: sorces: unknown key; did you mean 'sources'?"),
        ("web_ui:\n  prot: 1", "penstock.yaml:2: web_ui.prot: unknown key; did you mean 'port'?"),
        ("web_ui: 5", "penstock.yaml:1: web_ui: a block of keys is expected here, found a single value"),
        ("web_ui: {port: x}", "penstock.yaml:1: web_ui.port: a whole number is expected, found 'x'"),
        ("web_ui: {port: 70000}", "penstock.yaml:1: web_ui.port: 70000 is out of range; 0 to 65535 is possible"),
        (
            "logging: {level: loud}",
            "penstock.yaml:1: logging.level: 'loud' is not possible; one of: debug, info, warning, error"
        ),
        ("sources: [{endpoint: mqtt://x, topics: [a]}]", "penstock.yaml:1: sources[0].name: is missing"),
        (
            "sources: [{name: a, endpont: x}]",
            "penstock.yaml:1: sources[0].endpont: unknown key; did you mean 'endpoint'?"
        ),
        ("a: [", "penstock.yaml:2: did not find expected node content"),
    ])
    func aMistakeNamesPlaceAndRemedy(text: String, finding: String) {
        #expect(findings(text).first == finding)
    }

    @Test(arguments: [
        "sources:\n- {name: a, endpoint: mqtt://x, topics: [a]}\n- {name: a, endpoint: mqtt://y, topics: [a]}",
        "sources: [{name: a, endpoint: \"mqtt://user:secret@host\", topics: [a]}]",
        "sources: [{name: a, endpoint: opc.tcp://h, nodes: [\"ns=x\"]}]",
        "sources: [{name: a, endpoint: mqtt://h, topics: [\"a/#/b\"]}]",
        "sources: [{name: a, endpoint: modbus://h, registers: [{address: 1, data_type: float99}]}]",
        "sources: [{name: a, endpoint: modbus://h, unit_id: 256, registers: [{address: 1}]}]",
        "zerobus: {workspace_host: w, zerobus_endpoint: http://10.1.2.3:1, auth: {client_id: a, client_secret: b}}",
        "zerobus: {zerobus_endpoint: https://x}",
        "zerobus: {default_target: {table: \"drop table\"}}",
        "zerobus: {retry: {initial_delay_ms: 10, max_delay_ms: 5}}",
        "zerobus: {auth: {client_id: \"${env:MISSING}\"}}",
        "zerobus: {auth: {client_id: \"${open\"}}",
        "monitoring: {prometheus: {path: metrics}}",
    ])
    func whatCannotBeIsRefused(text: String) {
        #expect(!findings(text).isEmpty)
    }

    @Test func secretsAreNeverPrinted() throws {
        let secret = "s3cr3t-value"
        let text = """
            sources: [{name: a, endpoint: mqtt://x, topics: [t], username: u, password: \(secret)}]
            zerobus:
              workspace_host: https://w
              zerobus_endpoint: https://z
              auth: {client_id: i, client_secret: \(secret)}
            """
        let keys = try ConfigurationReader(file: "penstock.yaml", environment: [:]).inspect(text).keys
        let effective = EffectiveText.text(of: keys)
        #expect(!effective.contains(secret) && effective.contains("client_secret: \"***\"  # line 5"))
        let refused = findings("zerobus: {auth: {client_id: {a: \(secret)}, client_secret: [\(secret)]}}")
        #expect(!refused.isEmpty && refused.allSatisfy { !$0.contains(secret) })
    }

    @Test func credentialsComeFromTheEnvironmentWhenTheFileHasNone() throws {
        let text = "zerobus: {workspace_host: https://w, zerobus_endpoint: https://z}"
        guard case .notConfigured(_, let missing) = try read(text).target else {
            Issue.record("configured without credentials")
            return
        }
        #expect(missing == "zerobus.auth.client_id, zerobus.auth.client_secret")
        let environment = [
            "CONNECTOR_ZEROBUS_CLIENT_ID": "a", "DBX_CLIENT_ID": "b", "DBX_CLIENT_SECRET": "c",
        ]
        guard case .zerobus(let zerobus) = try read(text, environment: environment).target else {
            Issue.record("not configured")
            return
        }
        #expect(zerobus.clientID == "a")
    }

    /// Any bytes are read or refused, never more.
    @Test func garbageIsRefusedInWords() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            let bytes = (0..<Int.random(in: 1...60, using: &generator)).map { _ in
                UInt8.random(in: 9...126, using: &generator)
            }
            _ = findings(String(decoding: bytes, as: UTF8.self))
        }
    }
}
