import ArgumentParser
import CommandSupport
import ConnectorConfiguration
import ConnectorModel
import JSONSupport
import LocalTableAdapter
import ZerobusAdapter

/// `penstock tables`: the tables of the configured targets, as SQL, protobuf or JSON.
struct TablesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tables", abstract: "Print the CREATE TABLE text of each target.",
        discussion: "With --layout it prints a layout that no target has yet.")

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case sql, proto, json
    }

    @OptionGroup var configuration: ConfigurationOptions

    @Option(help: "sql, with a view that removes duplicates; proto; or json.")
    var format = Format.sql

    @Option(help: "A layout instead of the configured one.")
    var layout: String?

    func run() async throws {
        let (settings, _) = try configuration.load()
        var (layout, table) =
            switch settings.target {
            case .zerobus(let zerobus): (zerobus.layout, zerobus.table)
            case .local(let local): (local.layout, "main.default.\(local.table)")
            case .notConfigured, .disabled: (RecordLayout.rawEvents, "main.default.raw_events")
            }
        if let name = self.layout {
            guard let named = RecordLayout.all.first(where: { $0.name == name }) else {
                throw ValidationError(
                    "there is no layout '\(name)'; there are "
                        + RecordLayout.all.map(\.name).joined(separator: ", ") + ".")
            }
            layout = named
            table = "main.default.\(name)"
        }
        Console.say(Self.text(of: layout, table: table, format))
    }

    static func text(of layout: RecordLayout, table: String, _ format: Format) -> String {
        switch format {
        case .sql: layout.createTable(named: table) + "\n" + layout.createViewWithoutDuplicates(of: table)
        case .proto: layout.protoText()
        case .json:
            "{\"table\":\(JSONText.quoted(table)),\"layout\":\(JSONText.quoted(layout.name)),\"columns\":["
                + layout.columns.map { column in
                    "{\"number\":\(column.number),\"name\":\(JSONText.quoted(column.name)),"
                        + "\"type\":\(JSONText.quoted(column.type.deltaName)),"
                        + "\"protobuf\":\(JSONText.quoted(column.type.protoName)),"
                        + "\"comment\":\(JSONText.quoted(column.comment))}"
                }.joined(separator: ",") + "]}"
        }
    }
}
