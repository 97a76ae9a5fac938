import ArgumentParser
import Foundation

/// `zerobus-local query`.
struct Query: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run one SELECT and print its rows.",
        discussion: """
            Tables have their three-part names, main.plant.raw_events for instance. Times are microseconds since the \
            epoch, maps are JSON texts (json_extract(metadata, '$.unit')). Works while `serve` runs; never writes.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json, csv
    }

    @OptionGroup var common: CommonOptions

    @Option(help: "How to print: table, json (one array of objects) or csv.")
    var format = Format.table

    @Argument(help: "The query.")
    var sql: String

    func run() async throws {
        let directory = try DataDirectory(path: common.dataDirectory, create: false)
        guard FileManager.default.fileExists(atPath: directory.databasePath) else {
            throw StoreError(.notFound, "there are no tables in '\(common.dataDirectory)'")
        }
        let query = try ReadOnlyQuery(directory)
        var printer: any RowPrinter =
            switch format {
            case .table: TableRowPrinter()
            case .json: JSONRowPrinter()
            case .csv: CSVRowPrinter()
            }
        try query.run(sql) {
            printer.columns($0)
        } row: {
            printer.row($0)
        }
        printer.end()
    }
}
