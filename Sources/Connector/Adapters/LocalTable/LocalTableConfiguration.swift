package import ConnectorModel

/// Where a local table lives and what its rows look like.
package struct LocalTableConfiguration: Hashable, Sendable {
    /// The SQLite file.
    package var path: String
    /// The table's name in it: letters, digits and underscore.
    package var table: String
    package var layout: RecordLayout

    package init(path: String, table: String, layout: RecordLayout) {
        self.path = path
        self.table = table
        self.layout = layout
    }
}
