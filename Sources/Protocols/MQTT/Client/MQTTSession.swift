import MQTTCore
import Synchronization

/// A client's session state between connections: open messages of QoS 1 and 2.
///
/// Give the same one to each connection with the same client id; it is lent to one connection at a time.
public final class MQTTSession: Sendable {
    private let kept: Mutex<ClientSession?>
    private let maximumWaiting: Int

    /// - Parameter maximumWaiting: published messages of QoS 1 and 2 that wait for the broker's window.
    public init(maximumWaiting: Int = 100_000) {
        self.maximumWaiting = maximumWaiting
        kept = Mutex(ClientSession(maximumWaiting: maximumWaiting))
    }

    /// Takes the state out; a session that is in use elsewhere gives an empty one.
    func take() -> ClientSession {
        kept.withLock { kept in
            defer { kept = nil }
            return kept ?? ClientSession(maximumWaiting: maximumWaiting)
        }
    }

    func giveBack(_ session: ClientSession) { kept.withLock { $0 = session } }

    /// A number for each connection of this process.
    static func nextGeneration() -> UInt32 { generations.wrappingAdd(1, ordering: .relaxed).newValue }

    private static let generations = Atomic<UInt32>(0)
}
