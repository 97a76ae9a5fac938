import OPCUAClient
import OPCUATypes
import SimulatorPlant
import Testing

@testable import SimulatorExposures

@Suite struct OPCUAExposureTests {
    private func exposure(_ plant: ManualPlant) -> OPCUAExposure {
        OPCUAExposure(host: "127.0.0.1", port: 0, sensors: plant.sensors, feed: plant.feed, logger: plant.logger)
    }

    @Test func largePlantsKeepNoPast() {
        #expect(PlantAddressSpace.historyLength(sensors: 1) == 3600)
        #expect(PlantAddressSpace.historyLength(sensors: 495) == 404)
        #expect(PlantAddressSpace.historyLength(sensors: 20_000) == 10)
        #expect(PlantAddressSpace.historyLength(sensors: 20_001) == 0)
    }

    @Test func aReadShowsOneTick() async throws {
        let plant = try ManualPlant(.crushingLine())
        let nodes = plant.sensors.map { NodeId(namespace: 2, string: $0.path) }
        try await plant.withSwitchboard([exposure(plant)]) { board in
            let url = try await board.start(.opcua)
            #expect(url.hasSuffix("/ot-simulator/server/"))
            let configuration = OPCUAClientConfiguration(endpoint: try OPCUAEndpoint(url))
            try await OPCUAConnection.withConnection(configuration, receiver: OPCUAInbox()) { client in
                let limits = try await client.operationLimits()
                for _ in 0..<2 {
                    let tick = try plant.tick()
                    let values = try await client.read(nodes.map { ($0, .value) }, limits: limits)
                    #expect(values.map(\.value) == tick.values.map { .double($0) })
                    #expect(values.map { $0.sourceTimestamp?.utcMicroseconds } == nodes.map { _ in tick.timestamp })
                    #expect(values.map(\.status) == nodes.map { _ in .good })
                }
            }
        }
    }

    @Test func sensorsStandInFoldersWithTheirRangeAndUnit() async throws {
        let plant = try ManualPlant(.crushingLine(), sensors: 20)
        try await plant.withSwitchboard([exposure(plant)]) { board in
            let configuration = OPCUAClientConfiguration(endpoint: try OPCUAEndpoint(try await board.start(.opcua)))
            try await OPCUAConnection.withConnection(configuration, receiver: OPCUAInbox()) { client in
                let limits = try await client.operationLimits()
                let children = try await client.browse(
                    ["mining", "mining/crusher_1", "mining.2", "mining/crusher_1_motor_power"].map(Self.downwards),
                    limits: limits
                ).map { $0.references.compactMap(\.browseName.name) }
                #expect(children[0] == ["conveyor_belt_1", "crusher_1", "vent_fan_1", "pump_1"])
                #expect(
                    children[1] == [
                        "crusher_1_motor_power", "crusher_1_bearing_temp", "crusher_1_oil_pressure",
                        "crusher_1_vibration_x", "crusher_1_vibration_y",
                    ])
                #expect(children[2] == ["conveyor_belt_1"])
                #expect(Set(children[3]) == ["EURange", "EngineeringUnits"])
                let properties = try await client.read(
                    ["EURange", "EngineeringUnits"].map {
                        (NodeId(namespace: 2, string: "mining/crusher_1_motor_power.\($0)"), .value)
                    }, limits: limits)
                guard case .extensionObject(let range) = properties[0].value,
                    case .extensionObject(let unit) = properties[1].value
                else {
                    Issue.record("no structures: \(properties)")
                    return
                }
                #expect(try range.decode(as: ValueRange.self) == ValueRange(low: 200, high: 800))
                let information = try unit.decode(as: EUInformation.self)
                #expect(information?.displayName.text == "kW")
                #expect(information?.unitId == 0x4B5754)  // "KWT", as UN/ECE has the kilowatt
            }
        }
    }

    @Test func everyUnitOfTheCatalogueIsKnown() throws {
        // Those that UN/ECE does not list; states have no unit at all.
        let nameless: Set = [
            "NTU", "MGD", "MMSCFD", "SCF/BBL", "kW/ton", "mTorr", "ACH", "particles/m³", "g/min", "-", "tablets/min",
            "vials/min", "bottles/min", "units/min", "vehicles/h",
        ]
        for sensor in try ManualPlant(.builtIn()).sensors where !nameless.contains(sensor.definition.unit) {
            #expect(EngineeringUnits.information(sensor.definition.unit).unitId > 0, "\(sensor.definition.unit)")
        }
        #expect(EngineeringUnits.information("furlong").unitId == -1)
    }

    @Test func countsStatesAndQualitiesHaveTheirTypes() {
        let time = DateTime(utcMicroseconds: 1)
        let count = PlantDataValue.make(70_000, kind: .count, quality: .uncertain, time: time)
        #expect(count.value == .uint64(70_000) && count.status.isUncertain)
        let state = PlantDataValue.make(1, kind: .state, quality: .bad, time: time)
        #expect(state.value == .boolean(true) && state.status.isBad)
    }

    private static func downwards(_ path: String) -> BrowseDescription {
        BrowseDescription(
            nodeId: NodeId(namespace: 2, string: path), browseDirection: .forward,
            referenceTypeId: NodeId(33),  // HierarchicalReferences
            includeSubtypes: true, nodeClassMask: 0, resultMask: 63)
    }
}

/// A client that does not subscribe.
struct OPCUAInbox: OPCUAReceiver {
    func notifications(_ message: NotificationReader, of subscription: UInt32) {}
    func lost(_ messages: Int, of subscription: UInt32) {}
}
