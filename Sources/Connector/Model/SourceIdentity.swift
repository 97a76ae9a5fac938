/// What every record of a source says about where it came from.
package struct SourceIdentity: Sendable {
    /// The configured name, unique within the connector.
    package var name: String
    /// `opcua`, `mqtt`, `modbus`, `rest` or `sql`.
    package var protocolType: String
    /// The configured endpoint, without credentials.
    package var endpoint: String
    /// The protocol's name of a status code, asked once per code.
    package var statusName: @Sendable (Int32) -> String

    package init(
        name: String, protocolType: String, endpoint: String, statusName: @escaping @Sendable (Int32) -> String
    ) {
        self.name = name
        self.protocolType = protocolType
        self.endpoint = endpoint
        self.statusName = statusName
    }
}
