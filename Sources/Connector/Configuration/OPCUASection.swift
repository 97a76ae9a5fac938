import ConnectorModel
import OPCUAAdapter
import YAMLSupport

/// The keys of an OPC UA source.
extension SourceSection {
    static func opcua(
        _ name: String, _ endpoint: String, _ section: inout Section
    ) -> SourceSettings.Adapter? {
        let discovery = tagDiscovery(&section)
        let reading = tagReading(&section)
        let endpoints = section.strings("endpoints")
        var reverse = section.section("reverse_connect")
        let listen = reverse.string("listen")
        reverse.finish()
        let backfillsHistory = section.boolean("history_backfill", default: false)
        let nodes = section.sections("nodes", plain: "node_id").compactMap { nodeSelection($0) }
        let thing = section.string("td")
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

    private static func tagDiscovery(_ section: inout Section) -> TagDiscovery {
        TagDiscovery(
            variableLimit: section.integer("variable_limit", default: 10_000, in: 1...1_000_000),
            depth: section.optionalInteger("depth", in: 1...64), include: section.strings("include").map(Glob.init),
            exclude: section.strings("exclude").map(Glob.init),
            rebrowseInterval: section.optionalInteger("rebrowse_interval_s", in: 1...604_800).map { .seconds($0) },
            followsModelChanges: section.boolean("follow_model_changes", default: true))
    }

    private static func tagReading(_ section: inout Section) -> TagReading {
        var reading = TagReading()
        reading.mode = section.choice(
            "mode", default: .subscription, TagReading.Mode.allCases.map { ($0.rawValue, $0) })
        reading.publishingInterval = .milliseconds(
            section.integer("publishing_interval_ms", default: 1000, in: publishingRange))
        reading.samplingInterval = section.optionalInteger("sampling_interval_ms", in: samplingRange)
            .map { .milliseconds($0) }
        reading.pollInterval = .milliseconds(section.integer("poll_interval_ms", default: 1000, in: pollRange))
        reading.queueSize = section.optionalInteger("queue_size", in: 1...1_000_000)
        reading.discardPolicy = section.choice(
            "discard_policy", default: .oldest, TagReading.DiscardPolicy.allCases.map { ($0.rawValue, $0) })
        reading.deadband = section.has("deadband") ? deadband(section.section("deadband")) : nil
        reading.trigger = section.choice(
            "data_change_trigger", default: .statusValue,
            TagReading.Trigger.allCases.map { ($0.rawValue, $0) })
        reading.itemsPerSubscription = section.optionalInteger("items_per_subscription", in: 1...1_000_000)
        reading.expandsArrays = section.boolean("expand_arrays", default: false)
        return reading
    }

    private static let publishingRange = 10...3_600_000
    private static let samplingRange = 0...3_600_000
    private static let pollRange = 10...86_400_000

    private static func deadband(_ section: consuming Section) -> TagReading.Deadband? {
        let hasAbsolute = section.has("absolute")
        let hasPercent = section.has("percent")
        let absolute = section.number("absolute", default: 0)
        let percent = section.number("percent", default: 0)
        defer { section.finish() }
        guard hasAbsolute != hasPercent else {
            section.report("needs one of absolute and percent")
            return nil
        }
        if absolute < 0 { section.report("must not be negative", at: "absolute") }
        if !(0...100).contains(percent) { section.report("must be 0 to 100", at: "percent") }
        return hasAbsolute ? .absolute(absolute) : .percent(percent)
    }

    private static func nodeSelection(_ section: consuming Section) -> NodeSelection? {
        var nodeID = section.string("node_id")
        var path = section.string("browse_path")
        // A plain text that begins like a path is one.
        if path == nil, let text = nodeID, text.hasPrefix("/") { (nodeID, path) = (nil, text) }
        let isRecursive = section.boolean("recursive", default: false)
        let depth = section.optionalInteger("depth", in: 1...64)
        if depth != nil, !isRecursive { section.report("needs recursive: true", at: "depth") }
        let intervals = ReadingIntervals(
            sampling: section.optionalInteger("sampling_interval_ms", in: samplingRange).map { .milliseconds($0) },
            publishing: section.optionalInteger("publishing_interval_ms", in: publishingRange)
                .map { .milliseconds($0) },
            poll: section.optionalInteger("poll_interval_ms", in: pollRange).map { .milliseconds($0) })
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

    private static func opcuaSecurity(
        _ section: inout Section
    ) throws(SettingError) -> OPCUASourceSecurity {
        var security = section.section("security")
        let mode = security.string("mode")
        let policy = security.string("policy")
        let certificate = security.string("certificate")
        let privateKey = security.string("private_key")
        let serverCertificate = security.string("server_certificate")
        let userCertificate = security.string("user_certificate")
        let userPrivateKey = security.string("user_private_key")
        let requireCRL = security.boolean("require_crl", default: false)
        security.finish()
        return try OPCUASourceSecurity(
            mode: mode, policy: policy, certificate: certificate, privateKey: privateKey,
            serverCertificate: serverCertificate, username: section.string("username"),
            password: section.string("password"), userCertificate: userCertificate, userPrivateKey: userPrivateKey,
            allowDeprecated: section.boolean("allow_deprecated", default: false),
            trustOnFirstUse: section.boolean("trust_on_first_use", default: false), requireCRL: requireCRL)
    }
}
