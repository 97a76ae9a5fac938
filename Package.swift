// swift-tools-version:6.2
import PackageDescription

// The table of parts below is the architecture: what exists, where it lives and what it may use.
// A part cannot import what it does not list. `FOCUS=Modbus swift build` keeps one group (or part) and what it needs.

// MARK: What comes from elsewhere

enum Library: String {
    case argumentParser = "ArgumentParser"
    case asyncHTTPClient = "AsyncHTTPClient"
    case crypto = "Crypto"
    case cryptoExtras = "CryptoExtras"
    case deque = "DequeModule"
    case grdb = "GRDB"
    case grdbSQLite = "GRDBSQLite"
    case grpcCore = "GRPCCore"
    case grpcTransport = "GRPCNIOTransportHTTP2Posix"
    case httpTypes = "HTTPTypes"
    case hummingbird = "Hummingbird"
    case hummingbirdCore = "HummingbirdCore"
    case hummingbirdTLS = "HummingbirdTLS"
    case logging = "Logging"
    case nioCore = "NIOCore"
    case nioConcurrency = "NIOConcurrencyHelpers"
    case nioEmbedded = "NIOEmbedded"
    case nioHTTP1 = "NIOHTTP1"
    case nioHTTPTypes = "NIOHTTPTypes"
    case nioHTTPTypesHTTP1 = "NIOHTTPTypesHTTP1"
    case nioPosix = "NIOPosix"
    case nioSSL = "NIOSSL"
    case nioTLS = "NIOTLS"
    case nioTestUtils = "NIOTestUtils"
    case nioWebSocket = "NIOWebSocket"
    case serviceLifecycle = "ServiceLifecycle"
    case swiftASN1 = "SwiftASN1"
    case swiftProtobuf = "SwiftProtobuf"
    case systemPackage = "SystemPackage"
    case unixSignals = "UnixSignals"
    case x509 = "X509"
    case yams = "Yams"

    var package: (name: String, dependency: Package.Dependency) {
        switch self {
        case .argumentParser: apple("swift-argument-parser", "1.8.2")
        case .asyncHTTPClient: github("swift-server", "async-http-client", "1.37.0")
        case .crypto, .cryptoExtras: apple("swift-crypto", "4.5.2")
        case .deque: apple("swift-collections", "1.6.0")
        case .grdb, .grdbSQLite: github("groue", "GRDB.swift", "7.10.0")
        case .grpcCore: github("grpc", "grpc-swift-2", "2.4.3")
        case .grpcTransport: github("grpc", "grpc-swift-nio-transport", "2.9.2")
        case .httpTypes: apple("swift-http-types", "1.8.0")
        case .hummingbird, .hummingbirdCore, .hummingbirdTLS: github("hummingbird-project", "hummingbird", "2.28.1")
        case .logging: apple("swift-log", "1.16.2")
        case .nioCore, .nioConcurrency, .nioEmbedded, .nioHTTP1, .nioPosix, .nioTLS, .nioTestUtils, .nioWebSocket:
            apple("swift-nio", "2.101.2")
        case .nioHTTPTypes, .nioHTTPTypesHTTP1: apple("swift-nio-extras", "1.35.2")
        case .nioSSL: apple("swift-nio-ssl", "2.37.6")
        case .serviceLifecycle, .unixSignals: github("swift-server", "swift-service-lifecycle", "2.13.0")
        case .swiftASN1: apple("swift-asn1", "1.7.4")
        case .swiftProtobuf:
            ("swift-protobuf", .package(url: "https://github.com/apple/swift-protobuf.git", from: "1.39.0", traits: []))
        case .systemPackage: apple("swift-system", "1.8.1")
        case .x509: apple("swift-certificates", "1.21.1")
        case .yams: github("jpsim", "Yams", "6.2.2")
        }
    }
}

func apple(_ name: String, _ version: Version) -> (name: String, dependency: Package.Dependency) {
    github("apple", name, version)
}

func github(_ owner: String, _ name: String, _ version: Version) -> (name: String, dependency: Package.Dependency) {
    (name, .package(url: "https://github.com/\(owner)/\(name).git", from: version))
}

