import ConnectorModel
import ConnectorNormalization
import YAMLSupport

/// One entry of the list `sources`.
enum SourceSection {
    /// The sources, and the names of all entries, also of those of which no source can be made.
    static func readAll(_ root: inout Section) -> (sources: [SourceSettings], names: Set<String>) {
        let place = root.place(of: "sources")
        let blocks = blocksOfTheRoot(&root)
        var sections = root.sections("sources", about: "what is read")
        for block in blocks { sections.append(block.asItem(sections.count, of: "sources")) }
        var sources: [SourceSettings] = []
        var names: Set<String> = []
        for section in sections {
            let (name, source) = read(section)
            if !name.isEmpty, !names.insert(name).inserted {
                root.report("two sources are named '\(name)'", at: place)
            }
            if let source { sources.append(source) }
        }
        return (sources, names)
    }

    /// The source, or nil when it cannot be made; the findings then say why.
    static func read(_ section: consuming Section) -> (name: String, source: SourceSettings?) {
        let name = section.requiredString("name", about: "in every row, unique")
        OtherNames.accept(source: &section)
        acceptBroker(&section)
        let common = Common(&section)
        let kind = kind(&section)
        if section.isSurvey {
            survey(section)
            return (name, nil)
        }
        guard let kind else { return (name, nil) }
        section.become(kind.rawValue)
        var tags = common.tags
        let adapter = adapter(kind, name, &section, &tags)
        section.finish()
        return (name, adapter.map { common.settings(name, $0, tags) })
    }

    /// Reads the keys of all protocols.
    private static func survey(_ section: Section) {
        for kind in Kind.allCases {
            var section = section
            section.become(kind.rawValue)
            var tags = SourceTagSettings()
            _ = adapter(kind, "", &section, &tags)
        }
    }

    /// What sources of all protocols have.
    private struct Common {
        let enabled: Bool
        let emitQuality: Bool
        let reconnect: RetrySettings
        let policy: (drop: DropPolicy?, rateLimit: RateLimit?)
        let tags: SourceTagSettings

        init(_ section: inout Section) {
            enabled = section.boolean("enabled", default: true, about: "false leaves it alone")
            emitQuality = section.boolean(
                "emit_quality_on_disconnect", default: true,
                about: "a row BadNoCommunication for each tag when the link is lost")
            reconnect = section.retry("reconnect", about: "waits between tries to connect, for ever")
            policy = section.sourcePolicy()
            tags = SourceSection.tagSettings(&section)
        }

        func settings(
            _ name: String, _ adapter: SourceSettings.Adapter, _ tags: SourceTagSettings
        ) -> SourceSettings {
            SourceSettings(
                name: name, adapter: adapter, enabled: enabled, emitQualityOnDisconnect: emitQuality,
                reconnect: reconnect, dropPolicy: policy.drop, rateLimit: policy.rateLimit, tags: tags)
        }
    }

    /// The protocol that is named, or else that which the endpoint means; nil is a finding.
    private static func kind(_ section: inout Section) -> Kind? {
        let named: Kind? = section.choice(
            "protocol", default: nil, Kind.allCases.map { ($0.rawValue, $0) },
            about: "without it the endpoint tells")
        if let named { return named }
        if let endpoint = section.peek("endpoint") {
            if let kind = Kind.detect(endpoint) {
                section.tell("protocol", kind.rawValue, origin: "from the endpoint")
                return kind
            }
            // What the endpoint will be is not known here.
            if endpoint.contains("${") {
                _ = section.requiredString("endpoint")
                return nil
            }
            section.report(
                "'\(SourceSection.shown(endpoint))' names no protocol that is known here; "
                    + "it begins with opc.tcp://, mqtt:// or modbus://, or is host:port for Modbus", at: "endpoint")
            return nil
        }
        if section.has("base_url") { return .rest }
        if section.has("connection_string") { return .sql }
        // A Thing Description says where its thing is.
        if section.has("td") { return .opcua }
        if section.isSurvey || section.reportSlip(of: "base_url") || section.reportSlip(of: "connection_string") {
            return nil
        }
        _ = section.requiredString("endpoint")
        return nil
    }

    private static func adapter(
        _ kind: Kind, _ name: String, _ section: inout Section, _ tags: inout SourceTagSettings
    ) -> SourceSettings.Adapter? {
        if kind == .rest || kind == .sql {
            section.belongs(toMissingPart: "\(kind.rawValue.uppercased()) sources", isWhole: true)
        }
        selectTags(&tags, protocolType: kind.rawValue, &section)
        return switch kind {
        case .opcua: opcua(name, endpoint(&section), &section, &tags)
        case .mqtt: mqtt(name, endpoint(&section), &section)
        case .modbus: modbus(name, endpoint(&section), &section, &tags)
        case .rest: rest(name, &section)
        case .sql: sql(name, &section)
        }
    }

    private static func endpoint(_ section: inout Section) -> String {
        let about = "URL of the server, broker or device"
        // A survey has no Thing Description, and its endpoints are needed.
        let hasThing = !section.isSurvey && section.has("td")
        let endpoint =
            hasThing ? section.string("endpoint", about: about) ?? "" : section.requiredString("endpoint", about: about)
        checkCredentials(in: endpoint, at: "endpoint", section)
        return endpoint
    }

    /// An endpoint stands in every row and on every page; a password must not.
    static func checkCredentials(in endpoint: String, at key: String, _ section: borrowing Section) {
        if shown(endpoint) != endpoint {
            section.report("holds a user name or password; put them into username and password", at: key)
        }
    }

    /// The endpoint without what stands before its host.
    private static func shown(_ endpoint: String) -> String {
        let start = endpoint.firstRange(of: "://")?.upperBound ?? endpoint.startIndex
        let authority = endpoint[start...].prefix { $0 != "/" }
        guard let at = authority.lastIndex(of: "@") else { return endpoint }
        return String(endpoint[..<start] + endpoint[endpoint.index(after: at)...])
    }
}

extension SourceSection {
    /// A protocol that sources may speak.
    enum Kind: String, CaseIterable {
        case opcua, mqtt, modbus, rest, sql

        private static let schemes: [(scheme: String, kind: Kind)] = [
            ("opc.tcp://", .opcua), ("mqtt://", .mqtt), ("mqtts://", .mqtt), ("ws://", .mqtt), ("wss://", .mqtt),
            ("modbus://", .modbus), ("modbusrtu://", .modbus), ("modbus+", .modbus), ("/dev/", .modbus),
            ("http://", .rest), ("https://", .rest), ("postgresql://", .sql), ("postgresql+", .sql),
            ("postgres://", .sql), ("mysql://", .sql), ("mysql+", .sql), ("sqlite://", .sql), ("odbc:", .sql),
        ]

        /// The protocol that an endpoint means by its scheme; nil when it names none of ours.
        static func detect(_ endpoint: String) -> Kind? {
            let lowered = endpoint.lowercased()
            if let found = schemes.first(where: { lowered.hasPrefix($0.scheme) }) { return found.kind }
            return isHostAndPort(lowered) ? .modbus : nil
        }

        /// A bare `host:port` or `[IPv6]:port` is a Modbus device.
        private static func isHostAndPort(_ text: String) -> Bool {
            guard let colon = text.lastIndex(of: ":"), UInt16(text[text.index(after: colon)...]) != nil else {
                return false
            }
            let host = text[..<colon]
            if host.hasPrefix("[") { return host.hasSuffix("]") && host.contains(":") }
            return !host.isEmpty && !host.contains { "/:[]@".contains($0) }
        }
    }
}
