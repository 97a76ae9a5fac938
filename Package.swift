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
            (
                "swift-protobuf",
                .package(url: "https://github.com/apple/swift-protobuf.git", from: "1.39.0", traits: [])
            )
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
    var group: String
    var name: String
    var path: String
    var uses: [String]
    var libraries: [Library] = []
    var resources: [Resource] = []
    /// Folders inside the part's own that are no Swift.
    var exclude: [String] = []
}

/// Bytes and state machines of a protocol: no sockets, no clock.
func core(_ group: String, _ name: String, _ path: String, uses: [String] = [], _ libraries: [Library] = []) -> Part {
    Part(group: group, name: name, path: "Sources/" + path, uses: uses, libraries: [.nioCore, .deque] + libraries)
}

/// A thin layer over sockets, files or clocks around a core.
func shell(_ group: String, _ name: String, _ path: String, uses: [String], _ libraries: [Library] = []) -> Part {
    Part(
        group: group, name: name, path: "Sources/" + path, uses: uses,
        libraries: [.nioCore, .nioPosix, .logging] + libraries)
}

/// A part of one of the products.
func product(
    _ group: String, _ name: String, _ path: String, uses: [String] = [], _ libraries: [Library] = [],
    resources: [Resource] = []
) -> Part {
    Part(
        group: group, name: name, path: "Sources/" + path, uses: uses, libraries: libraries, resources: resources)
}

func program(_ name: String, uses: [String]) -> Part {
    Part(kind: .program, group: "Programs", name: name, path: "Sources/Programs/" + name, uses: uses, libraries: [])
}

func tests(
    _ group: String, _ name: String, _ path: String, uses: [String] = [], _ libraries: [Library] = [],
    exclude: [String] = []
) -> Part {
    Part(
        kind: .test, group: group, name: name, path: "Tests/" + path, uses: uses, libraries: libraries,
        exclude: exclude)
}

