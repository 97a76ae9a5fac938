import Logging
import Synchronization
import Testing

@testable import SimulatorExposures

@Suite struct SwitchboardTests {
    /// An exposure without a network, which can refuse to open and can be broken from outside.
    private final class Fake: Exposure {
        let kind: ExposureKind
        let refuses: Mutex<Bool>
        let open = Mutex(0)
        private let breaker = Mutex<AsyncStream<Never>.Continuation?>(nil)

        init(_ kind: ExposureKind, refuses: Bool = false) {
            self.kind = kind
            self.refuses = Mutex(refuses)
        }

        func serve(opened: @escaping @Sendable (String) async -> Void) async throws {
            if refuses.withLock({ $0 }) { throw ExposureError(message: "port 1 is in use") }
            open.withLock { $0 += 1 }
            defer { open.withLock { $0 -= 1 } }
            let (breaks, breaker) = AsyncStream<Never>.makeStream()
            self.breaker.withLock { $0 = breaker }
            await opened("fake://\(kind.rawValue)")
            for await _ in breaks {}
            try Task.checkCancellation()
            throw ExposureError(message: "broken")
        }

        func breakDown() { breaker.withLock { $0?.finish() } }
        var isOpen: Bool { open.withLock { $0 == 1 } }
    }

    private func with(
        _ exposures: [Fake], _ body: @escaping @Sendable (ExposureSwitchboard) async throws -> Void
    ) async throws {
        let switchboard = ExposureSwitchboard(
            exposures, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await switchboard.run() }
            try await body(switchboard)
            group.cancelAll()
        }
        for exposure in exposures { #expect(!exposure.isOpen) }
    }

    @Test func startAndStopTouchOneExposure() async throws {
        let opcua = Fake(.opcua)
        let mqtt = Fake(.mqtt)
        try await with([opcua, mqtt]) { board in
            #expect(try await board.start(.opcua) == "fake://opcua")
            #expect(try await board.start(.mqtt) == "fake://mqtt")
            #expect(try await board.start(.mqtt) == "fake://mqtt", "open already")
            await board.stop(.opcua)
            await board.stop(.opcua)
            #expect(!opcua.isOpen && mqtt.isOpen)
            #expect(await board.states.map(\.state) == [.stopped, .running(url: "fake://mqtt")])
            _ = try await board.start(.opcua)
            #expect(opcua.isOpen && mqtt.isOpen)
        }
    }

    @Test func aRefusedStartIsSaidAndCanBeRepeated() async throws {
        let modbus = Fake(.modbus, refuses: true)
        try await with([modbus]) { board in
            await #expect(throws: ExposureError(message: "port 1 is in use")) { try await board.start(.modbus) }
            #expect(await board.state(.modbus) == .failed("port 1 is in use"))
            modbus.refuses.withLock { $0 = false }
            let url = try await board.start(.modbus)
            #expect(url == "fake://modbus")
        }
    }

    @Test func anExposureThatBreaksDownIsSeen() async throws {
        let mqtt = Fake(.mqtt)
        try await with([mqtt]) { board in
            _ = try await board.start(.mqtt)
            mqtt.breakDown()
            while await board.state(.mqtt) == .running(url: "fake://mqtt") { await Task.yield() }
            #expect(await board.state(.mqtt) == .failed("broken"))
            await #expect(throws: ExposureError.self) { try await board.start(.opcua) }
        }
    }

    @Test func protocolListsAreStrict() throws {
        #expect(try ExposureKind.list("all") == [.opcua, .mqtt, .modbus])
        #expect(try ExposureKind.list("none").isEmpty)
        #expect(throws: ExposureError.self) { try ExposureKind.list("none,mqtt") }
        #expect(try ExposureKind.list("MODBUS, opcua") == [.opcua, .modbus])
        #expect(throws: ExposureError(message: "unknown protocol 'bacnet'; known: opcua, mqtt, modbus, all, none")) {
            try ExposureKind.list("mqtt,bacnet")
        }
        #expect(throws: ExposureError.self) { try ExposureKind.list("") }
    }
}
