/// Who may use whom: the table of DESIGN section 3.
///
/// Folders are relative to `Sources/`; a rule holds for its folder and all below it, and the first rule that fits
/// wins. A part may always use itself. Folders that no rule names are refused, so a new kind of part starts with a
/// decision here.
struct ArchitectureRule {
    /// Where other packages' modules are concerned.
    enum Libraries {
        /// Bytes and state machines: these and nothing else, no Foundation, no system module.
        case only(Set<String>)
        /// Any that the part's entry in Package.swift lists, apart from `reservedModules` of others.
        case listed
    }

    var folder: String
    var mayUse: [String]
    var libraries: Libraries

    init(_ folder: String, uses mayUse: [String] = [], _ libraries: Libraries = .listed) {
        self.folder = folder
        self.mayUse = mayUse
        self.libraries = libraries
    }
}

private let coreModules: Set<String> = ["NIOCore", "DequeModule"]

let architecture: [ArchitectureRule] = [
    // Small and ours; uses nothing of ours but other small things.
    ArchitectureRule("Support", uses: ["Support"]),

    // What is spoken on the wire. Knows nothing of the products.
    ArchitectureRule("Protocols/OPCUA/Types", .only(coreModules)),
    ArchitectureRule(
        "Protocols/OPCUA/Security", uses: ["Protocols/OPCUA/Types"],
        .only(coreModules.union(["Crypto", "CryptoExtras", "X509", "SwiftASN1"]))),
    ArchitectureRule(
        "Protocols/OPCUA/Core", uses: ["Protocols/OPCUA/Types", "Protocols/OPCUA/Security"], .only(coreModules)),
    ArchitectureRule("Protocols/OPCUA", uses: ["Protocols/OPCUA", "Support"]),
    ArchitectureRule("Protocols/MQTT/Core", .only(coreModules)),
    ArchitectureRule("Protocols/MQTT", uses: ["Protocols/MQTT/Core", "Protocols/MQTT/Transport", "Support"]),
    ArchitectureRule(
        "Protocols/SparkplugB", uses: ["Support/ProtobufWire"], .only(coreModules.union(["SwiftProtobuf"]))),
    ArchitectureRule("Protocols/MDNS/Core", .only(coreModules)),
    ArchitectureRule("Protocols/MDNS", uses: ["Protocols/MDNS/Core", "Support"]),
    ArchitectureRule("Protocols/Modbus/Core", .only(coreModules)),
    ArchitectureRule(
        "Protocols/Modbus", uses: ["Protocols/Modbus/Core", "Protocols/Modbus/Serial", "Support"]),
    ArchitectureRule(
        "Protocols/Zerobus/Core", uses: ["Support/ProtobufWire"], .only(coreModules.union(["SwiftProtobuf"]))),
    ArchitectureRule("Protocols/Zerobus", uses: ["Protocols/Zerobus/Core", "Support"]),

    // Plant → lakehouse. Only App joins adapters and pipeline.
    ArchitectureRule("Connector/Model", uses: ["Support"]),
    ArchitectureRule("Connector/Normalization", uses: ["Connector/Model", "Support"]),
    ArchitectureRule("Connector/Delivery", uses: ["Connector/Model", "Connector/Delivery", "Support"]),
    ArchitectureRule(
        "Connector/Pipeline",
        uses: ["Connector/Model", "Connector/Delivery", "Connector/Normalization", "Support"]),
    ArchitectureRule(
        "Connector/Adapters/OPCUA",
        uses: [
            "Connector/Model", "Protocols/OPCUA/Client", "Protocols/OPCUA/Core", "Protocols/OPCUA/Types",
            "Protocols/OPCUA/Security", "Protocols/OPCUA/PKI", "Support",
        ]),
    ArchitectureRule(
        "Connector/Adapters/MQTT",
        uses: [
            "Connector/Model", "Protocols/MQTT/Client", "Protocols/MQTT/Core", "Protocols/MQTT/Transport",
            "Protocols/SparkplugB", "Support",
        ]),
    ArchitectureRule(
        "Connector/Adapters/Modbus",
        uses: ["Connector/Model", "Protocols/Modbus/Client", "Protocols/Modbus/Core", "Support"]),
    ArchitectureRule(
        "Connector/Adapters/Zerobus",
        uses: ["Connector/Model", "Protocols/Zerobus/Client", "Protocols/Zerobus/Core", "Support"]),
    ArchitectureRule("Connector/Adapters", uses: ["Connector/Model", "Support"]),
    ArchitectureRule(
        "Connector/Discovery",
        uses: [
            "Connector/Model", "Protocols/OPCUA/Client", "Protocols/OPCUA/Core", "Protocols/OPCUA/Types",
            "Protocols/MQTT/Client", "Protocols/MQTT/Core", "Protocols/Modbus/Client", "Protocols/Modbus/Core",
            "Protocols/MDNS/Core", "Support",
        ]),
    ArchitectureRule("Connector/Vault", uses: ["Connector/Delivery/Keys", "Support"]),
    ArchitectureRule(
        "Connector/Configuration",
        uses: [
            "Connector/Model", "Connector/Normalization", "Connector/Adapters", "Connector/Delivery",
            "Connector/Discovery", "Connector/Vault", "Support",
        ]),
    ArchitectureRule(
        "Connector/Observability",
        uses: ["Connector/Model", "Connector/Pipeline", "Connector/Delivery", "Support"]),
    ArchitectureRule(
        "Connector/Web",
        uses: [
            "Connector/Model", "Connector/Pipeline", "Connector/Delivery", "Connector/Observability",
            "Connector/Configuration", "Connector/Discovery", "Connector/Vault", "Support",
        ]),
    ArchitectureRule("Connector/App", uses: ["Connector", "Support"]),

    // A plant to practise on. Sensors and faults know no protocol; exposures only open and close endpoints.
    ArchitectureRule("Simulator/Plant", uses: ["Support"]),
    ArchitectureRule(
        "Simulator/Exposures",
        uses: [
            "Simulator/Plant", "Protocols/OPCUA/Server", "Protocols/OPCUA/Core", "Protocols/OPCUA/Types",
            "Protocols/OPCUA/Security", "Protocols/OPCUA/PKI", "Protocols/MQTT/Broker", "Protocols/MQTT/Client",
            "Protocols/MQTT/Core", "Protocols/MQTT/Transport", "Protocols/SparkplugB", "Protocols/Modbus/Server",
            "Protocols/Modbus/Core", "Protocols/MDNS/Core", "Protocols/MDNS/Responder", "Support",
        ]),
    ArchitectureRule("Simulator/Operator", uses: ["Simulator/Plant", "Support"]),
    ArchitectureRule(
        "Simulator/Web", uses: ["Simulator/Plant", "Simulator/Exposures", "Simulator/Operator", "Support"]),
    ArchitectureRule("Simulator/App", uses: ["Simulator", "Support"]),

    // About 30 lines each: they hand their arguments to one App.
    ArchitectureRule("Programs/penstock", uses: ["Connector/App"], .only([])),
    ArchitectureRule("Programs/ot-simulator", uses: ["Simulator/App"], .only([])),
    ArchitectureRule("Programs/zerobus-local", uses: ["Protocols/Zerobus/Server"], .only([])),
]