/// The decoders of a protocol under fuzz: `Fuzz/<Protocol>`.
func fuzzed(_ group: String, uses: [String]) -> Part {
    Part(
        kind: fuzzing == nil ? .test : .fuzzer, group: group,
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
let line = ["ConnectorModel", "ConnectorLane", "ConnectorPipeline", "Resilience"]
let keeping = ["ConnectorKeys", "ConnectorVault", "FileSupport", "JSONSupport", "YAMLSupport"]
let sockets: [Library] = [.nioCore, .nioPosix, .logging]

let parts: [Part] = [
    // Support: small, ours, uses nothing of ours.
    product("Support", "Resilience", "Support/Resilience"),
    product("Support", "ProtobufWire", "Support/ProtobufWire"),
    product("Support", "JSONSupport", "Support/JSON"),
    Part(kind: .c, group: "Support", name: "CPenstock", path: "Sources/Support/CPenstock", uses: []),
    product("Support", "YAMLSupport", "Support/YAML", [.yams]),
    product("Support", "TLSSupport", "Support/TLS", [.nioSSL]),
    product("Support", "CommandSupport", "Support/Command", [.argumentParser]),
    product("Support", "FileSupport", "Support/Files"),
    product(
        "Support", "WebSupport", "Support/WebSupport",
        [
            .hummingbirdCore, .hummingbirdTLS, .httpTypes, .nioCore, .nioPosix, .nioHTTP1, .nioHTTPTypes,
            .nioHTTPTypesHTTP1, .nioSSL, .nioWebSocket, .nioConcurrency, .logging, .serviceLifecycle,
        ]),

    // OPC UA
    core("OPCUA", "OPCUATypes", "Protocols/OPCUA/Types"),
    core(
        "OPCUA", "OPCUASecurity", "Protocols/OPCUA/Security", uses: ["OPCUATypes"],
        [.crypto, .cryptoExtras, .x509, .swiftASN1]),
    core("OPCUA", "OPCUACore", "Protocols/OPCUA/Core", uses: ["OPCUATypes", "OPCUASecurity"]),
    shell("OPCUA", "OPCUAClient", "Protocols/OPCUA/Client", uses: opcua, [.deque]),
    shell("OPCUA", "OPCUAServer", "Protocols/OPCUA/Server", uses: opcua, [.nioConcurrency, .deque]),
    product("OPCUA", "OPCUAPKI", "Protocols/OPCUA/PKI", uses: ["OPCUASecurity", "OPCUATypes"]),

    // MQTT
    core("MQTT", "MQTTCore", "Protocols/MQTT/Core"),
    product(
        "MQTT", "MQTTTransport", "Protocols/MQTT/Transport",
        [.nioCore, .nioHTTP1, .nioSSL, .nioWebSocket, .swiftASN1, .x509]),
    shell(
        "MQTT", "MQTTClient", "Protocols/MQTT/Client", uses: ["MQTTCore", "MQTTTransport", "TLSSupport"], [.nioSSL]),
    shell(
        "MQTT", "MQTTBroker", "Protocols/MQTT/Broker", uses: ["MQTTCore", "MQTTTransport", "TLSSupport"],
        [.nioConcurrency, .nioSSL, .deque]),

    // Sparkplug B
    core("Sparkplug", "SparkplugB", "Protocols/SparkplugB", uses: ["ProtobufWire"]),

    // Modbus
    core("Modbus", "ModbusCore", "Protocols/Modbus/Core"),
    shell("Modbus", "ModbusSerial", "Protocols/Modbus/Serial", uses: ["ModbusCore"]),
    shell(
        "Modbus", "ModbusClient", "Protocols/Modbus/Client", uses: ["ModbusCore", "ModbusSerial", "TLSSupport"],
        [.nioSSL, .nioTLS]),
    shell(
        "Modbus", "ModbusServer", "Protocols/Modbus/Server", uses: ["ModbusCore", "ModbusSerial"],
        [.nioConcurrency, .nioSSL]),

    // Zerobus
    core("Zerobus", "ZerobusCore", "Protocols/Zerobus/Core", uses: ["ProtobufWire"], [.swiftProtobuf]),
    shell(
        "Zerobus", "ZerobusClient", "Protocols/Zerobus/Client", uses: ["ZerobusCore", "ProtobufWire"],
        [.grpcCore, .grpcTransport, .asyncHTTPClient, .nioConcurrency, .nioHTTP1, .nioSSL]),
    shell(
        "Zerobus", "ZerobusServer", "Protocols/Zerobus/Server",
        uses: ["ZerobusCore", "ProtobufWire", "WebSupport", "CommandSupport"],
        [
            .grpcCore, .grpcTransport, .grdb, .grdbSQLite, .crypto, .deque, .nioConcurrency, .argumentParser,
            .serviceLifecycle, .unixSignals,
        ]),

    // Connector
    product("Connector", "ConnectorModel", "Connector/Model", uses: ["ProtobufWire"], [.crypto]),
    product("Connector", "ConnectorKeys", "Connector/Delivery/Keys", uses: ["FileSupport"], [.crypto, .cryptoExtras]),
    product("Connector", "ConnectorVault", "Connector/Vault", uses: ["ConnectorKeys", "FileSupport"], [.crypto]),
    product(
        "Connector", "ConnectorJournal", "Connector/Delivery/Journal",
        uses: ["CPenstock", "ConnectorModel", "ConnectorKeys"], [.deque, .nioConcurrency]),
    product(
        "Connector", "ConnectorDeadLetters", "Connector/Delivery/DeadLetters",
        uses: ["ConnectorModel", "ConnectorJournal", "ProtobufWire"]),
    product(
        "Connector", "ConnectorLane", "Connector/Delivery/Lane",
        uses: [
            "ConnectorModel", "ConnectorJournal", "ConnectorKeys", "ConnectorDeadLetters", "Resilience", "ProtobufWire",
        ], [.deque, .nioConcurrency, .logging]),
    product(
        "Connector", "ConnectorPipeline", "Connector/Pipeline",
        uses: ["ConnectorModel", "ConnectorLane", "ConnectorJournal", "Resilience"],
        [.logging, .nioConcurrency, .serviceLifecycle]),
    product("Connector", "ConnectorNormalization", "Connector/Normalization", uses: ["ConnectorModel"]),
    product(
        "Connector", "OPCUAAdapter", "Connector/Adapters/OPCUA",
        uses: ["ConnectorModel", "JSONSupport", "OPCUAClient", "OPCUACore", "OPCUAPKI", "OPCUASecurity", "OPCUATypes"],
        [.asyncHTTPClient, .nioCore, .nioHTTP1, .nioPosix, .logging]),
    product(
        "Connector", "MQTTAdapter", "Connector/Adapters/MQTT",
        uses: ["ConnectorModel", "JSONSupport", "MQTTClient", "MQTTCore", "SparkplugB", "TLSSupport"],
        sockets + [.deque]),
    product(
        "Connector", "ModbusAdapter", "Connector/Adapters/Modbus",
        uses: ["ConnectorModel", "ModbusClient", "ModbusCore", "TLSSupport"], sockets),
    product(
        "Connector", "ZerobusAdapter", "Connector/Adapters/Zerobus",
        uses: ["ConnectorModel", "JSONSupport", "ProtobufWire", "ZerobusClient", "ZerobusCore"], [.logging]),
    product(
        "Connector", "LocalTableAdapter", "Connector/Adapters/LocalTable",
        uses: ["ConnectorModel", "JSONSupport", "ProtobufWire"], [.grdb, .logging]),
    product(
        "Connector", "ConnectorConfiguration", "Connector/Configuration",
        uses: adapters + keeping + ["ConnectorModel", "ConnectorNormalization"], [.crypto]),
    product(
        "Connector", "ConnectorObservability", "Connector/Observability", uses: line, [.logging, .nioConcurrency]),
    product(
        "Connector", "ConnectorWeb", "Connector/Web",
        uses: lane + [
            "ConnectorConfiguration", "ConnectorModel", "ConnectorPipeline", "ConnectorObservability", "Resilience",
            "WebSupport", "YAMLSupport",
        ], [.logging],
        resources: [.embedInCode("Page/index.html"), .embedInCode("Page/page.js"), .embedInCode("Page/style.css")]),
    product(
        "Connector", "ConnectorApp", "Connector/App",
        uses: adapters + keeping + [
            "ConnectorModel", "ConnectorLane", "ConnectorJournal", "ConnectorDeadLetters", "ConnectorNormalization",
            "ConnectorPipeline", "ConnectorConfiguration", "ConnectorObservability", "ConnectorWeb", "ProtobufWire", "Resilience",
            "WebSupport", "CommandSupport",
        ], [.argumentParser, .logging, .serviceLifecycle, .unixSignals]),

    // Simulator
    product("Simulator", "SimulatorPlant", "Simulator/Plant"),
    product(
        "Simulator", "SimulatorExposures", "Simulator/Exposures",
        uses: opcua + mqtt + [
            "SimulatorPlant", "OPCUAServer", "OPCUAPKI", "ModbusServer", "ModbusCore", "TLSSupport",
        ], sockets),
    product(
        "Simulator", "SimulatorWeb", "Simulator/Web", uses: ["SimulatorPlant", "SimulatorExposures", "WebSupport"],
        resources: [
            "index.html", "style.css", "openapi.json", "main.js", "api.js", "dom.js", "live.js", "overview.js",
            "sensors.js", "charts.js", "analysis.js", "faults.js", "scenarios.js", "tables.js",
        ].map { .embedInCode("Page/" + $0) }),
    product(
        "Simulator", "SimulatorApp", "Simulator/App",
        uses: ["SimulatorPlant", "SimulatorExposures", "SimulatorWeb", "WebSupport", "YAMLSupport", "CommandSupport"],
        [.argumentParser, .logging, .serviceLifecycle, .unixSignals]),

    // Programs
    program("penstock", uses: ["ConnectorApp"]),
    program("ot-simulator", uses: ["SimulatorApp"]),
    program("zerobus-local", uses: ["ZerobusServer"]),

    // Tests
    tests("Support", "ResilienceTests", "Support/Resilience", uses: ["Resilience"]),
    tests("Support", "ProtobufWireTests", "Support/ProtobufWire", uses: ["ProtobufWire"]),
    tests("Support", "JSONSupportTests", "Support/JSON", uses: ["JSONSupport"]),
    tests("Support", "YAMLSupportTests", "Support/YAML", uses: ["YAMLSupport"]),
    tests("Support", "CommandSupportTests", "Support/Command", uses: ["CommandSupport"], [.argumentParser]),
    tests("Support", "FileSupportTests", "Support/Files", uses: ["FileSupport"]),
    tests("Support", "WebSupportTests", "Support/WebSupport", uses: ["WebSupport"], [.logging, .nioCore, .nioPosix]),
    tests("OPCUA", "OPCUATypesTests", "Protocols/OPCUA/Types", uses: ["OPCUATypes"], [.nioCore]),
    tests(
        "OPCUA", "OPCUASecurityTests", "Protocols/OPCUA/Security", uses: ["OPCUASecurity", "OPCUATypes"],
        [.nioCore, .swiftASN1, .x509]),
    tests("OPCUA", "OPCUAPKITests", "Protocols/OPCUA/PKI", uses: ["OPCUAPKI", "OPCUASecurity", "OPCUATypes"]),
    tests("OPCUA", "OPCUACoreTests", "Protocols/OPCUA/Core", uses: opcua, [.nioCore]),
    tests(
        "OPCUA", "OPCUAClientTests", "Protocols/OPCUA/Client", uses: opcua + ["OPCUAClient", "OPCUAServer"],
        sockets + [.nioEmbedded]),
    tests(
        "OPCUA", "OPCUAServerTests", "Protocols/OPCUA/Server", uses: opcua + ["OPCUAServer"], sockets + [.nioEmbedded]),
    tests("MQTT", "MQTTCoreTests", "Protocols/MQTT/Core", uses: ["MQTTCore"], [.nioCore]),
    tests(
        "MQTT", "MQTTClientTests", "Protocols/MQTT/Client", uses: mqtt + ["TestCertificates", "TLSSupport"],
        sockets + [.nioEmbedded, .nioWebSocket]),
    tests("MQTT", "MQTTBrokerTests", "Protocols/MQTT/Broker", uses: ["MQTTBroker", "MQTTCore"], [.nioCore]),
    tests("Sparkplug", "SparkplugBTests", "Protocols/SparkplugB", uses: ["SparkplugB", "ProtobufWire"], [.nioCore]),
    tests("Modbus", "ModbusCoreTests", "Protocols/Modbus/Core", uses: ["ModbusCore"], [.nioCore]),
    tests(
        "Modbus", "ModbusClientTests", "Protocols/Modbus/Client",
        uses: ["ModbusClient", "ModbusServer", "ModbusSerial", "ModbusCore", "TLSSupport"],
        sockets + [.nioEmbedded, .nioSSL]),
    tests(
        "Modbus", "ModbusServerTests", "Protocols/Modbus/Server", uses: ["ModbusServer", "ModbusCore"],
        sockets + [.nioEmbedded]),
    tests(
        "Zerobus", "ZerobusCoreTests", "Protocols/Zerobus/Core", uses: ["ZerobusCore", "ProtobufWire"], [.swiftProtobuf]
    ),
    tests(
        "Zerobus", "ZerobusServerTests", "Protocols/Zerobus/Server",
        uses: [
            "ZerobusServer", "ZerobusClient", "ZerobusCore", "ProtobufWire", "TestCertificates", "WebSupport",
            "zerobus-local",
        ],
        [
            .swiftProtobuf, .asyncHTTPClient, .nioCore, .nioPosix, .nioHTTP1, .nioSSL, .nioConcurrency, .logging,
        ]),
    tests("Connector", "ConnectorModelTests", "Connector/Model", uses: ["ConnectorModel", "ProtobufWire"]),
    tests(
        "Connector", "ConnectorNormalizationTests", "Connector/Normalization",
        uses: ["ConnectorModel", "ConnectorNormalization"]),
    tests(
        "Connector", "ConnectorDeadLettersTests", "Connector/Delivery/DeadLetters",
        uses: ["ConnectorDeadLetters", "ConnectorJournal", "ConnectorModel", "SimulatedDisk"]),
    tests("Connector", "ConnectorVaultTests", "Connector/Vault", uses: keeping),
    tests("Connector", "ConnectorKeysTests", "Connector/Delivery/Keys", uses: ["ConnectorKeys"]),
    tests(
        "Connector", "ConnectorJournalTests", "Connector/Delivery/Journal",
        uses: ["ConnectorJournal", "ConnectorKeys", "ConnectorModel", "SimulatedDisk"]),
    tests(
        "Connector", "ConnectorLaneTests", "Connector/Delivery/Lane",
        uses: lane + ["ConnectorModel", "ProtobufWire", "Resilience", "SimulatedDisk"], [.logging]),
    tests(
        "Connector", "ConnectorPipelineTests", "Connector/Pipeline", uses: line + ["TestKit"],
        [.logging, .serviceLifecycle]),
    tests(
        "Connector", "ConnectorObservabilityTests", "Connector/Observability", uses: line + ["ConnectorObservability"]),
    tests(
        "Connector", "ConnectorWebTests", "Connector/Web",
        uses: line + keeping + ["ConnectorConfiguration", "ConnectorWeb", "WebSupport", "TestKit"], sockets),
    tests(
        "Connector", "ConnectorAppTests", "Connector/App",
        uses: ["ConnectorApp", "ConnectorConfiguration", "ConnectorModel", "ConnectorNormalization", "TestKit"],
        [.argumentParser, .logging]),
    tests(
        "Connector", "ConnectorAdaptersTests", "Connector/Adapters",
        uses: adapters + opcua + mqtt + [
            "ConnectorModel", "ConnectorLane", "JSONSupport", "OPCUAClient", "OPCUAPKI", "OPCUAServer", "ModbusCore",
            "ModbusServer", "ZerobusServer", "ProtobufWire", "TestKit",
        ], sockets + [.grdb], exclude: ["Modbus"]),
    tests(
        "Connector", "ModbusAdapterTests", "Connector/Adapters/Modbus",
        uses: ["ConnectorModel", "ModbusAdapter", "ModbusClient", "ModbusCore", "ModbusServer", "TLSSupport"],
        sockets),
    tests(
        "Connector", "ConnectorConfigurationTests", "Connector/Configuration",
        uses: adapters + keeping + ["ConnectorConfiguration", "ConnectorModel"], exclude: ["Field"]),
    tests("Simulator", "SimulatorPlantTests", "Simulator/Plant", uses: ["SimulatorPlant"]),
    tests(
        "Simulator", "SimulatorExposuresTests", "Simulator/Exposures",
        uses: opcua + mqtt + ["SimulatorExposures", "SimulatorPlant", "OPCUAClient", "ModbusClient", "ModbusCore"],
        [.nioCore, .logging]),
    tests(
        "Simulator", "SimulatorWebTests", "Simulator/Web",
        uses: ["SimulatorWeb", "SimulatorExposures", "SimulatorPlant", "WebSupport", "TestKit"], [.logging]),
    tests(
        "Simulator", "SimulatorAppTests", "Simulator/App",
        uses: ["SimulatorApp", "SimulatorExposures", "SimulatorPlant", "YAMLSupport"]),
    tests("Tidy", "TidyTests", "Tidy"),
    tests(
        "Interop", "InteropTests", "Interop",
        uses: opcua + mqtt + line + ["TestKit", "OPCUAClient", "OPCUAServer", "OPCUAPKI", "TLSSupport"],
        sockets, exclude: ["peers"]),
    tests("EndToEnd", "EndToEndTests", "EndToEnd", uses: ["TestKit"]),
    Part(
        group: "OPCUA", name: "OPCUASoak", path: "Benchmarks/OPCUA/Soak",
        uses: ["OPCUAClient", "OPCUAServer", "OPCUATypes"], libraries: [.nioCore, .logging]),
    tests(
        "OPCUA", "OPCUASoakTests", "Protocols/OPCUA/Soak",
        uses: ["OPCUASoak", "OPCUAClient", "OPCUAServer", "OPCUATypes"], sockets),
    Part(
        group: "TestKit", name: "TestCertificates", path: "Tests/TestCertificates", uses: [],
        libraries: [.crypto, .swiftASN1, .x509]),
    Part(group: "TestKit", name: "TestKit", path: "Tests/TestKit", uses: [], libraries: []),
    Part(group: "TestKit", name: "SimulatedDisk", path: "Tests/Simulation/Disk", uses: ["ConnectorJournal"]),

    // Fuzzed decoders: a program of libFuzzer when asked for, else tests that replay what was kept.
    Part(group: "TestKit", name: "FuzzKit", path: "Fuzz/Kit", uses: [], libraries: [.nioCore]),
    fuzzed("Modbus", uses: ["ModbusCore", "ModbusServer"]),
    fuzzed("Sparkplug", uses: ["SparkplugB"]),
    fuzzed("MQTT", uses: ["ConnectorModel", "MQTTAdapter", "MQTTCore"]),
    fuzzed("OPCUA", uses: ["OPCUACore", "OPCUASecurity", "OPCUAServer", "OPCUATypes"]),
]

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
            kind: .program, group: "Modbus", name: "modbus-bench", path: "Benchmarks/Modbus",
            uses: ["ModbusCore", "ModbusClient", "ModbusServer"], libraries: [.logging, .nioCore, .nioPosix]),
        Part(
            kind: .program, group: "OPCUA", name: "opcua-bench", path: "Benchmarks/OPCUA/Program",
            uses: ["OPCUASoak", "OPCUAClient", "OPCUACore", "OPCUAServer", "OPCUAPKI", "OPCUASecurity", "OPCUATypes"],
            libraries: [.crypto, .cryptoExtras, .logging, .nioCore, .nioPosix]),
        Part(
            kind: .program, group: "Connector", name: "lane-outage", path: "Benchmarks/Outage",
            uses: lane + ["ConnectorModel", "ProtobufWire"], libraries: [.logging]),
        Part(
            kind: .program, group: "MQTT", name: "mqtt-bench", path: "Benchmarks/MQTT",
            uses: lane + ["ConnectorModel", "MQTTAdapter", "MQTTBroker", "MQTTClient", "MQTTCore"],
            libraries: [.logging, .nioCore]),
        Part(
            kind: .program, group: "Zerobus", name: "zerobus-bench", path: "Benchmarks/Zerobus/Program",
            uses: ["ProtobufWire", "ZerobusClient", "ZerobusCore"], libraries: [.logging, .swiftProtobuf]),
        Part(
            kind: .program, group: "Connector", name: "intake-bench", path: "Benchmarks/Intake",
            uses: ["ConnectorModel", "ConnectorNormalization"]),
        Part(
            kind: .program, group: "Connector", name: "journal-bench", path: "Benchmarks/Journal",
            uses: ["ConnectorJournal", "ConnectorKeys", "ConnectorModel"]),
    ]
    targets += programs.filter { program in program.uses.allSatisfy { name in kept.contains { $0.name == name } } }
        .map(target)
}

let package = Package(
    name: "penstock",
    platforms: [.macOS(.v15)],
    dependencies: packages.sorted { $0.key < $1.key }.map(\.value),
    targets: targets
)