// MARK: Only when asked for
/// `FUZZ=1` builds the programs of `dev/fuzz` and instruments all of ours, `FUZZ=coverage` measures what they reach,
/// `FUZZ=planted` has a mistake in one of them, to see that it is found.
let fuzzing = Context.environment["FUZZ"]
/// `BENCHMARKS=1` adds the programs of `Benchmarks/`.
let benchmarks = Context.environment["BENCHMARKS"] != nil

// MARK: Kinds of parts

struct Part {
    enum Kind { case library, program, test, fuzzer, c }
    var kind = Kind.library
    var name: String
    var path: String
    var uses: [String]
    var libraries: [Library] = []
    var resources: [Resource] = []
    /// Folders inside the part's own that are no Swift.
    var exclude: [String] = []

    /// What `FOCUS` calls it with its like: the protocol, else the first folder below `Sources`, `Tests` ….
    var group: String {
        let names = path.split(separator: "/").map(String.init)
        return names[1] == "Protocols" ? names[2] : names[1]
    }
}

/// Bytes and state machines of a protocol: no sockets, no clock.
func core(_ name: String, _ path: String, uses: [String] = [], _ libraries: [Library] = []) -> Part {
    Part(name: name, path: "Sources/" + path, uses: uses, libraries: [.nioCore, .deque] + libraries)
}

/// A thin layer over sockets, files or clocks around a core.
func shell(_ name: String, _ path: String, uses: [String], _ libraries: [Library] = []) -> Part {
    Part(name: name, path: "Sources/" + path, uses: uses, libraries: [.nioCore, .nioPosix, .logging] + libraries)
}

/// A part of one of the products.
func product(
    _ name: String, _ path: String, uses: [String] = [], _ libraries: [Library] = [], resources: [Resource] = []
) -> Part {
    Part(name: name, path: "Sources/" + path, uses: uses, libraries: libraries, resources: resources)
}

func program(_ name: String, uses: [String]) -> Part {
    Part(kind: .program, name: name, path: "Sources/Programs/" + name, uses: uses, libraries: [])
}

/// The tests of a part: in its folder under `Tests`, with the part itself and repeatable randomness at hand.
func tests(of tested: String, uses: [String] = [], _ libraries: [Library] = [], exclude: [String] = []) -> Part {
    guard let part = products.first(where: { $0.name == tested }) else { fatalError("there is no part \(tested)") }
    let path = "Tests" + part.path.dropFirst("Sources".count)
    return Part(
        kind: .test, name: tested + "Tests", path: path,
        uses: [tested, "TestRandomness"] + uses.filter { $0 != tested },
        libraries: libraries, exclude: exclude)
}

/// Tests of many parts together.
func tests(
    _ name: String, _ path: String, uses: [String] = [], _ libraries: [Library] = [], exclude: [String] = []
) -> Part {
    Part(kind: .test, name: name, path: "Tests/" + path, uses: uses, libraries: libraries, exclude: exclude)
}

/// The decoders of a protocol under fuzz: `Fuzz/<Protocol>`.
func fuzzed(_ group: String, uses: [String]) -> Part {
    Part(
        kind: fuzzing == nil ? .test : .fuzzer,
        name: fuzzing == nil ? group + "FuzzTests" : group.lowercased() + "-fuzz", path: "Fuzz/" + group,
        uses: uses + (fuzzing == nil ? ["FuzzKit"] : ["FuzzKit", "FuzzDriver"]), libraries: [.nioCore],
        exclude: [fuzzing == nil ? "Main.swift" : group + "ReplayTests.swift"])
}

// MARK: The table

/// Parts and libraries that are mostly used together.
let opcua = ["OPCUACore", "OPCUASecurity", "OPCUATypes"]
let adapters = ["OPCUAAdapter", "MQTTAdapter", "ModbusAdapter", "ZerobusAdapter", "LocalTableAdapter"]
let lane = ["ConnectorLane", "ConnectorJournal", "ConnectorKeys", "ConnectorDeadLetters"]
let mqtt = ["MQTTBroker", "MQTTClient", "MQTTCore", "MQTTTransport", "SparkplugB"]
let mdns = ["MDNSCore", "MDNSResponder"]
let line = ["ConnectorModel", "ConnectorLane", "ConnectorPipeline", "Resilience"]
let keeping = ["ConnectorKeys", "ConnectorVault", "FileSupport", "JSONSupport", "YAMLSupport"]
let sockets: [Library] = [.nioCore, .nioPosix, .logging]

