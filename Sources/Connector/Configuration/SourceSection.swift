import ModbusAdapter
import YAMLSupport

/// One entry of the list `sources`.
enum SourceSection {
    enum Kind: String, CaseIterable {
        case opcua, mqtt, modbus

        /// The protocol that an endpoint names by its scheme; nil when it names none of ours.
        static func detect(_ endpoint: String) -> Kind? {
            let lowered = endpoint.lowercased()
            if lowered.hasPrefix("opc.tcp://") { return .opcua }
            if ["mqtt://", "mqtts://", "ws://", "wss://"].contains(where: lowered.hasPrefix) { return .mqtt }
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
        acceptBroker(&section)
        // A Thing Description says where its thing is.
        let hasThing = section.has("td")
        let endpoint = hasThing ? section.string("endpoint") ?? "" : section.requiredString("endpoint")
        let enabled = section.boolean("enabled", default: true)
        let emitQuality = section.boolean("emit_quality_on_disconnect", default: true)
        let reconnect = section.retry("reconnect")
        let policy = section.sourcePolicy()
        checkCredentials(in: endpoint, section)
        let words: [(String, Kind?)] =
            Kind.allCases.map { ($0.rawValue, $0) } + [("opc-ua", .opcua), ("opc_ua", .opcua)]
        let named: Kind? = section.choice("protocol", default: nil, words)
        guard let kind = named ?? Kind.detect(endpoint) ?? (hasThing ? .opcua : nil) else {
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
                reconnect: reconnect, dropPolicy: policy.drop, rateLimit: policy.rateLimit)
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
}
