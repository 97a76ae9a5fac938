import ConnectorModel
import LocalTableAdapter
import WordSupport
import YAMLSupport
import ZerobusAdapter

/// A target while its keys are gathered: a source target inherits what it omits from the default one, and that from the
/// block `zerobus`.
struct TargetDraft {
    var clientID: String?
    var clientSecret: String?
    let localPath: String
    var allowPlaintext = false
    var authority: String?
    var proxy = ZerobusProxy.none
    var progressTimeout = Duration.seconds(60)
    private var workspace: String?
    private var endpoint: String?
    /// Nil while nobody has said it: then it is local when there is no workspace.
    private var isLocal: Bool?
    private var catalog = "main"
    private var schema = "default"
    private var table = "raw_events"
    private var layout = RecordLayout.rawEvents
    private var columns = TargetColumns.automatic
    private var format = RecordFormat.protobuf
    private var streams = 1
    /// Where the service's keys stand, for findings.
    private var servicePlace: Section.Place

    init(localPath: String, place: Section.Place) {
        servicePlace = place
        self.localPath = localPath
    }

    /// Takes the keys that say where the service is and who we are to it.
    mutating func readService(_ section: inout Section) {
        if section.has("workspace_host") || section.has("zerobus_endpoint") { servicePlace = section.place() }
        OtherNames.acceptAuthentication(&section)
        let workspace = section.string(
            "workspace_host", orElse: self.workspace.map { ($0, Self.inherited) },
            about: "host or URL of the workspace, which gives the access tokens")
        let ownEndpoint = section.has("zerobus_endpoint")
        let endpoint = section.string(
            "zerobus_endpoint", orElse: self.endpoint.map { ($0, Self.inherited) },
            about: "host or URL of the Zerobus service")
        self.workspace = workspace
        self.endpoint = endpoint
        var auth = section.section("auth", about: "the service principal")
        clientID = auth.string("client_id", orElse: clientID.map { ($0, Self.inherited) }, about: "its id")
        clientSecret = auth.string(
            "client_secret", orElse: clientSecret.map { ($0, Self.inherited) }, about: "its secret; better a reference")
        auth.finish()
        if workspace == nil, ownEndpoint {
            section.report("needs workspace_host beside it, where the access token comes from", at: "zerobus_endpoint")
        }
    }

    private static let inherited = "inherited"

    /// The draft with a target's own keys.
    func reading(_ section: consuming Section) -> TargetDraft {
        var draft = self
        draft.readService(&section)
        let kinds: [(String, Bool?)] = [("zerobus", false), ("local", true)]
        draft.isLocal = section.choice(
            "kind", default: isLocal, kinds, about: "without it zerobus where a workspace is named, else local")
        draft.catalog = Self.name("catalog", default: catalog, about: "of the table", &section)
        draft.schema = Self.name("schema", default: schema, about: "of the table", &section)
        draft.table = Self.name("table", default: table, about: "where the rows go", &section)
        draft.layout = section.choice(
            "layout", default: layout, RecordLayout.all.map { ($0.name, $0) }, about: "the columns of a row")
        draft.format = section.choice(
            "record_format", default: format, RecordFormat.allCases.map { ($0.rawValue, $0) },
            about: "how rows travel")
        draft.streams = section.integer(
            "streams", default: streams, in: 1...ZerobusTargetConfiguration.streamsMax,
            about: "into the table at the same time; a tag always uses the same one")
        // Columns belong to a layout: another one starts with all of its own.
        draft.columns = Self.columns(of: draft.layout, default: draft.layout == layout ? columns : .automatic, &section)
        section.finish()
        return draft
    }

    /// The finished target; what cannot be is reported.
    func target(enabled: Bool, _ section: borrowing Section) -> TargetSettings {
        let isLocal = isLocal ?? (workspace == nil)
        let name = isLocal ? table : "\(catalog).\(schema).\(table)"
        let intended = TargetSettings.IntendedTable(name: name, layout: layout)
        guard enabled else { return .disabled(intended) }
        if isLocal { return .local(.init(path: localPath, table: table, layout: layout)) }
        let clientID = credential("client_id", clientID, section)
        let clientSecret = credential("client_secret", clientSecret, section)
        let missing = [
            workspace == nil ? "zerobus.workspace_host" : nil,
            endpoint == nil ? "zerobus.zerobus_endpoint" : nil,
            clientID == nil ? "zerobus.auth.client_id" : nil,
            clientSecret == nil ? "zerobus.auth.client_secret" : nil,
        ].compactMap { $0 }
        guard let workspace, let endpoint, let clientID, let clientSecret else {
            return .notConfigured(intended, missing: missing.joined(separator: ", "))
        }
        do {
            return .zerobus(
                try ZerobusTargetConfiguration(
                    table: name, layout: layout, workspace: workspace, endpoint: endpoint, clientID: clientID,
                    clientSecret: clientSecret, allowPlaintext: allowPlaintext, trustedRootsFile: authority,
                    proxy: proxy, columns: columns, recordFormat: format, streams: streams,
                    progressTimeout: progressTimeout))
        } catch {
            section.report(error.problem, at: servicePlace, key: error.key)
            return .disabled(intended)
        }
    }

    /// Who we are, as the configuration says, else the vault, else the environment.
    private func credential(_ key: String, _ configured: String?, _ section: borrowing Section) -> String? {
        if let configured { return configured }
        do {
            if let value = try section.references.credential("zerobus.\(key)") {
                section.tell("auth.\(key)", value, origin: "vault, zerobus.\(key)")
                return value
            }
        } catch {
            section.report(error.problem, at: servicePlace, key: "auth.\(key)")
        }
        for variable in ["CONNECTOR_ZEROBUS_\(key.uppercased())", "DBX_\(key.uppercased())"] {
            guard let value = section.references.environment[variable] else { continue }
            section.tell("auth.\(key)", value, origin: "environment variable \(variable)")
            return value
        }
        return nil
    }

    private static func columns(
        of layout: RecordLayout, default value: TargetColumns, _ section: inout Section
    ) -> TargetColumns {
        let isSaid = section.has("columns")
        var standard = ["auto"]
        if case .named(let names) = value { standard = names }
        let names = section.strings("columns", default: standard, about: "auto: those that the table has; or a list")
        guard isSaid else { return value }
        if names.isEmpty || names == ["auto"] { return .automatic }
        for name in names where !layout.columns.contains(where: { $0.name == name }) {
            let nearest = NearestWord.nearest(to: name, among: layout.columns.map(\.name))
            section.report(
                "the layout \(layout.name) has no column '\(name)'"
                    + (nearest.map { "; did you mean '\($0)'?" } ?? ""), at: "columns")
        }
        return .named(names)
    }

    private static func name(
        _ key: String, default value: String, about: String, _ section: inout Section
    ) -> String {
        let name = section.string(key, default: value, about: about)
        let isValid =
            !name.isEmpty && name.count <= 255
            && name.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
            }
        if !isValid { section.report("letters, digits and underscore only, found '\(name)'", at: key) }
        return name
    }
}
