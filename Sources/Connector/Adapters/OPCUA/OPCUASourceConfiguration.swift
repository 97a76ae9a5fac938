import OPCUAClient
import OPCUATypes

/// What an OPC UA source reads, and how.
package struct OPCUASourceConfiguration: Hashable, Sendable {
    package let name: String
    /// `opc.tcp://host:port/path`
    package let endpoint: String
    /// What to monitor, as configured; empty means: browse the Objects folder and monitor every variable found.
    package let nodes: [String]
    /// The most variables that browsing may find.
    package let variableLimit: Int
    package let publishingInterval: Duration
    /// Nil asks the server for the publishing interval.
    package let samplingInterval: Duration?
    package let security: OPCUASourceSecurity
    let address: OPCUAEndpoint
    let nodeIDs: [NodeId]

    /// A checked configuration.
    ///
    /// - Parameter nodes: NodeId texts (Part 6, 5.3.1.10): `ns=2;s=name`, `i=7`, `g=…`, `b=…`.
    /// - Throws: `OPCUAConfigurationError`, which names the key at fault.
    package init(
        name: String, endpoint: String, nodes: [String] = [], variableLimit: Int = 10_000,
        publishingInterval: Duration = .seconds(1), samplingInterval: Duration? = nil,
        security: OPCUASourceSecurity = .unset
    ) throws(OPCUAConfigurationError) {
        do throws(OPCUAClientError) {
            address = try OPCUAEndpoint(endpoint)
        } catch {
            throw OPCUAConfigurationError(key: "endpoint", problem: error.message)
        }
        var nodeIDs: [NodeId] = []
        var known: Set<NodeId> = []
        for (index, text) in nodes.enumerated() {
            guard let node = NodeId(text) else {
                throw OPCUAConfigurationError(
                    key: "nodes[\(index)].node_id",
                    problem: "'\(text)' is no node id; write ns=2;s=name, ns=2;i=7, g=… or b=…")
            }
            // Twice the same node is one tag, not every value twice.
            if known.insert(node).inserted { nodeIDs.append(node) }
        }
        self.nodeIDs = nodeIDs
        self.name = name
        self.endpoint = endpoint
        self.nodes = nodes
        self.variableLimit = variableLimit
        self.publishingInterval = publishingInterval
        self.samplingInterval = samplingInterval
        self.security = security
    }
}

/// A setting of an OPC UA source that cannot be.
package struct OPCUAConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The key at fault, as it stands in the block of the source.
    package let key: String
    /// What is wrong, as a phrase that follows the key.
    package let problem: String

    package var description: String { "\(key): \(problem)" }
}
