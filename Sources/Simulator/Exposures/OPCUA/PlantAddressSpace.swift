import OPCUAServer
import OPCUATypes
import SimulatorPlant

/// The plant as OPC UA nodes: a folder per industry, in it one per machine, an AnalogItem per sensor.
///
/// NodeIds are strings of namespace 2: `mining`, `mining/crusher_1`, `mining/crusher_1_motor_power`.
struct PlantAddressSpace {
    /// The namespace of the plant's nodes; index 2, after the standard's and the server's own.
    static let namespaceURI = "urn:penstock:ot-simulator"
    /// The server's own URI, namespace 1.
    static let applicationURI = "urn:penstock:ot-simulator:server"
    static let namespace: UInt16 = 2

    /// Values of the past that all sensors together keep, and the most and the fewest of one sensor.
    private static let maxHistory = (plant: 200_000, sensor: 3600)
    private static let minHistory = 10

    let space: AddressSpace
    /// The variable of each sensor, in the order of the plant.
    let handles: [VariableHandle]

    init(_ sensors: [Sensor]) throws(AddressSpaceError) {
        var space = AddressSpace(applicationURI: Self.applicationURI, namespaces: [Self.namespaceURI])
        var handles: [VariableHandle] = []
        handles.reserveCapacity(sensors.count)
        let history = Self.historyLength(sensors: sensors.count)
        var industry = ""
        var machine = ""
        // The sensors of a machine, and the machines of an industry, stand together.
        for sensor in sensors {
            if sensor.industry != industry {
                industry = sensor.industry
                machine = ""
                try space.addFolder(Self.id(industry), name: industry)
            }
            if sensor.definition.machine != machine {
                machine = sensor.definition.machine
                try space.addFolder(Self.id(industry + "/" + machine), name: machine, under: Self.id(industry))
            }
            handles.append(try Self.add(sensor, history: history, to: &space, under: Self.id(industry + "/" + machine)))
        }
        self.space = space
        self.handles = handles
    }

    /// How many values of the past each of so many sensors keeps.
    ///
    /// A past of a few values is of no use, and to keep it would cost a large plant as much as all else.
    static func historyLength(sensors: Int) -> Int {
        let share = min(maxHistory.sensor, maxHistory.plant / max(1, sensors))
        return share < minHistory ? 0 : share
    }

    private static func add(
        _ sensor: Sensor, history: Int, to space: inout AddressSpace, under parent: NodeId
    ) throws(AddressSpaceError) -> VariableHandle {
        let definition = sensor.definition
        let type: BuiltInType =
            switch definition.kind {
            case .measurement: .double
            case .count: .uint64
            case .state: .boolean
            }
        let variable = VariableDefinition(
            id: id(sensor.path), name: definition.name, description: "\(definition.type) of \(definition.machine)",
            type: type, historyLength: history)
        guard definition.kind != .state else { return try space.addVariable(variable, under: parent) }
        return try space.addAnalogItem(
            variable, range: ValueRange(low: definition.minimum, high: definition.maximum),
            unit: EngineeringUnits.information(definition.unit), under: parent)
    }

    static func id(_ path: String) -> NodeId { NodeId(namespace: namespace, string: path) }
}
