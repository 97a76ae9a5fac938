import ConnectorModel
import ConnectorNormalization
import OPCUAAdapter
import YAMLSupport

/// The keys of an OPC UA source.
extension SourceSection {
    static func opcua(
        _ name: String, _ endpoint: String, _ section: inout Section, _ tags: inout SourceTagSettings
    ) -> SourceSettings.Adapter? {
        acceptOtherNamesOfOPCUA(&section)
        let discovery = tagDiscovery(&section)
        var reading = tagReading(&section)
        reading.deadband = serverDeadband(&tags, mode: reading.mode)
        let endpoints = section.strings("endpoints", about: "tried in this order when the first cannot be reached")
        var reverse = section.section("reverse_connect", about: "the server connects to this side")
        let listen = reverse.string(
            "listen", about: "host:port, or :port for all addresses; without it nothing listens")
        reverse.finish()
        let backfillsHistory = section.boolean(
            "history_backfill", default: false, about: "reads what an outage missed from the server's history")
        let nodes =
            section.sections(
                "nodes", plain: "node_id", about: "what is read; without it every variable below Objects"
            ).compactMap { nodeSelection($0) } + listedNodes(&tags, section)
        let thing = section.string("td", about: "a Thing Description instead of nodes: file or URL")
        do {
            return .opcua(
                try OPCUASourceConfiguration(
                    name: name, endpoint: endpoint, nodes: nodes, discovery: discovery, reading: reading,
                    security: try opcuaSecurity(&section), endpoints: endpoints,
                    reverseConnect: try listen.map(OPCUASourceConfiguration.ReverseConnect.init),
                    backfillsHistory: backfillsHistory, thing: thing))
        } catch {
            section.report(error.problem, at: error.key)
            return nil
        }
    }

    private static func acceptOtherNamesOfOPCUA(_ section: inout Section) {
        OtherNames.accept(intervals: &section)
        section.accept(
            "subscription_mode", "subscription", for: "mode", as: .truth(yes: "subscription", no: "polling"))
        section.accept("polling_mode", for: "mode", as: .truth(yes: "polling", no: "subscription"))
        for key in ["mode", "policy"] {
            section.accept("security_\(key)", "security.security_\(key)", for: "security.\(key)")
        }
        let files = [
            ("certificate", ["certificate_path", "client_cert_path"]),
            ("private_key", ["private_key_path", "client_key_path"]),
            ("server_certificate", ["server_certificate_path", "server_cert_path"]),
        ]
        for (key, others) in files {
            for other in others { section.accept(other, "security.\(other)", for: "security.\(key)") }
        }
        section.accept("security.username", for: "username")
        section.accept("security.password", for: "password")
    }

    private static func tagDiscovery(_ section: inout Section) -> TagDiscovery {
        TagDiscovery(
            variableLimit: section.integer(
                "variable_limit", default: 10_000, in: 1...1_000_000, about: "the most tags; a warning tells"),
            depth: section.optionalInteger("depth", in: 1...64, about: "levels of browsing"),
            include: section.strings("include", about: "globs on browse path and NodeId").map(Glob.init),
            exclude: section.strings("exclude", about: "globs on browse path and NodeId").map(Glob.init),
            rebrowseInterval: section.optionalInteger(
                "rebrowse_interval_s", in: 1...604_800, about: "looks at the tree again"
            ).map { .seconds($0) },
            followsModelChanges: section.boolean(
                "follow_model_changes", default: true, about: "looks again when the server says that its model changed")
        )
    }

    private static func tagReading(_ section: inout Section) -> TagReading {
        var reading = TagReading()
        reading.mode = section.choice(
            "mode", default: .subscription, TagReading.Mode.allCases.map { ($0.rawValue, $0) },
            about: "the server reports changes, or everything is read at poll_interval_ms")
        reading.publishingInterval = .milliseconds(
            section.integer(
                "publishing_interval_ms", default: 1000, in: publishingRange, about: "how often the server sends"))
        reading.samplingInterval = section.optionalInteger(
            "sampling_interval_ms", in: samplingRange, about: "how often it looks; without it at each publishing"
        ).map { .milliseconds($0) }
        reading.pollInterval = .milliseconds(
            section.integer("poll_interval_ms", default: 1000, in: pollRange, about: "with mode: polling"))
        reading.queueSize = section.optionalInteger(
            "queue_size", in: 1...1_000_000, about: "values kept between two publishings; without it as needed")
        reading.discardPolicy = section.choice(
            "discard_policy", default: .oldest, TagReading.DiscardPolicy.allCases.map { ($0.rawValue, $0) },
            about: "which value of a full queue gives way")
        reading.trigger = section.choice(
            "data_change_trigger", default: .statusValue,
            TagReading.Trigger.allCases.map { ($0.rawValue, $0) }, about: "what makes a value worth reporting")
        reading.itemsPerSubscription = section.optionalInteger(
            "items_per_subscription", in: 1...1_000_000, about: "the most; without it the server's limit")
        reading.expandsArrays = section.boolean(
            "expand_arrays", default: false, about: "a row per element beside the array's")
        return reading
    }

