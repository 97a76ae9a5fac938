import ConnectorModel
import LocalTableAdapter
import YAMLSupport
import ZerobusAdapter

/// The block `zerobus`: where rows go and how they leave.
enum ZerobusSection {
    struct Batch {
        var recordsMax: Int
        var bytesMax: Int
        var linger: Duration
    }

    static func read(
        _ section: consuming Section, stateDirectory: String
    ) -> (TargetSettings, Batch, RetrySettings) {
        let enabled = section.boolean("enabled", default: true)
        let workspace = section.string("workspace_host")
        let endpoint = section.string("zerobus_endpoint")
        let allowPlaintext = section.boolean("allow_plaintext", default: false)
        var auth = section.section("auth")
        let environment = section.references.environment
        let clientID =
            auth.string("client_id") ?? environment["CONNECTOR_ZEROBUS_CLIENT_ID"] ?? environment["DBX_CLIENT_ID"]
        let clientSecret =
            auth.string("client_secret") ?? environment["CONNECTOR_ZEROBUS_CLIENT_SECRET"]
            ?? environment["DBX_CLIENT_SECRET"]
        auth.finish()
        var tls = section.section("tls")
        let authority = tls.string("ca")
        tls.finish()
        let proxy = readProxy(section.section("proxy"))
        let table = readTarget(section.section("default_target"), hasWorkspace: workspace != nil)
        let batch = readBatch(section.section("batch"))
        let retry = section.retry("retry")
        if workspace == nil, endpoint != nil {
            section.report("needs workspace_host beside it, where the access token comes from", at: "zerobus_endpoint")
        }
        defer { section.finish() }
        guard enabled else { return (.disabled, batch, retry) }
        if table.isLocal {
            let path = "\(stateDirectory)/tables/local.sqlite"
            return (.local(.init(path: path, table: table.table, layout: table.layout)), batch, retry)
        }
        let missing = [
            workspace == nil ? "zerobus.workspace_host" : nil,
            endpoint == nil ? "zerobus.zerobus_endpoint" : nil,
            clientID == nil ? "zerobus.auth.client_id" : nil,
            clientSecret == nil ? "zerobus.auth.client_secret" : nil,
        ].compactMap { $0 }
        guard let workspace, let endpoint, let clientID, let clientSecret else {
            return (.notConfigured(missing: missing.joined(separator: ", ")), batch, retry)
        }
        do {
            let zerobus = try ZerobusTargetConfiguration(
                table: "\(table.catalog).\(table.schema).\(table.table)", layout: table.layout, workspace: workspace,
                endpoint: endpoint, clientID: clientID, clientSecret: clientSecret, allowPlaintext: allowPlaintext,
                trustedRootsFile: authority, proxy: proxy, columns: table.columns, recordFormat: table.format)
            return (.zerobus(zerobus), batch, retry)
        } catch {
            section.report(error.problem, at: error.key)
            return (.disabled, batch, retry)
        }
    }

    /// The block `proxy`; without one the environment's variables count.
    private static func readProxy(_ section: consuming Section) -> ZerobusProxy {
        let enabled = section.boolean("enabled", default: true)
        let usesEnvironment = section.boolean("use_env_vars", default: true)
        let https = section.string("https_proxy")
        let http = section.string("http_proxy")
        let exceptions = section.strings("no_proxy").flatMap { $0.split(separator: ",").map(String.init) }
        defer { section.finish() }
        guard enabled else { return .none }
        do {
            return try ZerobusProxy(
                https: https, http: http, exceptions: exceptions,
                environment: usesEnvironment ? section.references.environment : nil)
        } catch {
            section.report(error.problem, at: error.key.replacing("proxy.", with: ""))
            return .none
        }
    }

    private struct Table {
        var isLocal: Bool
        var catalog: String
        var schema: String
        var table: String
        var layout: RecordLayout
        var columns: TargetColumns
        var format: RecordFormat
    }

    private static func readTarget(_ section: consuming Section, hasWorkspace: Bool) -> Table {
        let isLocal = section.choice(
            "kind", default: !hasWorkspace, [("zerobus", false), ("local", true)])
        let catalog = name("catalog", default: "main", &section)
        let schema = name("schema", default: "default", &section)
        let table = name("table", default: "raw_events", &section)
        let layout = section.choice(
            "layout", default: RecordLayout.rawEvents, RecordLayout.all.map { ($0.name, $0) })
        let format = section.choice(
            "record_format", default: RecordFormat.protobuf, RecordFormat.allCases.map { ($0.rawValue, $0) })
        let columns = readColumns(of: layout, &section)
        section.finish()
        return Table(
            isLocal: isLocal, catalog: catalog, schema: schema, table: table, layout: layout, columns: columns,
            format: format)
    }

    private static func readColumns(of layout: RecordLayout, _ section: inout Section) -> TargetColumns {
        let names = section.strings("columns")
        if names.isEmpty || names == ["auto"] { return .automatic }
        for name in names where !layout.columns.contains(where: { $0.name == name }) {
            let nearest = NearestKey.nearest(to: name, among: layout.columns.map(\.name))
            section.report(
                "the layout \(layout.name) has no column '\(name)'"
                    + (nearest.map { "; did you mean '\($0)'?" } ?? ""), at: "columns")
        }
        return .named(names)
    }

    private static func name(_ key: String, default value: String, _ section: inout Section) -> String {
        let name = section.string(key) ?? value
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

    private static func readBatch(_ section: consuming Section) -> Batch {
        let records = section.integer("max_records", default: 1000, in: 1...100_000)
        let bytes = section.integer("max_bytes", default: 4 * 1024 * 1024, in: 65_536...10_000_000)
        let linger = section.integer("linger_ms", default: 20, in: 0...60_000)
        section.finish()
        return Batch(recordsMax: records, bytesMax: bytes, linger: .milliseconds(linger))
    }
}
