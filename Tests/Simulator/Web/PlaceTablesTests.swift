import SimulatorExposures
import SimulatorPlant
import TestKit
import Testing

@testable import SimulatorWeb

/// Where sensors stand in a protocol, as the page shows and saves it.
@Suite struct PlaceTablesTests {
    @Test func everyPayloadHasItsTopics() throws {
        let plant = try Plant(catalogue: .builtIn().only(["mining"]), settings: PlantSettings(), start: 0)
        let sensor = try #require(plant.sensors.first { $0.path == "mining/crusher_1_motor_power" })
        let json = PlantTopics(payload: .json).entry(sensor)
        #expect(json.topic == MQTTPayload(sensor).valueTopic && json.retained == MQTTPayload(sensor).metadataTopic)
        let kepware = PlantTopics(payload: .kepware).entry(sensor)
        #expect(KepwarePayload.all(plant.sensors).contains { $0.topic == kepware.topic })
        #expect(kepware.member == "values[id=mining.crusher_1.crusher_1_motor_power].v" && kepware.retained == nil)
        let sparkplug = PlantTopics(payload: .sparkplug(SparkplugSettings(group: "g"))).entry(sensor)
        #expect(sparkplug.topic == "spBv1.0/g/DDATA/mining/crusher_1" && sparkplug.member == "crusher_1_motor_power")
    }

    @Test func tablesAreSavedAsTheyAreSearched() async throws {
        try await withSimulatorRoutes { http, _ in
            for (path, first) in [
                ("/api/mqtt/topics", "path,topic,member,retained,unit"),
                ("/api/opcua/nodes", "path,node_id,browse_path,data_type,unit,min,max"),
                ("/api/modbus/map", "path,unit_id,input_address,"),
            ] {
                let csv = try await http.get(path + "?format=csv&search=crusher_1_motor_power")
                let lines = csv.text.split(separator: "\n")
                #expect(lines.count == 2 && lines[0].hasPrefix(first), "\(csv.text)")
                #expect(lines.last?.hasPrefix("mining/crusher_1_motor_power,") == true)
                let all = try await http.get(path + "?format=csv").text.split(separator: "\n").count
                #expect(all == 18)
                check(try await http.get(path + "?format=xml"), 400)
            }
            let topics = try await http.json("/api/mqtt/topics?limit=2")
            #expect(topics["count"].integer == 17 && topics["topics"].array.count == 2)
            #expect(topics["topics"].array[0]["topic"].text == "sensors/mining/conveyor_belt_1_speed/value")
            let vibrations = try await http.json("/api/sensors?type=vibration")["sensors"].array
            #expect(!vibrations.isEmpty && vibrations.allSatisfy { $0["type"].text == "vibration" })
            let health = try await http.json("/health")
            #expect(health["interval_s"].double == 1 && health["faults"].integer == 0)
        }
    }
}