    private static let publishingRange = 10...3_600_000
    private static let samplingRange = 0...3_600_000
    private static let pollRange = 10...86_400_000

    private static func nodeSelection(_ section: consuming Section) -> NodeSelection? {
        OtherNames.accept(intervals: &section)
        var nodeID = section.string("node_id", about: "ns=2;s=Name, nsu=URI;s=Name, or a browse path")
        var path = section.string("browse_path", about: "by names, as /Objects/2:Line/Speed")
        // A plain text that begins like a path is one.
        if path == nil, let text = nodeID, text.hasPrefix("/") { (nodeID, path) = (nil, text) }
        let isRecursive = section.boolean("recursive", default: false, about: "all variables below")
        let depth = section.optionalInteger("depth", in: 1...64, about: "levels below")
        if depth != nil, !isRecursive { section.report("needs recursive: true", at: "depth") }
        let intervals = ReadingIntervals(
            sampling: interval("sampling_interval_ms", samplingRange, &section),
            publishing: interval("publishing_interval_ms", publishingRange, &section),
            poll: interval("poll_interval_ms", pollRange, &section))
        defer { section.finish() }
        do throws(SettingError) {
            switch (nodeID, path) {
            case (let nodeID?, nil):
                return try NodeSelection(nodeID: nodeID, isRecursive: isRecursive, depth: depth, intervals: intervals)
            case (nil, let path?):
                return try NodeSelection(browsePath: path, isRecursive: isRecursive, depth: depth, intervals: intervals)
            default:
                section.report("needs one of node_id and browse_path")
                return nil
            }
        } catch {
            section.report(error.problem, at: error.key)
            return nil
        }
    }

    private static func interval(
        _ key: String, _ range: ClosedRange<Int>, _ section: inout Section
    ) -> Duration? {
        section.optionalInteger(key, in: range, about: "if not the source's").map { .milliseconds($0) }
    }

    private static func opcuaSecurity(
        _ section: inout Section
    ) throws(SettingError) -> OPCUASourceSecurity {
        var security = section.section("security", about: "of the connection")
        let mode = security.word(
            "mode", of: ["None", "Sign", "SignAndEncrypt"], about: "without it the strongest that both can")
        let policy = security.word(
            "policy", of: OPCUASourceSecurity.policyNames, about: "without it the strongest that both can")
        let certificate = security.string("certificate", about: "file; without it that of the PKI folder")
        let privateKey = security.string("private_key", about: "file that belongs to the certificate")
        let serverCertificate = security.string(
            "server_certificate", about: "file of the one server certificate that is trusted")
        let userCertificate = security.string("user_certificate", about: "file of the user's certificate")
        let userPrivateKey = security.string("user_private_key", about: "file that belongs to it")
        let requireCRL = security.boolean(
            "require_crl", default: false, about: "refuses a server whose authority's revocation list is missing")
        security.finish()
        return try OPCUASourceSecurity(
            mode: mode, policy: policy, certificate: certificate, privateKey: privateKey,
            serverCertificate: serverCertificate, username: section.string("username", about: "of the user"),
            password: section.string("password", about: "of the user; better a reference"),
            userCertificate: userCertificate, userPrivateKey: userPrivateKey,
            allowDeprecated: section.boolean(
                "allow_deprecated", default: false, about: "takes Basic128Rsa15 and Basic256 if they are named"),
            trustOnFirstUse: section.boolean(
                "trust_on_first_use", default: false, about: "trusts an unknown server for good at the first meeting"),
            requireCRL: requireCRL)
    }
}