/// Modules that only some folders may use, whatever their manifest entry says.
let reservedModules: [(modules: Set<String>, folders: [String])] = [
    (
        ["GRPCCore", "GRPCNIOTransportCore", "GRPCNIOTransportHTTP2", "GRPCNIOTransportHTTP2Posix", "GRPCProtobuf"],
        ["Protocols/Zerobus/Client", "Protocols/Zerobus/Server", "Support/OTLPExport"]
    ),
    (
        ["Hummingbird", "HummingbirdCore", "HummingbirdTLS", "HummingbirdWebSocket"],
        ["Support/WebSupport", "Connector/Web", "Simulator/Web"]
    ),
    (["Yams"], ["Support/YAML"]),
    (["GRDB"], ["Connector/Adapters/LocalTable", "Connector/Adapters/SQL", "Protocols/Zerobus/Server"]),
    // App and Web hand on what the reader found, and the trees of values that are saved.
    (["YAMLSupport"], ["Support/YAML", "Connector/Configuration", "Connector/Web", "Connector/App", "Simulator/App"]),
]

/// Modules of the system and the toolchain, which no manifest lists.
let systemModules: Set<String> = [
    "Swift", "Foundation", "FoundationEssentials", "FoundationNetworking", "Dispatch", "Glibc", "Musl", "Darwin",
    "Synchronization", "Observation", "RegexBuilder", "Testing", "_Concurrency", "_StringProcessing", "CSQLite",
]
