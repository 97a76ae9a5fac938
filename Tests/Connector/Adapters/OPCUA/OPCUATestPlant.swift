import ConnectorModel
import Foundation
import Logging
import NIOCore
import NIOPosix
import OPCUACore
import OPCUAServer
import OPCUATypes
import Synchronization

@testable import OPCUAAdapter

/// Our own server with `plant/t0` … under Objects, each in kW.
struct OPCUATestPlant: Sendable {
    let server: ServerApplication
    let variables: [VariableHandle]
    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    static func node(_ index: Int) -> NodeId { NodeId(namespace: 2, string: "t\(index)") }

    /// - Parameter folders: tags are spread over so many folders; the first is called `plant`.
    init(
        tags: Int, folders: Int = 1, port: Int = 0, history: Int = 0,
        configure: (inout ServerConfiguration) -> Void = { _ in }
    ) throws {
        try self.init(port: port, configure: configure) { space in
            let parents = try (0..<folders).map { index in
                let name = index == 0 ? "plant" : "plant\(index)"
                return try space.addFolder(NodeId(namespace: 2, string: name), name: name)
            }
            return try (0..<tags).map { index in
                try space.addAnalogItem(
                    VariableDefinition(
                        id: Self.node(index), name: "t\(index)", type: .double,
                        value: DataValue(.double(Double(index))), historyLength: history),
                    range: ValueRange(low: 0, high: 10),
                    unit: EUInformation(displayName: LocalizedText("kW")), under: parents[index % folders])
            }
        }
    }

    /// - Parameter build: adds nodes; returns the variables by the index that ``update(_:_:_:at:)`` takes.
    init(
        port: Int = 0, namespaces: [String] = ["urn:test:plant"],
        configure: (inout ServerConfiguration) -> Void = { _ in },
        build: (inout AddressSpace) throws -> [VariableHandle]
    ) throws {
        var space = AddressSpace(applicationURI: "urn:test", namespaces: namespaces)
        variables = try build(&space)
        var configuration = ServerConfiguration(
            port: port, applicationName: "test", applicationURI: "urn:test",
            subscription: ServerSubscriptionSettings(shortestIntervalMilliseconds: 1))
        configure(&configuration)
        server = ServerApplication(
            configuration: configuration, addressSpace: space, group: MultiThreadedEventLoopGroup.singleton,
            logger: Self.logger)
    }

    /// Runs the server while `body` runs.
    func serve(_ body: @escaping @Sendable (_ port: Int) async throws -> Void) async throws {
        let (ports, port) = AsyncStream<Int>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { port.finish() }
                try await server.run { port.yield($0.port ?? 0) }
            }
            for await number in ports {
                try await body(number)
                break
            }
            group.cancelAll()
            while let result = await group.nextResult() {
                if case .failure(let error) = result, !(error is CancellationError) { throw error }
            }
        }
    }

    func update(_ index: Int, _ value: Variant, _ status: StatusCode = .good, at microseconds: Int64 = 0) {
        server.update([
            VariableUpdate(
                variables[index],
                DataValue(
                    value, status: status,
                    sourceTimestamp: DateTime(utcMicroseconds: 1_700_000_000_000_000 + microseconds)))
        ])
    }

    /// A folder that is not there: no certificate, nothing trusted.
    static let noPKI = NSTemporaryDirectory() + "penstock-no-pki"

    static func source(
        _ port: Int, nodes: [NodeSelection] = [], discovery: TagDiscovery = TagDiscovery(),
        reading change: (inout TagReading) -> Void = { _ in }
    ) throws -> OPCUASource {
        var reading = TagReading(publishingInterval: .milliseconds(10))
        change(&reading)
        return OPCUASource(
            try OPCUASourceConfiguration(
                name: "s", endpoint: "opc.tcp://127.0.0.1:\(port)/x", nodes: nodes, discovery: discovery,
                reading: reading), pkiFolder: noPKI, logger: logger)
    }
}

extension NodeSelection: ExpressibleByStringLiteral {
    /// A node id, or a browse path when it begins with `/`.
    public init(stringLiteral text: String) {
        do {
            self = text.hasPrefix("/") ? try NodeSelection(browsePath: text) : try NodeSelection(nodeID: text)
        } catch {
            preconditionFailure("\(error)")
        }
    }
}

/// Runs a source while `body` runs; returns how its connection ended when `body` did not end it.
@discardableResult
func withRunningOPCUASource(
    _ source: OPCUASource, _ intake: Intake, _ body: @escaping @Sendable () async throws -> Void = {}
) async throws -> SourceFailure? {
    try await withThrowingTaskGroup(of: SourceFailure?.self) { group in
        group.addTask {
            do {
                try await source.run(intake)
            } catch let failure as SourceFailure {
                return failure
            } catch is CancellationError {
                return nil
            }
            return nil
        }
        try await body()
        group.cancelAll()
        return try await group.next() ?? nil
    }
}

/// A tree for surveys: `line/a`, `line/b`, `line/cell/c`, `line/cell/deep/d`, `store/a`, and `line/b` with a part `p`.
extension OPCUATestPlant {
    static func tree(
        namespaces: [String] = ["urn:test:plant"], index: UInt16 = 2,
        configure: (inout ServerConfiguration) -> Void = { _ in }
    ) throws -> OPCUATestPlant {
        try OPCUATestPlant(namespaces: namespaces, configure: configure) { space in
            func id(_ text: String) -> NodeId { NodeId(namespace: index, string: text) }
            func variable(_ path: String, under parent: NodeId) throws -> VariableHandle {
                let name = String(path.split(separator: "/").last ?? "")
                return try space.addVariable(
                    VariableDefinition(id: id(path), name: name, type: .double, value: DataValue(.double(0))),
                    under: parent)
            }
            let line = try space.addFolder(id("line"), name: "line")
            let store = try space.addFolder(id("store"), name: "store")
            let cell = try space.addFolder(id("line/cell"), name: "cell", under: line)
            let deep = try space.addFolder(id("line/cell/deep"), name: "deep", under: cell)
            return [
                try variable("line/a", under: line), try variable("line/b", under: line),
                try variable("line/b/p", under: id("line/b")), try variable("line/cell/c", under: cell),
                try variable("line/cell/deep/d", under: deep), try variable("store/a", under: store),
            ]
        }
    }
}

/// Carries a value out of a closure.
final class OPCUABox<Value: Sendable>: Sendable {
    private let content: Mutex<Value>
    init(_ value: Value) { content = Mutex(value) }
    var value: Value { content.withLock { $0 } }
    func set(_ value: Value) { content.withLock { $0 = value } }
}

/// Remembers that something happened.
final class OPCUAFlag: Sendable {
    private let happened = Atomic(false)
    var isSet: Bool { happened.load(ordering: .relaxed) }
    func set() { happened.store(true, ordering: .relaxed) }
}
