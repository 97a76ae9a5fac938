import MQTTAdapter
import ModbusAdapter
import OPCUAAdapter
import YAMLSupport

/// One entry of the list `sources`.
enum SourceSection {
    enum Kind: String, CaseIterable {
        case opcua, mqtt, modbus

        /// The protocol that an endpoint names by its scheme; nil when it names none of ours.
        static func detect(_ endpoint: String) -> Kind? {
            let lowered = endpoint.lowercased()
            if lowered.hasPrefix("opc.tcp://") { return .opcua }
            if lowered.hasPrefix("mqtt://") || lowered.hasPrefix("mqtts://") { return .mqtt }
            if lowered.hasPrefix("modbus") && lowered.contains("://") || lowered.hasPrefix("/dev/") { return .modbus }
            // A bare `host:port` is a Modbus device.
            let parts = lowered.split(separator: ":", omittingEmptySubsequences: false)
            let isBare = !lowered.contains("/") && parts.count >= 2 && parts.last.flatMap { UInt16($0) } != nil
            return isBare ? .modbus : nil
        }
    }

    /// The source, or nil when it cannot be made; the findings then say why.
    static func read(_ section: consuming Section) -> SourceSettings? {
        let name = section.requiredString("name")
        let endpoint = section.requiredString("endpoint")
        let enabled = section.boolean("enabled", default: true)
        let emitQuality = section.boolean("emit_quality_on_disconnect", default: true)
        let reconnect = section.retry("reconnect")
        checkCredentials(in: endpoint, section)
        let words: [(String, Kind?)] =
            Kind.allCases.map { ($0.rawValue, $0) } + [("opc-ua", .opcua), ("opc_ua", .opcua)]
        let named: Kind? = section.choice("protocol", default: nil, words)
        guard let kind = named ?? Kind.detect(endpoint) else {
            if !endpoint.isEmpty {
                section.report(
                    "'\(endpoint)' names no protocol that is known here; "
                        + "it begins with opc.tcp://, mqtt:// or modbus://, or is host:port for Modbus", at: "endpoint")
            }
            return nil
        }
        let adapter =
            switch kind {
            case .opcua: opcua(name, endpoint, &section)
            case .mqtt: mqtt(name, endpoint, &section)
            case .modbus: modbus(name, endpoint, &section)
            }
        section.finish()
        return adapter.map { adapter in
            SourceSettings(
                name: name, adapter: adapter, enabled: enabled, emitQualityOnDisconnect: emitQuality,
                reconnect: reconnect)
        }
    }

    /// An endpoint stands in every row and on every page; a password must not.
    private static func checkCredentials(in endpoint: String, _ section: borrowing Section) {
        let afterScheme = endpoint.firstRange(of: "://").map { endpoint[$0.upperBound...] } ?? endpoint[...]
        let authority = afterScheme.prefix { $0 != "/" }
        if authority.contains("@") {
            section.report("holds a user name or password; put them into username and password", at: "endpoint")
        }
    }

    private static func opcua(
        _ name: String, _ endpoint: String, _ section: inout Section
    ) -> SourceSettings.Adapter? {
        let publishing = section.integer("publishing_interval_ms", default: 1000, in: 10...3_600_000)
        let sampling = section.optionalInteger("sampling_interval_ms", in: 0...3_600_000)
        let variableLimit = section.integer("variable_limit", default: 10_000, in: 1...1_000_000)
        var nodes: [String] = []
        for node in section.sections("nodes", plain: "node_id") {
            var node = node
            nodes.append(node.requiredString("node_id"))
            node.finish()
        }
        do {
            return .opcua(
                try OPCUASourceConfiguration(
                    name: name, endpoint: endpoint, nodes: nodes, variableLimit: variableLimit,
                    publishingInterval: .milliseconds(publishing),
                    samplingInterval: sampling.map { .milliseconds($0) }, security: try opcuaSecurity(&section)))
        } catch {
            section.report(error.problem, at: error.key)
            return nil
        }
    }

    private static func opcuaSecurity(
        _ section: inout Section
    ) throws(OPCUAConfigurationError) -> OPCUASourceSecurity {
        var security = section.section("security")
        let mode = security.string("mode")
        let policy = security.string("policy")
        let certificate = security.string("certificate")
        let privateKey = security.string("private_key")
        let serverCertificate = security.string("server_certificate")
        security.finish()
        return try OPCUASourceSecurity(
            mode: mode, policy: policy, certificate: certificate, privateKey: privateKey,
            serverCertificate: serverCertificate, username: section.string("username"),
            password: section.string("password"), allowDeprecated: section.boolean("allow_deprecated", default: false),
            trustOnFirstUse: section.boolean("trust_on_first_use", default: false))
    }

    private static func mqtt(
        _ name: String, _ endpoint: String, _ section: inout Section
    ) -> SourceSettings.Adapter? {
        let qos = section.integer("qos", default: MQTTSourceConfiguration.defaultQoS, in: 0...2)
        let clientID = section.string("client_id")
        let cleanSession = section.boolean("clean_session", default: false)
        let keepAlive = section.integer("keep_alive_seconds", default: 60, in: 0...65_535)
        let username = section.string("username")
        let password = section.string("password")
        var topics: [MQTTSourceConfiguration.Topic] = []
        for topic in section.sections("topics", plain: "topic") {
            var topic = topic
            let filter = topic.requiredString("topic")
            topics.append(.init(filter: filter, qos: topic.optionalInteger("qos", in: 0...2)))
            topic.finish()
        }
        do {
            return .mqtt(
                try MQTTSourceConfiguration(
                    name: name, endpoint: endpoint, topics: topics, qos: qos, clientID: clientID,
                    cleanSession: cleanSession, keepAliveSeconds: keepAlive, username: username, password: password))
        } catch {
            section.report(error.problem, at: error.key)
            return nil
        }
    }
}
