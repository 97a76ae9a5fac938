import SimulatorPlant
import TestKit
import Testing

@testable import SimulatorWeb

@Suite struct LiveSessionTests {
    private let power = "mining/crusher_1_motor_power"
    private let speed = "mining/crusher_1_speed"

    private func session(sensors: Int = 17) throws -> (LiveSession, Plant) {
        let plant = try Plant(
            catalogue: .builtIn().only(["mining"]), settings: PlantSettings(size: .sensors(sensors)),
            start: 1_700_000_000_123_456)
        return (LiveSession(SensorIndex(plant.sensors)), plant)
    }

    @Test func valuesAreThoseOfTheTick() throws {
        var (session, plant) = try session()
        #expect(session.data(plant.tick) == nil)
        let path = plant.sensors[3].path
        let answers = session.received(#"{"type":"subscribe","sensors":["\#(path)","\#(power)"]}"#)
        #expect(answers.count == 1)
        let listed = try JSONValue.parse(answers[0])
        #expect(listed["type"].text == "subscribed")
        #expect(listed["sensors"].array.compactMap(\.text) == [path, power])
        let data = try JSONValue.parse(try #require(session.data(plant.tick)))
        #expect(data["type"].text == "sensor_data")
        #expect(data["timestamp"].integer == 1_700_000_000_123_456)
        #expect(data["sensors"].object.count == 2)
        let place = try #require(plant.sensors.firstIndex { $0.path == power })
        #expect(data["sensors"][power]["value"].double == plant.tick.values[place])
        #expect(data["sensors"][power]["quality"].text == "good")
    }

    @Test func plainValuesAreBareNumbers() throws {
        var (session, plant) = try session()
        _ = session.received(#"{"type":"subscribe","sensors":["\#(power)"],"format":"plain"}"#)
        let data = try JSONValue.parse(try #require(session.data(plant.tick)))
        let place = try #require(plant.sensors.firstIndex { $0.path == power })
        #expect(data["sensors"][power].double == plant.tick.values[place])
    }

    @Test func subscriptionsEnd() throws {
        var (session, plant) = try session()
        let other = plant.sensors[0].path
        _ = session.received(#"{"type":"subscribe","sensors":["\#(power)","\#(other)","\#(power)"]}"#)
        #expect(session.places.count == 2)
        _ = session.received(#"{"type":"unsubscribe","sensors":["\#(power)"]}"#)
        #expect(session.places.map { plant.sensors[$0].path } == [other])
        _ = session.received(#"{"type":"unsubscribe"}"#)
        #expect(session.places.isEmpty && session.data(plant.tick) == nil)
    }

    @Test func unknownSensorsAreNamedAndTheOthersTaken() throws {
        var (session, _) = try session()
        let answers = session.received(#"{"type":"subscribe","sensors":["moon/dust","\#(power)"]}"#)
        #expect(session.places.count == 1)
        let refusal = try JSONValue.parse(try #require(answers.last))
        #expect(refusal["type"].text == "error" && refusal["status"].integer == 404)
        #expect(refusal["sensors"].array.compactMap(\.text) == ["moon/dust"])
    }

    @Test(
        arguments: [
            ("", 400), ("[]", 400), ("{}", 400), (#"{"type":5}"#, 400), (#"{"type":"subscribe","sensors":"x"}"#, 400),
            (#"{"type":"write","sensors":[]}"#, 422), (#"{"type":"subscribe","format":"xml"}"#, 422),
            ("\u{0}", 400), (String(repeating: "[", count: 5000), 400),
        ])
    func badMessagesAreRefused(message: String, status: Int) throws {
        var (session, _) = try session()
        let answers = session.received(message)
        #expect(answers.count == 1)
        let refusal = try JSONValue.parse(answers[0])
        #expect(refusal["type"].text == "error" && refusal["status"].integer == Int64(status), "\(answers[0])")
        #expect(session.places.isEmpty)
    }

    @Test func aClientHasABoundedNumberOfSensors() throws {
        var (session, plant) = try session(sensors: LiveSession.sensorsMax + 1)
        let paths = plant.sensors.map { "\"\($0.path)\"" }
        let most = paths.prefix(LiveSession.sensorsMax).joined(separator: ",")
        _ = session.received(#"{"type":"subscribe","sensors":[\#(most)]}"#)
        #expect(session.places.count == LiveSession.sensorsMax)
        let answers = session.received(#"{"type":"subscribe","sensors":[\#(paths[LiveSession.sensorsMax])]}"#)
        let refusal = try JSONValue.parse(answers[0])
        #expect(refusal["status"].integer == 422)
        #expect(session.places.count == LiveSession.sensorsMax)
    }

    @Test func sensorsOfAllCopiesAreFound() throws {
        let (_, plant) = try session(sensors: 1000)
        let index = SensorIndex(plant.sensors)
        for (place, sensor) in plant.sensors.enumerated() { #expect(index.place(sensor.path) == place) }
        for path in [
            "", "/", "mining", "mining/", "mining/none", "mining.0/crusher_1_motor_power",
            "mining.1/crusher_1_motor_power", "mining.02/crusher_1_motor_power", "mining./crusher_1_motor_power",
            "mining.-2/crusher_1_motor_power", "mining.9223372036854775807/crusher_1_motor_power",
            "mining.99/crusher_1_motor_power",
        ] { #expect(index.place(path) == nil, "\(path)") }
    }
}