let products: [Part] = [
    // Support: small, ours, uses nothing of ours.
    product("Resilience", "Support/Resilience"),
    product("ProtobufWire", "Support/ProtobufWire"),
    product("JSONSupport", "Support/JSON"),
    Part(kind: .c, name: "CPenstock", path: "Sources/Support/CPenstock", uses: []),
    product("WordSupport", "Support/Words"),
    product("YAMLSupport", "Support/YAML", uses: ["WordSupport"], [.yams]),
    product("TLSSupport", "Support/TLS", [.nioSSL]),
    product("CommandSupport", "Support/Command", [.argumentParser]),
    product("FileSupport", "Support/Files"),
    product(
        "WebSupport", "Support/WebSupport",
        [
            .hummingbirdCore, .hummingbirdTLS, .httpTypes, .nioCore, .nioPosix, .nioHTTP1, .nioHTTPTypes,
            .nioHTTPTypesHTTP1, .nioSSL, .nioWebSocket, .nioConcurrency, .logging, .serviceLifecycle,
        ]),

    // OPC UA
    core("OPCUATypes", "Protocols/OPCUA/Types"),
    core(
        "OPCUASecurity", "Protocols/OPCUA/Security", uses: ["OPCUATypes"], [.crypto, .cryptoExtras, .x509, .swiftASN1]),
    core("OPCUACore", "Protocols/OPCUA/Core", uses: ["OPCUATypes", "OPCUASecurity"]),
    shell("OPCUAClient", "Protocols/OPCUA/Client", uses: opcua, [.deque]),
    shell("OPCUAServer", "Protocols/OPCUA/Server", uses: opcua, [.nioConcurrency, .deque]),
    product("OPCUAPKI", "Protocols/OPCUA/PKI", uses: ["OPCUASecurity", "OPCUATypes"]),

    // MQTT
    core("MQTTCore", "Protocols/MQTT/Core"),
    product(
        "MQTTTransport", "Protocols/MQTT/Transport", [.nioCore, .nioHTTP1, .nioSSL, .nioWebSocket, .swiftASN1, .x509]),
    shell("MQTTClient", "Protocols/MQTT/Client", uses: ["MQTTCore", "MQTTTransport", "TLSSupport"], [.nioSSL]),
    shell(
        "MQTTBroker", "Protocols/MQTT/Broker", uses: ["MQTTCore", "MQTTTransport", "TLSSupport"],
        [.nioConcurrency, .nioSSL, .deque]),

    // Sparkplug B, multicast DNS
    core("SparkplugB", "Protocols/SparkplugB", uses: ["ProtobufWire"]),
    core("MDNSCore", "Protocols/MDNS/Core"),
    shell("MDNSResponder", "Protocols/MDNS/Responder", uses: ["MDNSCore"], [.nioConcurrency]),

    // Modbus
    core("ModbusCore", "Protocols/Modbus/Core"),
    shell("ModbusSerial", "Protocols/Modbus/Serial", uses: ["ModbusCore"]),
    shell(
        "ModbusClient", "Protocols/Modbus/Client", uses: ["ModbusCore", "ModbusSerial", "TLSSupport"],
        [.nioSSL, .nioTLS]),
    shell(
        "ModbusServer", "Protocols/Modbus/Server", uses: ["ModbusCore", "ModbusSerial"], [.nioConcurrency, .nioSSL]),

    // Zerobus
    core("ZerobusCore", "Protocols/Zerobus/Core", uses: ["ProtobufWire"], [.swiftProtobuf]),
    shell(
        "ZerobusClient", "Protocols/Zerobus/Client", uses: ["ZerobusCore", "ProtobufWire"],
        [.grpcCore, .grpcTransport, .asyncHTTPClient, .nioConcurrency, .nioHTTP1, .nioSSL]),
    shell(
        "ZerobusServer", "Protocols/Zerobus/Server",
        uses: ["ZerobusCore", "ProtobufWire", "WebSupport", "CommandSupport"],
        [
            .grpcCore, .grpcTransport, .grdb, .grdbSQLite, .crypto, .deque, .nioConcurrency, .argumentParser,
            .serviceLifecycle, .unixSignals,
        ]),

    // Connector
    product("ConnectorModel", "Connector/Model", uses: ["ProtobufWire"], [.crypto]),
    product("ConnectorKeys", "Connector/Delivery/Keys", uses: ["CPenstock", "FileSupport"], [.crypto, .cryptoExtras]),
    product("ConnectorVault", "Connector/Vault", uses: ["ConnectorKeys", "FileSupport"], [.crypto]),
    product(
        "ConnectorJournal", "Connector/Delivery/Journal", uses: ["CPenstock", "ConnectorModel", "ConnectorKeys"],
        [.deque, .nioConcurrency]),
    product(
        "ConnectorDeadLetters", "Connector/Delivery/DeadLetters",
        uses: ["ConnectorModel", "ConnectorJournal", "ProtobufWire"]),
    product(
        "ConnectorLane", "Connector/Delivery/Lane",
        uses: [
            "ConnectorModel", "ConnectorJournal", "ConnectorKeys", "ConnectorDeadLetters", "Resilience", "ProtobufWire",
        ], [.deque, .nioConcurrency, .logging]),
    product(
        "ConnectorPipeline", "Connector/Pipeline",
        uses: ["ConnectorModel", "ConnectorLane", "ConnectorJournal", "Resilience"],
        [.logging, .nioConcurrency, .serviceLifecycle]),
    product("ConnectorNormalization", "Connector/Normalization", uses: ["ConnectorModel", "WordSupport"]),
    product(
        "OPCUAAdapter", "Connector/Adapters/OPCUA",
        uses: ["ConnectorModel", "JSONSupport", "OPCUAClient", "OPCUACore", "OPCUAPKI", "OPCUASecurity", "OPCUATypes"],
        [.asyncHTTPClient, .nioCore, .nioHTTP1, .nioPosix, .logging]),
    product(
        "MQTTAdapter", "Connector/Adapters/MQTT",
        uses: ["ConnectorModel", "JSONSupport", "MQTTClient", "MQTTCore", "SparkplugB", "TLSSupport"],
        sockets + [.deque]),
    product(
        "ModbusAdapter", "Connector/Adapters/Modbus",
        uses: ["ConnectorModel", "ModbusClient", "ModbusCore", "TLSSupport"], sockets),
    product(
        "ZerobusAdapter", "Connector/Adapters/Zerobus",
        uses: ["ConnectorModel", "JSONSupport", "ProtobufWire", "ZerobusClient", "ZerobusCore"], [.logging]),
    product(
        "LocalTableAdapter", "Connector/Adapters/LocalTable", uses: ["ConnectorModel", "JSONSupport", "ProtobufWire"],
        [.grdb, .logging]),
    product(
        "ConnectorConfiguration", "Connector/Configuration",
        uses: adapters + keeping + ["ConnectorModel", "ConnectorNormalization", "WordSupport"], [.crypto]),
    product("ConnectorObservability", "Connector/Observability", uses: line, [.logging, .nioConcurrency]),
    product(
        "ConnectorWeb", "Connector/Web",
        uses: lane + [
            "ConnectorConfiguration", "ConnectorModel", "ConnectorPipeline", "ConnectorObservability", "Resilience",
            "WebSupport", "YAMLSupport",
        ], [.logging],
        resources: [.embedInCode("Page/index.html"), .embedInCode("Page/page.js"), .embedInCode("Page/style.css")]),
    product(
        "ConnectorApp", "Connector/App",
        uses: adapters + keeping + [
            "ConnectorModel", "ConnectorLane", "ConnectorJournal", "ConnectorDeadLetters", "ConnectorNormalization",
            "ConnectorPipeline", "ConnectorConfiguration", "ConnectorObservability", "ConnectorWeb", "ProtobufWire",
            "Resilience", "WebSupport", "CommandSupport",
        ], [.argumentParser, .logging, .serviceLifecycle, .unixSignals]),

    // Simulator
    product("SimulatorPlant", "Simulator/Plant"),
    product(
        "SimulatorExposures", "Simulator/Exposures",
        uses: opcua + mqtt + mdns
            + ["SimulatorPlant", "OPCUAServer", "OPCUAPKI", "ModbusServer", "ModbusCore", "TLSSupport"], sockets),
    product(
        "SimulatorWeb", "Simulator/Web", uses: ["SimulatorPlant", "SimulatorExposures", "WebSupport"],
        resources: [
            "index.html", "style.css", "openapi.json", "main.js", "api.js", "dom.js", "live.js", "overview.js",
            "sensors.js", "charts.js", "plot.js", "spectrum.js", "spc.js", "faults.js", "scenarios.js", "tables.js",
        ].map { .embedInCode("Page/" + $0) }),
    product(
        "SimulatorApp", "Simulator/App",
        uses: ["SimulatorPlant", "SimulatorExposures", "SimulatorWeb", "WebSupport", "YAMLSupport", "CommandSupport"],
        [.argumentParser, .logging, .serviceLifecycle, .unixSignals]),

    // Programs
    program("penstock", uses: ["ConnectorApp"]),
    program("ot-simulator", uses: ["SimulatorApp"]),
    program("zerobus-local", uses: ["ZerobusServer"]),
]

