import OPCUAClient
package import OPCUATypes

/// What an OPC UA source reads, and how.
package struct OPCUASourceConfiguration: Hashable, Sendable {
    package var name: String
    /// `opc.tcp://host:port/path`
    package var endpoint: String
    /// What to monitor; empty means: browse the Objects folder and monitor every variable found.
    package var nodes: [NodeId]
    /// The most variables that browsing may find.
    package var variableLimit: Int
    package var publishingInterval: Duration
    /// Nil asks the server for the publishing interval.
    package var samplingInterval: Duration?

    package init(
        name: String, endpoint: String, nodes: [NodeId] = [], variableLimit: Int = 10_000,
        publishingInterval: Duration = .seconds(1), samplingInterval: Duration? = nil
    ) throws(OPCUAConfigurationError) {
        do throws(OPCUAClientError) {
            _ = try OPCUAEndpoint(endpoint)
        } catch {
            throw OPCUAConfigurationError(key: "endpoint", problem: error.message)
        }
        self.name = name
        self.endpoint = endpoint
        self.nodes = nodes
        self.variableLimit = variableLimit
        self.publishingInterval = publishingInterval
        self.samplingInterval = samplingInterval
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
