import Logging
import SimulatorExposures
import SimulatorPlant
import TestKit
import Testing
import WebSupport

@testable import SimulatorWeb

@Suite struct OpenAPITests {
    /// What the document describes and what the router knows must be the same, or one of them lies.
    @Test func theDocumentIsTheRouter() throws {
        let plant = try Plant(catalogue: .builtIn(), settings: PlantSettings(), start: 0)
        let board = ExposureSwitchboard([], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let routes = try SimulatorRoutes(sensors: plant.sensors, runner: PlantRunner(plant), switchboard: board)
        let pages = ["/", "/page/{path...}", "/assets/{path...}"]
        let routed = Set(
            routes.table.registered.filter { !pages.contains($0.pattern) }
                .map { "\($0.method.rawValue) \($0.pattern)" })
        let document = try JSONValue.parse(String(decoding: Page.openAPI, as: UTF8.self))
        #expect(document["openapi"].text == "3.1.0")
        let described = Set(
            document["paths"].object.flatMap { path, methods in
                methods.object.keys.map { "\($0.uppercased()) \(path)" }
            })
        #expect(described.subtracting(routed).sorted() == [])
        #expect(routed.subtracting(described).sorted() == [])
    }
}
