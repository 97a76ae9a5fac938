import OPCUAClient

/// What an OPC UA source reads, and how.
package struct OPCUASourceConfiguration: Hashable, Sendable {
    package let name: String
    /// `opc.tcp://host:port/path`; that of the Thing Description when it alone says where.
    package let endpoint: String
    /// What to read, as configured; empty means: browse the Objects folder and read every variable found.
    package let nodes: [NodeSelection]
    package let discovery: TagDiscovery
    package let reading: TagReading
    package let security: OPCUASourceSecurity
    let address: OPCUAEndpoint

    /// A checked configuration.
    ///
    /// - Throws: `OPCUAConfigurationError`, which names the key at fault.
    package init(
        name: String, endpoint: String, nodes: [NodeSelection] = [], discovery: TagDiscovery = TagDiscovery(),
        reading: TagReading = TagReading(), security: OPCUASourceSecurity = .unset
    ) throws(OPCUAConfigurationError) {
        do throws(OPCUAClientError) {
            address = try OPCUAEndpoint(endpoint)
        } catch {
            throw OPCUAConfigurationError(key: "endpoint", problem: error.message)
        }
        // Twice the same node is one tag, not every value twice.
        var known: Set<NodeSelection.Place> = []
        self.nodes = nodes.filter { known.insert($0.place).inserted }
        self.name = name
        self.endpoint = endpoint
        self.discovery = discovery
        self.reading = reading
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
