import Logging
import NIOCore
import NIOPosix
import OPCUACore
import OPCUATypes

@testable import OPCUAServer

/// A server on a free port with what a test puts into its address space.
struct TestServer: Sendable {
    let application: ServerApplication

    static func node(_ name: String) -> NodeId { NodeId(namespace: 2, string: name) }

    init(
        configure: (inout ServerConfiguration) -> Void = { _ in },
        fill: (inout AddressSpace) throws -> Void
    ) throws {
        var space = AddressSpace(applicationURI: "urn:test:server", namespaces: ["urn:test:plant"])
        try fill(&space)
        var configuration = ServerConfiguration(
            port: 0, applicationName: "Test", applicationURI: "urn:test:server",
            subscription: ServerSubscriptionSettings(shortestIntervalMilliseconds: 1))
        configure(&configuration)
        application = ServerApplication(
            configuration: configuration, addressSpace: space, group: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Runs the server while `body` runs.
    func serve(_ body: @escaping @Sendable (_ port: Int) async throws -> Void) async throws {
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { port.finish() }
                try await application.run { port.yield($0.port ?? 0) }
            }
            for await number in ports {
                group.addTask { try await body(number) }
                break
            }
            try await group.next()
            group.cancelAll()
        }
    }

    /// Serves variables of type Double: `a`, `b` … with the value 0.
    static func numbers(
        _ names: [String], configure: (inout ServerConfiguration) -> Void = { _ in },
        body:
            @escaping @Sendable (_ server: ServerApplication, _ handles: [VariableHandle], _ port: Int) async throws
            -> Void
    ) async throws {
        var handles: [VariableHandle] = []
        let server = try TestServer(configure: configure) { space in
            for name in names {
                handles.append(
                    try space.addAnalogItem(
                        VariableDefinition(id: node(name), name: name, type: .double, value: DataValue(.double(0))),
                        range: ValueRange(low: 0, high: 200), unit: EUInformation(), under: AddressSpace.objects))
            }
        }
        let all = handles
        try await server.serve { port in try await body(server.application, all, port) }
    }
}

extension ServerApplication {
    func set(_ handle: VariableHandle, _ value: Double) {
        update([VariableUpdate(handle, DataValue(.double(value)))])
    }
}
