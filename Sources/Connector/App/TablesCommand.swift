import ArgumentParser
import CommandSupport
import ConnectorConfiguration
import ConnectorModel
import JSONSupport
import LocalTableAdapter

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
        guard let name = layout else {
            let tables = settings.routes.map { ($0.target.layout, Self.threePartName(of: $0.target)) }
            Console.say(tables.map { Self.text(of: $0, table: $1, format) }.joined(separator: "\n"))
            return
        }
        guard let layout = RecordLayout.all.first(where: { $0.name == name }) else {
            throw ValidationError(
                "there is no layout '\(name)'; there are " + RecordLayout.all.map(\.name).joined(separator: ", ") + ".")
        }
        Console.say(Self.text(of: layout, table: "main.default.\(name)", format))
    }

    private static func threePartName(of target: TargetSettings) -> String {
        if case .local(let local) = target { return "main.default.\(local.table)" }
        return target.tableName
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
