public import OPCUACore
import OPCUATypes
import Synchronization

/// What outlives a connection: hand the same one to each connection to a server, one after the other.
public final class OPCUARecovery: Sendable {
    private let machine = Mutex(Recovery())

    public init() {}

    /// The subscriptions that the server holds for this client. What is written down of them lets a later run of the
    /// program take them over; it is no secret.
    public var subscriptions: [RememberedSubscription] { machine.withLock { $0.subscriptions } }

    func withLock<Result: Sendable>(_ body: (inout Recovery) -> Result) -> Result {
        machine.withLock { body(&$0) }
    }
}
