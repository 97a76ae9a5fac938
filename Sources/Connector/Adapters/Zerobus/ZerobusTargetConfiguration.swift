package import ConnectorModel

/// One table behind a Zerobus endpoint.
package struct ZerobusTargetConfiguration: Hashable, Sendable {
    /// `catalog.schema.table`
    package var table: String
    package var layout: RecordLayout
    /// Where tokens come from: a host name (https) or a URL.
    package var workspace: String
    /// Where rows go: a host name (https) or a URL.
    package var endpoint: String
    package var clientID: String
    package var clientSecret: String
    /// Lets `http://` go to an address that is not loopback.
    package var allowPlaintext: Bool

    package init(
        table: String, layout: RecordLayout, workspace: String, endpoint: String, clientID: String,
        clientSecret: String, allowPlaintext: Bool
    ) {
        self.table = table
        self.layout = layout
        self.workspace = workspace
        self.endpoint = endpoint
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.allowPlaintext = allowPlaintext
    }
}
