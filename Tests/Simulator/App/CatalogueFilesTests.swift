import Foundation
import SimulatorPlant
import Testing

@testable import SimulatorApp

@Suite struct CatalogueFilesTests {
    private func withFile(_ text: String, _ body: (String) throws -> Void) throws {
        let path = NSTemporaryDirectory() + "catalogue-\(UUID().uuidString).txt"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    @Test func aFileAddsMachinesAndIndustries() throws {
        try withFile("industry bakery\nmachine oven_1 cycle 60\n temp temperature °C 20 300 180 1 load lag 300") {
            path in
            let catalogue = try CatalogueFiles.catalogue(files: [path], industries: ["bakery", "mining"])
            #expect(catalogue.industries.map { $0.name } == ["mining", "bakery"])
            let plant = try Plant(catalogue: catalogue, settings: PlantSettings(), start: 0)
            #expect(plant.sensors.last?.path == "bakery/oven_1_temp")
        }
        #expect(CatalogueFiles.names("a, b ,c") == ["a", "b", "c"])
    }

    @Test func whatIsWrongWithAFileIsNamed() throws {
        try withFile("industry bakery\nmachine oven_1") { path in
            #expect {
                try CatalogueFiles.catalogue(files: [path], industries: nil)
            } throws: { "\($0)".hasPrefix("catalogue \(path), line 2: machine 'oven_1' needs 'cycle'") }
        }
        #expect {
            try CatalogueFiles.catalogue(files: ["/nowhere/at/all"], industries: nil)
        } throws: { "\($0)" == "cannot read the sensors in '/nowhere/at/all'" }
        try withFile(String(repeating: " ", count: CatalogueFiles.bytesMax + 1)) { path in
            #expect { try CatalogueFiles.text(of: path, "it") } throws: { "\($0)".hasSuffix("larger than 16 MiB") }
        }
        try withFile("") { path in
            let text = try CatalogueFiles.text(of: path, "it")
            #expect(text == "")
        }
    }
}
