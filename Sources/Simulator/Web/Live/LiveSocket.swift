import SimulatorPlant
import Synchronization
import WebSupport

/// The WebSocket endpoint `/ws`: every client gets the values of its sensors every 500 ms.
final class LiveSocket: Sendable {
    /// The most clients at a time.
    static let clientsMax = 64
    /// From message to message.
    static let usualInterval = Duration.milliseconds(500)

    private let interval: Duration
    private let index: SensorIndex
    private let feed: TickFeed
    private let history: PlantHistory
    private let clientCount = Mutex(0)

    init(index: SensorIndex, feed: TickFeed, history: PlantHistory, interval: Duration) {
        self.interval = interval
        self.index = index
        self.feed = feed
        self.history = history
    }

    /// What a client may cost: a message with a thousand paths in, half a minute of values out.
    static let limits = WebSocketLimits(
        maxQueuedMessages: 64, maxQueuedBytes: 4 << 20, maxInboundMessageBytes: 256 << 10)

    /// Serves one client until it leaves.
    func serve(_ connection: WebSocketConnection) async throws {
        guard enter() else {
            let problem = WebProblem.unavailable("there are \(Self.clientsMax) clients, which is the most; try later")
            return connection.send(LiveSession.refusal(problem))
        }
        defer { clientCount.withLock { $0 -= 1 } }
        let session = SharedSession(index)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await self.listen(connection, session) }
            group.addTask { try await self.tell(connection, session) }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func enter() -> Bool {
        clientCount.withLock { count in
            guard count < Self.clientsMax else { return false }
            count += 1
            return true
        }
    }

    private func listen(_ connection: WebSocketConnection, _ session: SharedSession) async {
        for await message in connection.messages {
            guard case .text(let text) = message else {
                connection.send(LiveSession.refusal(.badRequest("messages are JSON in text frames")))
                continue
            }
            for answer in session.state.withLock({ $0.received(text) }) { connection.send(answer) }
        }
    }

    private func tell(_ connection: WebSocketConnection, _ session: SharedSession) async throws {
        let clock = ContinuousClock()
        var due = clock.now
        while true {
            let tick = feed.latest
            let places = session.state.withLock { session in
                if let data = session.data(tick) { connection.send(data) }
                return session.places
            }
            history.look(places, now: tick.timestamp)
            // A client that was slow to be served goes on from now instead of being flooded.
            due = max(due + interval, clock.now)
            try await clock.sleep(until: due)
        }
    }
}

/// A client's session, shared by the task that listens to it and the one that tells it values.
private final class SharedSession: Sendable {
    let state: Mutex<LiveSession>

    init(_ index: SensorIndex) { state = Mutex(LiveSession(index)) }
}
