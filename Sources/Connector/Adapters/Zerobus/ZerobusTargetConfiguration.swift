package import ConnectorModel
import ZerobusClient
import ZerobusCore

/// One table behind a Zerobus endpoint.
package struct ZerobusTargetConfiguration: Equatable, Sendable {
    package let table: String
    package let layout: RecordLayout
    /// Where tokens come from, as configured.
    package let workspace: String
    /// Where rows go, as configured.
    package let endpoint: String
    package let clientID: String
    package let proxy: ZerobusProxy
    package let columns: TargetColumns
    package let recordFormat: RecordFormat
    /// Streams into the table, for more than one carries; a tag always uses the same one.
    package let streams: Int
    package static let streamsMax = 64
    /// A stream without an acknowledgement for so long, while it waits for one, is given up for a new one.
    package let progressTimeout: Duration
    let tableName: TableName
    let client: IngestClientConfiguration

    /// A checked configuration.
    ///
    /// - Parameters:
    ///   - table: `catalog.schema.table`
    ///   - workspace, endpoint: a host name (https) or a URL; `http://` only for loopback addresses, unless
    ///     `allowPlaintext` is set.
    ///   - trustedRootsFile: PEM file of roots that are trusted instead of the system's.
    /// - Throws: `SettingError`, which names the key at fault.
    package init(
        table: String, layout: RecordLayout, workspace: String, endpoint: String, clientID: String,
        clientSecret: String, allowPlaintext: Bool, trustedRootsFile: String? = nil, proxy: ZerobusProxy = .none,
        columns: TargetColumns = .automatic, recordFormat: RecordFormat = .protobuf, streams: Int = 1,
        progressTimeout: Duration = .seconds(60)
    ) throws(SettingError) {
        guard let tableName = TableName(table) else {
            throw SettingError(
                key: "default_target", problem: "'\(table)' is no table name: catalog, schema and table are needed")
        }
        client = IngestClientConfiguration(
            endpoint: try Self.address(endpoint, key: "zerobus_endpoint", allowPlaintext),
            workspace: try Self.address(workspace, key: "workspace_host", allowPlaintext),
            credentials: .servicePrincipal(id: clientID, secret: clientSecret), trustedRootsFile: trustedRootsFile,
            proxy: proxy.settings)
        self.tableName = tableName
        self.table = table
        self.layout = layout
        self.workspace = workspace
        self.endpoint = endpoint
        self.clientID = clientID
        self.proxy = proxy
        self.columns = columns
        self.recordFormat = recordFormat
        self.progressTimeout = progressTimeout
        self.streams = min(max(streams, 1), Self.streamsMax)
    }

    private static func address(
        _ text: String, key: String, _ allowPlaintext: Bool
    ) throws(SettingError) -> ServiceAddress {
        do throws(ServiceAddress.Invalid) {
            return try ServiceAddress(text, allowPlaintext: allowPlaintext)
        } catch {
            throw SettingError(key: key, problem: error.description)
        }
    }
}

/// How records travel.
package enum RecordFormat: String, Sendable, CaseIterable {
    case protobuf, json
}

/// Which columns of the layout a target gets.
package enum TargetColumns: Hashable, Sendable {
    /// Those that the table has, as the catalog says; all where it says nothing.
    case automatic
    case named([String])
}

extension ZerobusTargetConfiguration {
    var form: RecordShape.Form { recordFormat == .json ? .json : .protobuf }
}
