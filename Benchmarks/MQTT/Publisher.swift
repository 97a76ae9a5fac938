import MQTTClient
import MQTTCore
import NIOCore

/// Publishes JSON objects of 100 bytes under a hundred topics.
struct Publisher {
    let port: Int
    let count: Int
    let qos: Int
    /// Messages a second; 0 is no limit.
    let rate: Int

    private static let topics = 100

    func run() async throws {
        // In 3.1.1 the broker states no window that would hold a publisher back.
        let configuration = MQTTClientConfiguration(
            host: "127.0.0.1", port: port, version: .only(.v311), clientID: "bench-publisher")
        let messages = Self.messages(QoS(rawValue: UInt8(clamping: qos)) ?? .atMostOnce)
        let (count, rate) = (count, rate)
        try await MQTTConnection.withConnection(configuration, receiver: Deaf(), logger: MQTTBench.logger) {
            connection in
            let clock = ContinuousClock()
            let start = clock.now
            // Ten batches a second of a slow stream would come in bursts, so a slow stream has a batch each millisecond.
            let batch = rate == 0 ? 500 : max(1, rate / 1000)
            var sent = 0
            while sent < count {
                let next = (sent..<min(sent + batch, count)).map { messages[$0 % messages.count] }
                try await connection.publish(next)
                sent += next.count
                if rate > 0 {
                    let due = start + .nanoseconds(Int64(sent) * 1_000_000_000 / Int64(rate))
                    if due > clock.now { try await clock.sleep(until: due, tolerance: .zero) }
                }
            }
        }
    }

    private static func messages(_ qos: QoS) -> [Publish] {
        (0..<topics).map { number in
            let line = String(1000 + number).suffix(3)
            let start =
                "{\"value\":\(number * 7 + 1).25,\"unit\":\"kW\",\"quality\":\"good\",\"timestamp\":1700000000\(line)"
            let rest = ",\"sensor\":\"motor\(line)"
            let padding = String(repeating: "x", count: max(0, 100 - start.utf8.count - rest.utf8.count - 2))
            return Publish(
                topic: "bench/plant/line/\(line)", payload: ByteBuffer(string: start + rest + padding + "\"}"), qos: qos
            )
        }
    }
}

/// Hears nothing.
final class Deaf: MQTTReceiver {
    func received(_ publish: Publish, token: DeliveryToken?) {}
    func readComplete() {}
}
