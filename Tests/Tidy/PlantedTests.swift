import Foundation
import Testing

/// Each rule finds what is planted for it, and leaves the innocent alone: a check that cannot fail proves nothing.
@Suite struct PlantedTests {
    private func part(_ name: String, _ folder: String, _ dependencies: Set<String> = []) -> Part {
        Part(name: name, folder: "Sources/" + folder, dependencies: dependencies)
    }

    private func file(_ path: String, _ text: String) -> SourceFile {
        SourceFile(path: path, text: text)
    }

    private func violations(of rule: String, _ file: SourceFile) -> [Violation] {
        textRules.first { $0.name == rule }?.check(file) ?? []
    }

    // MARK: Keys of the configuration

    @Test func aKeyWithoutATestAndATestWithoutAKeyAreFound() {
        let page = file(
            "docs/configuration/keys.md",
            """
            | key | default | possible | for |
            | `a` |  | a block | a block |
            | `a.b` | `1` | 1 to 2 | counts |
            | `a.c` (required) |  | text | is forgotten |
            | `a.d` |  | text | later (this build has no later) |

            """)
        let planted = file("Tests/Connector/A.swift", "KeyCase(\"a.b\", \"2\"),\nKeyCase(\"a.x\", \"2\"),\n")
        let found = keyViolations(page: page, tests: [planted])
        #expect(found.map(\.rule) == ["there is no key a.x", "no test shows that a.c counts"])
        #expect(found.map(\.line) == [2, 4])
    }

    // MARK: Architecture

    @Test func aCoreThatOpensSocketsIsFound() {
        let core = part("ModbusCore", "Protocols/Modbus/Core", ["NIOCore", "NIOPosix"])
        let planted = file("Sources/Protocols/Modbus/Core/Frame.swift", "public import NIOCore\nimport NIOPosix\n")
        let found = architectureViolations(parts: [core], files: [planted])
        #expect(found.map(\.path) == ["Package.swift", "Sources/Protocols/Modbus/Core/Frame.swift"])
        #expect(found.last?.line == 2)
    }

    @Test func aCoreThatUsesFoundationIsFoundThoughNoManifestListsIt() {
        let core = part("MQTTCore", "Protocols/MQTT/Core", ["NIOCore"])
        let planted = file(
            "Sources/Protocols/MQTT/Core/Packet.swift", "import NIOCore\nimport struct Foundation.Date\n")
        #expect(architectureViolations(parts: [core], files: [planted]).map(\.line) == [2])
    }

    @Test func onlyGeneratedFilesOfACoreMayUseFoundation() {
        let core = part("ZerobusCore", "Protocols/Zerobus/Core", ["SwiftProtobuf"])
        let generated = file("Sources/Protocols/Zerobus/Core/Generated/a.pb.swift", "import Foundation\n")
        let handwritten = file("Sources/Protocols/Zerobus/Core/A.swift", "import Foundation\n")
        let found = architectureViolations(parts: [core], files: [generated, handwritten])
        #expect(found.map(\.path) == [handwritten.path])
    }

    @Test func aProtocolThatKnowsTheConnectorIsFound() {
        let parts = [
            part("ConnectorModel", "Connector/Model"),
            part("ModbusClient", "Protocols/Modbus/Client", ["ConnectorModel"]),
        ]
        #expect(architectureViolations(parts: parts, files: []).count == 1)
    }

    @Test func connectorAndSimulatorDoNotKnowEachOther() {
        let parts = [
            part("ConnectorModel", "Connector/Model"), part("SimulatorPlant", "Simulator/Plant"),
            part("ConnectorApp", "Connector/App", ["SimulatorPlant"]),
            part("SimulatorApp", "Simulator/App", ["ConnectorModel"]),
        ]
        #expect(architectureViolations(parts: parts, files: []).count == 2)
    }