let tests: [Part] = [
    tests(of: "Resilience"),
    tests(of: "ProtobufWire"),
    tests(of: "JSONSupport"),
    tests(of: "YAMLSupport"),
    tests(of: "CommandSupport", [.argumentParser]),
    tests(of: "FileSupport"),
    tests(of: "WebSupport", [.logging, .nioCore, .nioPosix]),
    tests(of: "OPCUATypes", [.nioCore]),
    tests(of: "OPCUASecurity", uses: ["OPCUATypes"], [.nioCore, .swiftASN1, .x509]),
    tests(of: "OPCUAPKI", uses: ["OPCUASecurity", "OPCUATypes"]),
    tests(of: "OPCUACore", uses: opcua, [.nioCore]),
    tests(of: "OPCUAClient", uses: opcua + ["OPCUAServer"], sockets + [.nioEmbedded]),
    tests(of: "OPCUAServer", uses: opcua, sockets + [.nioEmbedded]),
    tests(of: "MQTTCore", [.nioCore]),
    tests(of: "MQTTClient", uses: mqtt + ["TestCertificates", "TLSSupport"], sockets + [.nioEmbedded, .nioWebSocket]),
    tests(of: "MQTTBroker", uses: ["MQTTCore"], [.nioCore]),
    tests(of: "SparkplugB", uses: ["ProtobufWire"], [.nioCore]),
    tests(of: "MDNSCore", [.nioCore]),
    tests(of: "MDNSResponder", uses: ["MDNSCore"], sockets),
    tests(of: "ModbusCore", [.nioCore]),
    tests(
        of: "ModbusClient", uses: ["ModbusServer", "ModbusSerial", "ModbusCore", "TLSSupport"],
        sockets + [.nioEmbedded, .nioSSL]),
    tests(of: "ModbusServer", uses: ["ModbusCore"], sockets + [.nioEmbedded]),
    tests(of: "ZerobusCore", uses: ["ProtobufWire"], [.swiftProtobuf]),
    tests(
        of: "ZerobusServer",
        uses: ["ZerobusClient", "ZerobusCore", "ProtobufWire", "TestCertificates", "WebSupport", "zerobus-local"],
        [.swiftProtobuf, .asyncHTTPClient, .nioCore, .nioPosix, .nioHTTP1, .nioSSL, .nioConcurrency, .logging]),
    tests(of: "ConnectorModel", uses: ["ProtobufWire"]),
    tests(of: "ConnectorNormalization", uses: ["ConnectorModel"]),
    tests(of: "ConnectorDeadLetters", uses: ["ConnectorJournal", "ConnectorModel", "SimulatedDisk"]),
    tests(of: "ConnectorVault", uses: keeping),
    tests(of: "ConnectorKeys", [.crypto]),
    tests(of: "ConnectorJournal", uses: ["ConnectorKeys", "ConnectorModel", "SimulatedDisk"]),
    tests(
        of: "ConnectorLane", uses: lane + ["ConnectorModel", "ProtobufWire", "Resilience", "SimulatedDisk"],
        [.logging]),
    tests(of: "ConnectorPipeline", uses: line + ["TestKit"], [.logging, .serviceLifecycle]),
    tests(of: "ConnectorObservability", uses: line),
    tests(of: "ConnectorWeb", uses: line + keeping + ["ConnectorConfiguration", "WebSupport", "TestKit"], sockets),
    tests(
        of: "ConnectorApp",
        uses: line + keeping + ["ConnectorConfiguration", "ConnectorJournal", "ConnectorNormalization", "TestKit"],
        [.argumentParser, .logging]),
    tests(
        "ConnectorAdaptersTests", "Connector/Adapters",
        uses: adapters + opcua + mqtt + [
            "ConnectorModel", "ConnectorLane", "JSONSupport", "OPCUAClient", "OPCUAPKI", "OPCUAServer", "ModbusCore",
            "ModbusServer", "ZerobusServer", "ProtobufWire", "TestKit",
        ], sockets + [.grdb], exclude: ["Modbus"]),
    tests(
        of: "ModbusAdapter", uses: ["ConnectorModel", "ModbusClient", "ModbusCore", "ModbusServer", "TLSSupport"],
        sockets),
    tests(of: "ConnectorConfiguration", uses: adapters + keeping + ["ConnectorModel"], exclude: ["Field"]),
    tests(of: "SimulatorPlant"),
    tests(
        of: "SimulatorExposures",
        uses: opcua + mqtt + mdns + ["SimulatorPlant", "OPCUAClient", "ModbusClient", "ModbusCore"],
        [.nioCore, .logging]),
    tests(of: "SimulatorWeb", uses: ["SimulatorExposures", "SimulatorPlant", "WebSupport", "TestKit"], [.logging]),
    tests(of: "SimulatorApp", uses: ["SimulatorExposures", "SimulatorPlant", "YAMLSupport"]),
    tests("TidyTests", "Tidy"),
    tests(
        "InteropTests", "Interop",
        uses: opcua + mqtt + line + ["TestKit", "OPCUAClient", "OPCUAServer", "OPCUAPKI", "TLSSupport"], sockets,
        exclude: ["peers"]),
    tests("EndToEndTests", "EndToEnd", uses: ["TestKit"]),
    Part(
        name: "OPCUASoak", path: "Benchmarks/OPCUA/Soak", uses: ["OPCUAClient", "OPCUAServer", "OPCUATypes"],
        libraries: [.nioCore, .logging]),
    tests(
        "OPCUASoakTests", "Protocols/OPCUA/Soak", uses: ["OPCUASoak", "OPCUAClient", "OPCUAServer", "OPCUATypes"],
        sockets),
    Part(name: "TestCertificates", path: "Tests/TestCertificates", uses: [], libraries: [.crypto, .swiftASN1, .x509]),
    Part(name: "TestKit", path: "Tests/TestKit", uses: [], libraries: []),
    Part(name: "SimulatedDisk", path: "Tests/Simulation/Disk", uses: ["ConnectorJournal", "TestRandomness"]),
    Part(name: "TestRandomness", path: "Tests/TestRandomness", uses: []),

    // Fuzzed decoders: a program of libFuzzer when asked for, else tests that replay what was kept.
    Part(name: "FuzzKit", path: "Fuzz/Kit", uses: [], libraries: [.nioCore]),
    fuzzed("Modbus", uses: ["ModbusCore", "ModbusServer"]),
    fuzzed("MDNS", uses: ["MDNSCore"]),
    fuzzed("Sparkplug", uses: ["SparkplugB"]),
    fuzzed("MQTT", uses: ["ConnectorModel", "MQTTAdapter", "MQTTCore"]),
    fuzzed("OPCUA", uses: ["OPCUACore", "OPCUASecurity", "OPCUAServer", "OPCUATypes"]),
]

