package import ConnectorModel
import OPCUAClient

/// What an OPC UA source reads, and how.
package struct OPCUASourceConfiguration: Hashable, Sendable {
    package let name: String
    /// `opc.tcp://host:port/path`; that of the Thing Description when it alone says where.
    package let endpoint: String
    /// What to read, as configured; empty means: browse the Objects folder and read every variable found.
    package internal(set) var nodes: [NodeSelection]
    package let discovery: TagDiscovery
    package let reading: TagReading
    package internal(set) var security: OPCUASourceSecurity
    /// Where the server, or one that stands in for it, is tried when `endpoint` cannot be reached; in this order.
    package let endpoints: [String]
    /// The server connects to this side.
    package let reverseConnect: ReverseConnect?
    /// What was missed during an outage is read from the server's history.
    package let backfillsHistory: Bool
    /// URL of a Thing Description that is read at each connection.
    package internal(set) var thing: String?
    let address: OPCUAEndpoint
    let otherAddresses: [OPCUAEndpoint]

    /// Where this side listens for servers (Part 6, 7.1.2.6).
    package struct ReverseConnect: Hashable, Sendable {
        package let host: String
        package let port: Int

        /// - Parameter text: `host:port`, `[IPv6]:port` or `:port` for all addresses.
        package init(_ text: String) throws(SettingError) {
            let parts = text.hasPrefix(":") ? "0.0.0.0" + text : text
            let address: OPCUAEndpoint?
            do throws(OPCUAClientError) {
                address = try OPCUAEndpoint("opc.tcp://" + parts)
            } catch {
                address = nil
            }
            // A port that is not written is none: the usual one is the servers'.
            guard let address, text.hasSuffix(":\(address.port)") else {
                throw SettingError(
                    key: "reverse_connect.listen", problem: "'\(text)' is no address; write host:port or :port")
            }
            (host, port) = (address.host, address.port)
        }
    }

    /// A checked configuration.
    ///
    /// - Parameters:
    ///   - endpoint: may be empty when a Thing Description in a file says where.
    ///   - thing: a Thing Description: a file, read now, or a URL, read at each connection.
    /// - Throws: `SettingError`, which names the key at fault.
    package init(
        name: String, endpoint: String, nodes: [NodeSelection] = [], discovery: TagDiscovery = TagDiscovery(),
        reading: TagReading = TagReading(), security: OPCUASourceSecurity = .unset, endpoints: [String] = [],
        reverseConnect: ReverseConnect? = nil, backfillsHistory: Bool = false, thing: String? = nil
    ) throws(SettingError) {
        let description: ThingDescription?
        if let thing, !ThingSource.isURL(thing) {
            description = try ThingSource.read(file: thing)
        } else {
            description = nil
            if thing != nil, endpoint.isEmpty {
                throw SettingError(key: "endpoint", problem: "is missing; a td at a URL is read later")
            }
        }
        let endpoint = endpoint.isEmpty ? description?.endpoint ?? endpoint : endpoint
        do throws(OPCUAClientError) {
            address = try OPCUAEndpoint(endpoint)
        } catch {
            throw SettingError(key: "endpoint", problem: error.message)
        }
        var others: [OPCUAEndpoint] = []
        for (index, text) in endpoints.enumerated() {
            do throws(OPCUAClientError) {
                others.append(try OPCUAEndpoint(text))
            } catch {
                throw SettingError(key: "endpoints[\(index)]", problem: error.message)
            }
        }
        otherAddresses = others.filter { [address] in $0.url != address.url }
        self.endpoints = endpoints
        self.reverseConnect = reverseConnect
        self.backfillsHistory = backfillsHistory
        self.nodes = Self.each(nodes)
        self.name = name
        self.endpoint = endpoint
        self.discovery = discovery
        self.reading = reading
        self.security = security
        self.thing = description == nil ? thing : nil
        if let description { try add(description) }
    }

    /// The interval of a subscription that some of the tags will need, whatever is found.
    var usualInterval: Duration {
        let own = nodes.map(\.intervals.publishing)
        return own.contains(nil) ? reading.publishingInterval : own.first.flatMap { $0 } ?? reading.publishingInterval
    }

    /// Twice the same node is one tag, not every value twice.
    static func each(_ nodes: [NodeSelection]) -> [NodeSelection] {
        var known: Set<NodeSelection.Place> = []
        return nodes.filter { known.insert($0.place).inserted }
    }
}
