import Logging
import ModbusClient
import ModbusCore
import ModbusServer
import Synchronization

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// Outcomes in the order in which they were reported.
final class Outcomes: Sendable {
    private let list = Mutex<[(index: Int, outcome: RequestOutcome)]>([])

    var all: [(index: Int, outcome: RequestOutcome)] { list.withLock { $0 } }
    var indices: [Int] { all.map(\.index) }

    func add(_ index: Int, _ outcome: RequestOutcome) {
        list.withLock { $0.append((index, outcome)) }
    }
}

/// Counts from any thread.
final class Counter: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }

    func add() {
        count.withLock { $0 += 1 }
    }
}

/// Runs `body` with a connection to our own server over loopback.
func withLoopback<Result>(
    _ bank: RegisterBank, identity: DeviceIdentity? = nil, client: ModbusClientConfiguration = .init(),
    _ body: (ModbusConnection) async throws -> Result
) async throws -> Result {
    var configuration = ModbusTCPServer.Configuration(port: 0)
    if let identity { configuration.identity = identity }
    return try await ModbusTCPServer(configuration: configuration, bank: bank, logger: quiet).withServer { port in
        try await ModbusLink.withConnection(
            to: ModbusEndpoint(host: "127.0.0.1", port: port), configuration: client, logger: quiet, body)
    }
}
