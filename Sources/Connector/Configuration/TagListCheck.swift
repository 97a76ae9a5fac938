import ConnectorNormalization
import YAMLSupport

/// Reads a tag list as the source of a configuration would, for a report.
package enum TagListCheck {
    /// What is wrong, each with line and column, and how many tags there are.
    /// - Parameter protocolType: nil reads only what all protocols have in common, and the columns of any.
    /// - Throws: what cannot be read at all.
    package static func report(_ path: String, protocolType: String?) throws -> (problems: [String], tags: Int) {
        let reader = TagListReader(try TagListFile.read(path), protocolType: protocolType)
        guard reader.problems.isEmpty, let protocolType else {
            return (reader.problems.map(\.description), reader.rows.count)
        }
        let endpoints = ["opcua": "opc.tcp://localhost", "mqtt": "mqtt://localhost", "modbus": "modbus://localhost"]
        guard let endpoint = endpoints[protocolType] else { return ([], reader.rows.count) }
        let more = protocolType == "mqtt" ? ", topics: ['#']" : ""
        let quoted = "'" + path.replacing("'", with: "''") + "'"
        do throws(ConfigurationError) {
            _ = try ConfigurationReader(file: path, environment: [:]).read(
                "sources: [{name: list, endpoint: '\(endpoint)'\(more), tag_list: \(quoted)}]")
            return ([], reader.rows.count)
        } catch {
            return (error.findings.map(\.problem), reader.rows.count)
        }
    }
}
