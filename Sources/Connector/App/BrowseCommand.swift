import ArgumentParser
import CommandSupport
import ConnectorConfiguration
import ConnectorModel
import Logging
import OPCUAAdapter

/// `penstock browse ENDPOINT`: the tree of an OPC UA server.
struct BrowseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "browse", abstract: "Print the nodes of an OPC UA server: NodeId, class, data type and value.")

    @OptionGroup var configuration: ConfigurationOptions
    @Argument(help: "opc.tcp://host:port/path, or the name of a configured source, whose security is used.")
    var endpoint: String
    @Option(help: "Levels below the start.")
    var depth: Int = 64
    @Option(help: "Where to start: a NodeId or a browse path (default: Objects).")
    var node: String?
    @Option(help: "The most nodes.")
    var limit: Int = 10_000
    @Flag(help: "Print the tree as JSON.")
    var json = false
    @Flag(help: "Print a W3C Thing Description with the OPC UA binding (OPC 10101).")
    var td = false
    @Option(help: "Folder with pki/, the certificates (default: state_directory).")
    var state: String?

    func validate() throws {
        if json, td { throw ValidationError("--json and --td exclude each other") }
        guard (1...64).contains(depth) else {
            throw ValidationError("--depth \(depth) is out of range; 1 to 64 is possible")
        }
        guard (1...10_000_000).contains(limit) else {
            throw ValidationError("--limit \(limit) is out of range; 1 to 10000000 is possible")
        }
    }

    func run() async throws {
        let (settings, source) = try source()
        let logger = Logger(label: "penstock") { _ in SwiftLogNoOpLogHandler() }
        let look = OPCUALook(source, pkiFolder: settings.stateDirectory + "/pki", logger: logger)
        let tree: NodeTree
        do {
            let start = try node.map {
                $0.hasPrefix("/") ? try NodeSelection(browsePath: $0) : try NodeSelection(nodeID: $0)
            }
            tree = try await look.tree(from: start, depth: depth, limit: limit)
        } catch let error as SettingError {
            throw CommandError("--node: \(error.problem)")
        } catch let failure as SourceFailure {
            throw CommandError(failure.message)
        }
        if td {
            Console.say(tree.thingDescription(title: source.name))
        } else if json {
            Console.say(tree.json)
        } else {
            for line in tree.lines { Console.say(line) }
        }
        if tree.isTruncated { Console.complain("only the first \(tree.count) nodes; see --limit and --depth") }
    }

    /// The configured source of that name, or one for the URL alone.
    private func source() throws -> (ConnectorSettings, OPCUASourceConfiguration) {
        let settings = try configuration.load(stateDirectory: state).settings
        if let found = settings.sources.first(where: { $0.name == endpoint }) {
            guard case .opcua(let opcua) = found.adapter else {
                throw CommandError("\(endpoint) is no OPC UA source; only those have a tree to browse")
            }
            return (settings, opcua)
        }
        guard endpoint.contains("://") else {
            _ = try settings.source(named: endpoint)
            return (settings, try OPCUASourceConfiguration(name: endpoint, endpoint: endpoint))
        }
        do throws(SettingError) {
            return (settings, try OPCUASourceConfiguration(name: endpoint, endpoint: endpoint))
        } catch {
            throw CommandError(error.problem)
        }
    }
}
