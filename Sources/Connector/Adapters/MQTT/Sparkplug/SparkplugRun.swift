import ConnectorModel
import Logging
import MQTTClient
import MQTTCore
import NIOCore
import Synchronization

/// What a host application knows from one connection to the next; lent to one at a time.
final class SparkplugMemory: Sendable {
    private struct Known {
        var intake: Intake
        var reader: SparkplugReader
    }

    private let known = Mutex<Known?>(nil)

    /// The host of this intake; nil when there is none.
    func take(_ intake: Intake) -> SparkplugReader? {
        known.withLock { known in
            defer { known = nil }
            return known.flatMap { $0.intake === intake ? $0.reader : nil }
        }
    }

    func giveBack(_ reader: SparkplugReader, of intake: Intake) {
        known.withLock { $0 = Known(intake: intake, reader: reader) }
    }
}

/// One connection of a source whose payloads are Sparkplug B.
struct SparkplugRun {
    let configuration: MQTTSourceConfiguration
    let client: MQTTClientConfiguration
    let options: SparkplugOptions
    let session: MQTTSession
    let counters: MQTTCounters
    let memory: SparkplugMemory
    let group: any EventLoopGroup
    let logger: Logger

    func run(
        _ intake: Intake, report: @escaping @Sendable ([MQTTConnection.SubscriptionResult]) -> Void
    ) async throws {
        // Of birth and death of the host alike (Sparkplug 3.0, 6.4.26).
        let timestamp = SparkplugMessages.milliseconds()
        let topic = options.stateTopic
        var client = client
        if let topic { client.will = SparkplugMessages.will(topic, timestamp: timestamp) }
        let online = topic.map { SparkplugMessages.state($0, isOnline: true, timestamp: timestamp) }
        let offline = topic.map { SparkplugMessages.state($0, isOnline: false, timestamp: timestamp) }

        let reader =
            memory.take(intake) ?? SparkplugReader(options.hostSettings(metricsMax: configuration.tagLimit))
        let receiver = SparkplugReceiver(intake, reader: reader, state: online, counters: counters, logger: logger)
        defer { memory.giveBack(receiver.reader, of: intake) }
        intake.diagnose { receiver.diagnostics }
        intake.decodeAgain(with: receiver.decodeAgain)
        let pause = Duration.milliseconds(min(250, max(10, options.reorderTimeoutMilliseconds / 4)))
        try await MQTTConnection.withConnection(
            client, receiver: receiver, session: session, group: group, logger: logger
        ) { connection in
            report(connection.subscriptions)
            if let online { try await connection.publish([online]) }
            intake.connected()
            receiver.subscribed()
            do {
                while true {
                    try await Task.sleep(for: pause)
                    receiver.timePassed()
                }
            } catch {
                // DISCONNECT takes the will back; the broker gets both in this order.
                if let offline { connection.post([offline]) }
                throw error
            }
        }
    }
}
