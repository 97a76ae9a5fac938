import ConnectorConfiguration
import Foundation
import Testing
import YAMLSupport

/// Configurations as they are found in the field, each with what takes effect and what is warned of beside it.
@Suite struct FieldConfigurationsTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Field")

    static let environment = [
        "PRESS_PASSWORD": "secret-press", "PACKAGING_PASSWORD": "secret-packaging", "GATEWAY_CLIENT_ID": "gateway",
        "GATEWAY_CLIENT_SECRET": "secret-gateway",
    ]

    /// The files of the folder and the examples, each with the file of what is expected of it.
    private static func files() throws -> [(name: String, file: URL, expected: URL)] {
        let examples = folder.appendingPathComponent("../../../../examples").standardizedFileURL
        return try [(folder, ""), (examples, "example-")].flatMap { place, prefix in
            try FileManager.default.subpathsOfDirectory(atPath: place.path).sorted()
                // The simulator's own are tried with the simulator.
                .filter {
                    $0.hasSuffix(".yaml") && !$0.hasSuffix(".expected.yaml") && !$0.hasPrefix("simulator-")
                        && !$0.hasPrefix("scenarios/")
                }
                .map { path in
                    let name = prefix + path.replacing("/", with: "-")
                    let expected = folder.appendingPathComponent(name.replacing(".yaml", with: ".expected.yaml"))
                    return (name, place.appendingPathComponent(path), expected)
                }
        }
    }

    /// With `PENSTOCK_PRINT_PAGES=1` what is expected is written instead of compared.
    @Test func eachMeansWhatStandsBesideIt() throws {
        for (name, file, expected) in try Self.files() {
            let text = try String(contentsOf: file, encoding: .utf8)
            let reader = ConfigurationReader(file: name, environment: Self.environment)
            let (settings, keys) = try reader.inspect(text)
            let warnings = settings.warnings.map { "# \($0)\n" }.joined()
            let effective = warnings + EffectiveText.text(of: keys) + "\n"
            #expect(!effective.contains("secret-"), "\(name)")
            if ProcessInfo.processInfo.environment["PENSTOCK_PRINT_PAGES"] == "1" {
                try effective.write(to: expected, atomically: true, encoding: .utf8)
            }
            let isExpected = try String(contentsOf: expected, encoding: .utf8) == effective
            #expect(isExpected, "\(name) says otherwise than \(expected.lastPathComponent)")
        }
    }

    /// The effective configuration is one that says the same, in canonical names only.
    @Test func whatTakesEffectReadsBack() throws {
        for (name, file, _) in try Self.files() {
            let text = try String(contentsOf: file, encoding: .utf8)
            let reader = ConfigurationReader(file: name, environment: Self.environment)
            let (first, keys) = try reader.inspect(text)
            let second = try reader.read(EffectiveText.text(of: keys).replacing("\"***\"", with: "hidden"))
            #expect(first.sources.map(\.name) == second.sources.map(\.name), "\(name)")
            for (one, two) in zip(first.sources, second.sources) where !text.contains("password:") {
                #expect(one == two, "\(name): \(one.name)")
            }
            #expect(first.lane == second.lane && first.web == second.web && first.metrics == second.metrics)
            #expect(first.routes.map(\.name) == second.routes.map(\.name), "\(name)")
            #expect(second.warnings.allSatisfy { !$0.problem.contains("write it so") }, "\(name): \(second.warnings)")
        }
    }

    @Test func thereAreSeveral() throws {
        #expect(try Self.files().count >= 16)
    }
}