let parts = products + tests

// MARK: From the table to the package

let instrumentation: [SwiftSetting] =
    fuzzing == nil
    ? []
    : [.unsafeFlags(["-sanitize=fuzzer", "-enable-testing"])]
        + (fuzzing == "coverage" ? [.unsafeFlags(["-profile-generate", "-profile-coverage-mapping"])] : [])
        + (fuzzing == "planted" ? [.define("PLANTED_TRAP")] : [])

let everything: [SwiftSetting] =
    instrumentation + [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .treatAllWarnings(as: .error),
    ]

func inFocus(_ parts: [Part]) -> [Part] {
    guard let focus = Context.environment["FOCUS"]?.split(separator: ",").map(String.init), !focus.isEmpty else {
        return parts
    }
    let byName = Dictionary(uniqueKeysWithValues: parts.map { ($0.name, $0) })
    var kept: Set<String> = []
    var waiting = parts.filter { focus.contains($0.group) || focus.contains($0.name) }.map(\.name)
    while let name = waiting.popLast() {
        if kept.insert(name).inserted { waiting += byName[name]?.uses ?? [] }
    }
    return parts.filter { kept.contains($0.name) }
}

func target(_ part: Part) -> Target {
    let dependencies: [Target.Dependency] =
        part.uses.map { .target(name: $0) }
        + part.libraries.map { .product(name: $0.rawValue, package: $0.package.name) }
    switch part.kind {
    case .library:
        return .target(
            name: part.name, dependencies: dependencies, path: part.path,
            resources: part.resources, swiftSettings: everything)
    case .program, .fuzzer:
        // The fuzzer's own main function must not be linked: SwiftPM has renamed ours.
        let runtime = [Context.environment["FUZZ_RUNTIME"] ?? ""] + (fuzzing == "coverage" ? ["-profile-generate"] : [])
        let isFuzzer = part.kind == .fuzzer
        return .executableTarget(
            name: part.name, dependencies: dependencies, path: part.path, exclude: part.exclude,
            swiftSettings: everything + (isFuzzer ? [.unsafeFlags(["-parse-as-library"])] : []),
            linkerSettings: isFuzzer ? [.unsafeFlags(runtime), .linkedLibrary("stdc++")] : [])
    case .c:
        return .target(name: part.name, path: part.path)
    case .test:
        return .testTarget(
            name: part.name, dependencies: dependencies, path: part.path, exclude: part.exclude,
            swiftSettings: everything)
    }
}

