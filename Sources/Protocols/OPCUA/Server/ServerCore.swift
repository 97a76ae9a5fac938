import DequeModule
import Logging
import NIOCore
import OPCUACore
import OPCUATypes

/// Everything that a server's connections share. It lives on one event loop, which is the loop of every connection, so
/// that sessions and subscriptions have one owner and may move between connections.
final class ServerCore {
    let configuration: ServerConfiguration
    private(set) var space: AddressSpace
    let store: ValueStore
    let loop: any EventLoop
    let logger: Logger
    let startTime: DateTime
    /// By authentication token.
    var sessions: [NodeId: SessionState] = [:]
    var subscriptions: [UInt32: SubscriptionState] = [:]
    var connections: [UInt32: ConnectionHandler] = [:]
    var counters = ServerCounters()
    private var lastChannelId: UInt32
    private var lastSubscriptionId: UInt32
    private var lastMonitoredItemId: UInt32 = 0
    private var sweep: Scheduled<Void>?

    init(
        configuration: ServerConfiguration, space: AddressSpace, store: ValueStore, startTime: DateTime,
        loop: any EventLoop, logger: Logger
    ) {
        self.configuration = configuration
        self.space = space
        self.store = store
        self.startTime = startTime
        self.loop = loop
        self.logger = logger
        // Random starts keep what a client remembers of an earlier run from meaning something here.
        lastChannelId = UInt32.random(in: 1...0x3FFF_FFFF)
        lastSubscriptionId = UInt32.random(in: 1...0x3FFF_FFFF)
    }

    /// Changes the address space; clients that watch for it are told.
    func modify<Value>(_ body: (inout AddressSpace) throws -> Value) throws -> Value {
        let before = space.variableCount
        space.changes = ModelChanges()
        // What was changed before a mistake stays changed, and is told like the rest.
        let result = Result { try body(&space) }
        let changes = space.changes ?? ModelChanges()
        space.changes = nil
        let now = SystemClock.utc
        store.withValues { values in
            values.now = SystemClock.nanoseconds
            let offset = space.standardValues.count
            values.append(space.initialValues(from: before, at: now))
            for slot in before..<space.variableCount {
                guard let length = space.historyLengths[Int32(slot)] else { continue }
                values.keepHistory(offset + slot, length: length)
            }
            for slot in changes.removedSlots {
                values.update(offset + Int(slot), DataValue(status: .badNodeIdUnknown, serverTimestamp: now))
            }
        }
        for start in stride(from: 0, to: changes.all.count, by: Self.maxChangesPerEvent) {
            let part = changes.all[start..<min(start + Self.maxChangesPerEvent, changes.all.count)]
            raise(.modelChanged(Array(part), at: now))
        }
        return try result.get()
    }

    private static let maxChangesPerEvent = 1000

    /// Looks for dead sessions and overdue Publish requests every second from now on.
    func start() {
        sweep = loop.assumeIsolated().scheduleTask(in: .seconds(1)) {
            self.removeDeadSessions()
            for session in self.sessions.values { self.refuseOverduePublishing(session) }
            self.start()
        }
    }

    /// Ends every connection; sessions and subscriptions go with them.
    func stop() {
        sweep?.cancel()
        for subscription in subscriptions.values { subscription.timer?.cancel() }
        subscriptions = [:]
        sessions = [:]
        for connection in connections.values { connection.shutDown() }
    }

    func nextChannelId() -> UInt32 {
        lastChannelId &+= 1
        return lastChannelId
    }

    func nextSubscriptionId() -> UInt32 {
        lastSubscriptionId &+= 1
        return lastSubscriptionId
    }

    func nextMonitoredItemId() -> UInt32 {
        lastMonitoredItemId &+= 1
        return lastMonitoredItemId
    }

    /// A connection ended: its sessions live on until they time out, but nothing can be sent to them.
    func connectionClosed(_ channelId: UInt32) {
        connections[channelId] = nil
        for session in sessions.values where session.machine.channelId == channelId { session.publishRequests = [] }
    }

    private func removeDeadSessions() {
        let now = NIODeadline.now()
        for session in sessions.values where session.machine.deadline <= now {
            counters.sessionTimeouts &+= 1
            logger.info("session timed out", metadata: ["session": "\(session.machine.sessionId)"])
            // Its subscriptions live on by their own lifetime, for whoever takes them over (Part 4, 5.14.1.2).
            remove(session, deletingSubscriptions: false)
        }
    }

    /// Ends a session; Publish requests that wait are answered.
    func remove(_ session: SessionState, deletingSubscriptions: Bool) {
        sessions[session.machine.authenticationToken] = nil
        for slot in session.publishRequests {
            fault(slot.call, .badSessionClosed, requestHandle: slot.requestHandle)
            slot.call.connection.flush()
        }
        session.publishRequests = []
        for id in session.subscriptions {
            guard let subscription = subscriptions[id] else { continue }
            if deletingSubscriptions { remove(subscription) } else { subscription.session = nil }
        }
    }

    /// Ends a subscription with its items.
    func remove(_ subscription: SubscriptionState) {
        let id = subscription.machine.id
        subscription.timer?.cancel()
        subscriptions[id] = nil
        subscription.session?.subscriptions.removeAll { $0 == id }
        store.withValues { values in
            for item in subscription.items.values { values.remove(item.monitor) }
            values.removeQueue(Int32(bitPattern: id))
        }
    }
}