    @Test func onlyAppJoinsAdaptersAndPipeline() {
        let parts = [
            part("MQTTAdapter", "Connector/Adapters/MQTT"),
            part("ConnectorPipeline", "Connector/Pipeline", ["MQTTAdapter"]),
            part("ConnectorApp", "Connector/App", ["MQTTAdapter", "ConnectorPipeline"]),
        ]
        #expect(
            architectureViolations(parts: parts, files: []).map(\.rule).first?.contains("lists MQTTAdapter") == true)
        #expect(architectureViolations(parts: parts, files: []).count == 1)
    }

    @Test func anImportThatTheManifestDoesNotListIsFound() {
        let shell = part("ModbusClient", "Protocols/Modbus/Client", ["NIOCore"])
        let planted = file("Sources/Protocols/Modbus/Client/Client.swift", "package import Logging\n")
        #expect(architectureViolations(parts: [shell], files: [planted]).count == 1)
    }

    @Test func aReservedModuleIsFoundOutsideItsFolders() {
        let parts = [
            part("ConnectorLane", "Connector/Delivery/Lane", ["GRDB"]),
            part("LocalTableAdapter", "Connector/Adapters/LocalTable", ["GRDB"]),
            part("ConnectorWeb", "Connector/Web", ["GRPCCore"]),
        ]
        let found = architectureViolations(parts: parts, files: [])
        #expect(found.map { $0.rule.prefix { $0 != " " } } == ["ConnectorLane", "ConnectorWeb"])
    }

    @Test func aFolderWithoutARuleIsFound() {
        #expect(architectureViolations(parts: [part("Misc", "Misc")], files: []).count == 1)
    }

    @Test func whatTheTableAllowsIsLeftAlone() {
        let parts = [
            part("ModbusCore", "Protocols/Modbus/Core", ["NIOCore", "DequeModule"]),
            part("ModbusClient", "Protocols/Modbus/Client", ["ModbusCore", "NIOPosix", "Logging"]),
            part("ConnectorModel", "Connector/Model", ["Crypto"]),
            part("ModbusAdapter", "Connector/Adapters/Modbus", ["ModbusClient", "ConnectorModel"]),
        ]
        let innocent = file(
            "Sources/Connector/Adapters/Modbus/Source.swift",
            "import ConnectorModel\n@preconcurrency package import ModbusClient\nimport Foundation\n// import GRDB\n")
        #expect(architectureViolations(parts: parts, files: [innocent]) == [])
    }

    @Test func importLinesAreReadInEveryForm() {
        let text = """
            public import A
            @testable import B
              @_exported package import struct C.Point
            internal import D // why
            let text = "import E"
            /// import F
            """
        #expect(imports(in: file("x.swift", text)).map(\.module) == ["A", "B", "C", "D"])
    }

    @Test func theDumpOfThePackageIsRead() throws {
        let json = """
            {"targets": [{"name": "A", "path": "Sources/A", "type": "regular", "dependencies": [
              {"target": ["B", null]}, {"product": ["NIOCore", "swift-nio", null, null]}, {"byName": ["C", null]}]}]}
            """
        let parts = try PackageDump.parts(json: Data(json.utf8))
        #expect(parts.map(\.name) == ["A"])
        #expect(parts.first?.folder == "Sources/A")
        #expect(parts.first?.dependencies == ["B", "NIOCore", "C"])
    }

    // MARK: Text

    @Test func filesAreMeasuredAtTheLimit() {
        let line = "let x = 1\n"
        #expect(violations(of: "size", file("a.swift", String(repeating: line, count: linesPerFileMax))).isEmpty)
        #expect(violations(of: "size", file("a.swift", String(repeating: line, count: linesPerFileMax + 1))).count == 1)
        let generated = file("Sources/A/Generated/a.swift", String(repeating: line, count: linesPerFileMax + 1))
        #expect(violations(of: "size", generated).isEmpty)
    }

    /// A rule and a line that breaks it.
    private static let planted: [(rule: String, line: String)] = [
        ("traps", "let x = try" + "! load()"),
        ("traps", "let y = x as" + "! Int"),
        ("traps", "fatal" + "Error(1)"),
        ("print", "    print(x)"),
        ("unstructured tasks", "Task { await run() }"),
        ("markers", "// TO" + "DO: later"),
        ("places", "open(/wo" + "rk/main)"),
        ("secrets", "-----BEGIN RSA PRIVATE KEY-" + "----"),
        ("secrets", "token: dapi" + String(repeating: "0123456789abcdef", count: 2)),
    ]

    @Test(arguments: planted) func plantedTextIsFound(_ rule: String, _ line: String) {
        let path = "Sources/Connector/Model/A.swift"
        #expect(violations(of: rule, file(path, "import Foundation\n\(line)\n")).map(\.line) == [2])
    }

    /// A rule and a line that only looks as if it broke it.
    private static let innocent: [(rule: String, line: String)] = [
        ("traps", "// why there is no try" + "! here"),
        ("print", "footprint(x); logger.dump(x)"),
        ("unstructured tasks", "let t: MyTask = MyTask {}"),
        ("markers", "let AUTODOC = 1"),
        ("secrets", "dapi is a word"),
    ]

    @Test(arguments: innocent) func innocentTextIsLeftAlone(_ rule: String, _ line: String) {
        #expect(violations(of: rule, file("Sources/Connector/Model/A.swift", line + "\n")) == [])
    }

    @Test func mainSwiftIsFound() {
        #expect(violations(of: "main.swift", file("Sources/Programs/penstock/main.swift", "")).count == 1)
    }

    @Test func aDisabledTestIsFound() {
        #expect(violations(of: "skipped tests", file("Tests/A/A.swift", "@Test(.disabled(\"flaky\"))\n")).count == 1)
    }

    @Test func aGeneratedFileIsMarked() {
        #expect(violations(of: "generated", file("Sources/A/Generated/a.swift", "let a = 1\n")).count == 1)
        #expect(violations(of: "generated", file("Sources/A/Generated/a.swift", "// DO NOT" + " EDIT\n")).isEmpty)
        #expect(violations(of: "generated", file("Sources/A/a.swift", "// DO NOT" + " EDIT\n")).count == 1)
    }

    @Test func aTypeNamedLikeItsModuleIsFound() {
        let parts = [part("MQTTClient", "Protocols/MQTT/Client")]
        let planted = file("Sources/Protocols/MQTT/Client/A.swift", "public struct MQTTClient: Sendable {\n")
        let innocent = file("Sources/Protocols/MQTT/Client/B.swift", "public struct MQTTClientOptions {\n")
        #expect(moduleNameViolations(parts: parts, files: [planted, innocent]).map(\.path) == [planted.path])
    }

    @Test func brokenLinksAreFound() {
        let pages = [
            file("docs/A.md", "[ok](B.md#a-b-c) [up](../README.md) [web](https://example.org)\n`x` [no](C.md)\n"),
            file("docs/B.md", "# A, b (c)\n[self](#a-b-c) [none](#d) [out](../../x)\n```\n[code](nothing.md)\n```\n"),
            file("README.md", "[docs](docs/)\n"),
        ]
        let there: Set<String> = ["docs/A.md", "docs/B.md", "README.md", "docs"]
        let found = linkViolations(files: pages) { there.contains($0) }
        #expect(
            found.map(\.description) == [
                "docs/A.md:2: broken link C.md", "docs/B.md:2: no such heading: #d", "docs/B.md:2: broken link ../../x",
            ])
    }

    @Test func commandsThatDoNotExistAreFound() {
        let files = [
            file("Makefile", "test: build ## Test\n\t@dev/check\n"),
            file(
                "README.md",
                "Run `make test`, `make nothing` or `dev/check x`.\n```\nmake none\ndev/no --x\n```\nWe make it.\n"),
        ]
        let found = commandViolations(files: files) { $0 == "dev/check" }
        #expect(found.map(\.line) == [1, 3, 4])
    }
}