let kept = inFocus(parts)
var packages: [String: Package.Dependency] = [:]
for library in kept.flatMap(\.libraries) { packages[library.package.name] = library.package.dependency }

var targets = kept.map(target)
if fuzzing != nil {
    targets += [
        .target(name: "CFuzzer", path: "Fuzz/CFuzzer"),
        .target(
            name: "FuzzDriver", dependencies: ["CFuzzer", "FuzzKit", .product(name: "NIOCore", package: "swift-nio")],
            path: "Fuzz/Driver", swiftSettings: everything),
    ]
}
if benchmarks {
    let programs = [
        Part(
            kind: .program, name: "modbus-bench", path: "Benchmarks/Modbus",
            uses: ["ModbusCore", "ModbusClient", "ModbusServer"], libraries: [.logging, .nioCore, .nioPosix]),
        Part(
            kind: .program, name: "opcua-bench", path: "Benchmarks/OPCUA/Program",
            uses: ["OPCUASoak", "OPCUAClient", "OPCUACore", "OPCUAServer", "OPCUAPKI", "OPCUASecurity", "OPCUATypes"],
            libraries: [.crypto, .cryptoExtras, .logging, .nioCore, .nioPosix]),
        Part(
            kind: .program, name: "lane-outage", path: "Benchmarks/Outage",
            uses: lane + ["ConnectorModel", "ProtobufWire"], libraries: [.logging]),
        Part(
            kind: .program, name: "mqtt-bench", path: "Benchmarks/MQTT",
            uses: lane + ["ConnectorModel", "MQTTAdapter", "MQTTBroker", "MQTTClient", "MQTTCore"],
            libraries: [.logging, .nioCore]),
        Part(
            kind: .program, name: "zerobus-bench", path: "Benchmarks/Zerobus/Program",
            uses: ["ProtobufWire", "ZerobusClient", "ZerobusCore"], libraries: [.logging, .swiftProtobuf]),
        Part(
            kind: .program, name: "intake-bench", path: "Benchmarks/Intake",
            uses: ["ConnectorModel", "ConnectorNormalization"]),
        Part(
            kind: .program, name: "journal-bench", path: "Benchmarks/Journal",
            uses: ["ConnectorJournal", "ConnectorKeys", "ConnectorModel"]),
    ]
    targets += programs.filter { program in program.uses.allSatisfy { name in kept.contains { $0.name == name } } }
        .map(target)
}

let package = Package(
    name: "penstock", platforms: [.macOS(.v15)], dependencies: packages.sorted { $0.key < $1.key }.map(\.value),
    targets: targets)
