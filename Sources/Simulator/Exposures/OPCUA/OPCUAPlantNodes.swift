package import SimulatorPlant

/// The plant's nodes as texts that outlive a start of the server.
package enum OPCUAPlantNodes {
    /// NodeId with the namespace by URI (Part 6, 5.1.12).
    package static func nodeText(of sensor: Sensor) -> String {
        "nsu=\(PlantAddressSpace.namespaceURI);s=\(sensor.path)"
    }
}
