import ArgumentParser
import CommandSupport
import ConnectorConfiguration
import ConnectorModel
import ConnectorNormalization
import Logging

/// `penstock read SOURCE`: prints readings of one source, for a notebook or a look; nothing is delivered.
struct ReadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "read", abstract: "Print readings of a source as a table, CSV or JSON lines.")

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, csv, ndjson
    }

    @OptionGroup var configuration: ConfigurationOptions
    @Argument(help: "The name of the source in the configuration.")
    var source: String
    @Option(help: "table, csv or ndjson.")
    var format: Format = .table
    @Option(
        name: .customLong("for"),
        help: "Seconds to read for; without it, until each tag has been read once, at most 10 seconds.")
    var seconds: Double?

    func run() async throws {
        let settings = try configuration.load().settings
        let source = try settings.source(named: source)
        let logger = Logger(label: "penstock") { _ in SwiftLogNoOpLogHandler() }
        let sample = SourceSample(
            try source.makeSourceForALook(stateDirectory: settings.stateDirectory, logger: logger),
            options: settings.intakeOptions(for: source, paths: TagPathRegistry(), logger: logger))
        let withNodes = sample.intake.source.protocolType == "opcua"
        if let header = ReadingRow.header(format, withNodes: withNodes) { Console.say(header) }
        let format = format
        try await sample.collect(for: .seconds(seconds ?? 10), untilEachTagHasAReading: seconds == nil) { row in
            Console.say(row.text(format, withNodes: withNodes))
        }
    }
}

/// One printed reading: the columns of every source's table.
struct ReadingRow: Sendable {
    var timestamp: String
    var sensor: String
    var value: String?
    var source: String
    var quality: String
    var unit: String?
    /// OPC UA only.
    var nodeID: String?
    /// The tag's normalised path; nil while normalisation is switched off.
    var tagPath: String?

    static func header(_ format: ReadCommand.Format, withNodes: Bool = false) -> String? {
        switch format {
        case .table:
            line(["timestamp", "sensor", "value", "unit", "quality", "source"] + (withNodes ? ["node_id"] : []))
        case .csv: "timestamp,sensor,value,source,quality,unit" + (withNodes ? ",node_id" : "")
        case .ndjson: nil
        }
    }

    func text(_ format: ReadCommand.Format, withNodes: Bool = false) -> String {
        let node = withNodes ? [nodeID ?? ""] : []
        return switch format {
        case .table: Self.line([timestamp, sensor, value ?? "", unit ?? "", quality, source] + node)
        case .csv:
            ([timestamp, sensor, value ?? "", source, quality, unit ?? ""] + node).map(Self.csv).joined(separator: ",")
        case .ndjson: json(withNodes: withNodes)
        }
    }

    private func json(withNodes: Bool) -> String {
        var cells: [(name: String, value: String?)] = [
            ("timestamp", timestamp), ("sensor", sensor), ("value", value), ("source", source), ("quality", quality),
            ("unit", unit),
        ]
        if withNodes { cells.append(("node_id", nodeID)) }
        if let tagPath { cells.append(("tag_path", tagPath)) }
        return "{" + cells.map { "\"\($0.name)\":" + ($0.value.map(Self.json) ?? "null") }.joined(separator: ",") + "}"
    }

    private static func line(_ cells: [String]) -> String {
        zip(cells, [27, 32, 20, 8, 10, cells.count > 6 ? 12 : 0, 0]).map { cell, width in
            cell + String(repeating: " ", count: max(width - cell.count, 0))
        }.joined(separator: " ")
    }

    private static func csv(_ text: String) -> String {
        guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }

    private static func json(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case _ where scalar.value < 32:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
