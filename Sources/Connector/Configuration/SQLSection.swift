import YAMLSupport

/// The keys of an SQL source.
extension SourceSection {
    static func sql(_ name: String, _ section: inout Section) -> SourceSettings.Adapter? {
        section.accept("endpoint", for: "connection_string")
        OtherNames.accept(intervals: &section)
        let connection = section.requiredString(
            "connection_string", about: "postgresql://, mysql://, sqlite:/// or odbc:; the password better beside it")
        if !connection.isEmpty, Kind.detect(connection) != .sql {
            section.report("begins with postgresql://, mysql://, sqlite:/// or odbc:", at: "connection_string")
        }
        _ = section.string("username", about: "if not in the connection string")
        _ = section.string("password", about: "if not in the connection string; better a reference")
        let driver = section.string("odbc_driver", about: "name of the driver for mysql:// and odbc:")
        if connection.lowercased().hasPrefix("mysql"), driver == nil {
            section.report("is missing; mysql:// needs the name of an ODBC driver", at: "odbc_driver")
        }
        let query = section.requiredString("query", about: "what is asked for; it only reads")
        _ = section.integer("poll_interval_ms", default: 1000, in: 10...86_400_000, about: "from one query to the next")
        _ = section.duration("statement_timeout", default: .seconds(30), about: "for each query")
        _ = section.integer("fetch_size", default: 1000, in: 1...1_000_000, about: "rows fetched at once")
        _ = section.integer("pool_size", default: 1, in: 1...64, about: "connections to the database")
        let form = section.word(
            "rows", of: ["long", "wide"], default: "long", about: "long: one value a row; wide: one tag a column")
        var columns = section.section("columns", about: "which column is what")
        for (key, standard) in [("tag", "tag"), ("time", "time"), ("value", "value")] {
            _ = columns.string(key, default: standard, about: "column of the \(key)")
        }
        _ = columns.string("quality", about: "column of the quality")
        columns.finish()
        let watermark = section.string(
            "watermark_column", about: "reads what is new by this column; kept across restarts")
        let initial = section.string("watermark_initial", about: "the mark of the first query")
        if watermark == nil, initial != nil {
            section.report("needs watermark_column beside it", at: "watermark_initial")
        }
        if form == "wide", query.isEmpty { section.report("needs a query", at: "rows") }
        let source = NotBuiltSource(protocolType: "sql", endpoint: withoutCredentials(connection))
        return .notBuilt(source)
    }

    /// Scheme, host and path: what stands in rows and on pages.
    private static func withoutCredentials(_ connection: String) -> String {
        if connection.lowercased().hasPrefix("odbc:") { return "odbc:" }
        let shown = connection.prefix { $0 != "?" }
        guard let scheme = shown.firstRange(of: "://") else { return String(shown) }
        let rest = shown[scheme.upperBound...]
        let authority = rest.prefix { $0 != "/" }
        guard let at = authority.lastIndex(of: "@") else { return String(shown) }
        return String(shown[..<scheme.upperBound] + rest[rest.index(after: at)...])
    }
}
