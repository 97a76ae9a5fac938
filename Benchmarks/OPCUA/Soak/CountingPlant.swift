package import Logging
package import NIOCore
package import OPCUAServer
package import OPCUATypes

/// A server whose items all count: the value of every item is the number of the tick. A client that has seen every
/// number once has lost nothing.
package struct CountingPlant: Sendable {
    package static let namespace: UInt16 = 2
    /// Ticks that have been given to the server.
    package let server: ServerApplication
    private let handles: [VariableHandle]

    /// - Parameter tags: number of items; they are AnalogItems below machines of a hundred.
    package init(
        tags: Int, configuration: ServerConfiguration, group: any EventLoopGroup, logger: Logger
    ) throws {
        var space = AddressSpace(
            applicationURI: configuration.applicationURI, namespaces: ["urn:penstock:bench"])
        var handles: [VariableHandle] = []
        handles.reserveCapacity(tags)
        var machine = AddressSpace.objects
        for index in 0..<tags {
            if index % 100 == 0 {
                let name = "machine_\(index / 100)"
                machine = try space.addFolder(Self.id(name), name: name)
            }
            let definition = VariableDefinition(
                id: Self.id(index), name: "bench/tag_\(index)", description: "count of ticks", type: .double)
            handles.append(
                try space.addAnalogItem(
                    definition, range: ValueRange(low: 0, high: 1e6), unit: Self.unit, under: machine))
        }
        self.handles = handles
        server = ServerApplication(configuration: configuration, addressSpace: space, group: group, logger: logger)
    }

    private static let unit = EUInformation(
        namespaceUri: "http://www.opcfoundation.org/UA/units/un/cefact", unitId: 17_242,
        displayName: LocalizedText("min"))

    /// The NodeId of an item.
    package static func id(_ index: Int) -> NodeId { id("bench/tag_\(index)") }
    private static func id(_ text: String) -> NodeId { NodeId(namespace: namespace, string: text) }

    /// Gives every item the value of a tick. A chunk at a time, so that the server's lock is never held long.
    package func tick(_ number: Int, at time: DateTime) {
        let value = DataValue(.double(Double(number)), sourceTimestamp: time, serverTimestamp: time)
        var updates: [VariableUpdate] = []
        updates.reserveCapacity(min(Self.chunk, handles.count))
        for handle in handles {
            updates.append(VariableUpdate(handle, value))
            if updates.count == Self.chunk {
                server.update(updates)
                updates.removeAll(keepingCapacity: true)
            }
        }
        server.update(updates)
    }

    private static let chunk = 5_000
}
