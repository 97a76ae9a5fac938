import ConnectorModel
import Logging
import OPCUAClient
import OPCUATypes

/// What a source does on one connection: finds its tags, monitors or polls them, and looks again when the server's
/// model changes.
struct TagSession {
    let configuration: OPCUASourceConfiguration
    let tags: SourceTags
    let intake: Intake
    let memory: SourceMemory
    let logger: Logger

    /// A burst of model changes is one.
    private static let settleTime = Duration.milliseconds(200)

    /// Reads until the connection ends, which is thrown by the connection, or until cancelled.
    func run(_ connection: OPCUAConnection, _ receiver: SubscriptionReceiver) async throws {
        let limits = try await connection.operationLimits()
        let browser = AddressSpaceBrowser(connection: connection, limits: limits)
        let survey = Survey(browser: browser, configuration: configuration, logger: logger)
        intake.diagnose { [tags] in tags.diagnostics() }
        if configuration.reading.mode == .polling {
            try await poll(connection, limits, survey, try await begin(survey, isPolling: true))
        } else {
            try await monitor(connection, limits, survey, receiver)
        }
    }

    /// Nothing of an earlier connection goes on: the tags are found anew.
    private func begin(_ survey: Survey, isPolling: Bool) async throws -> SourceTags.Change {
        tags.reset(isPolling: isPolling)
        let found = try await survey.run()
        return tags.take(found.tags, found.types, intake)
    }

    // MARK: Subscriptions

    private func monitor(
        _ connection: OPCUAConnection, _ limits: OperationLimits, _ survey: Survey, _ receiver: SubscriptionReceiver
    ) async throws {
        receiver.subscribed(connection, tags)
        // Before the first notification can come: what becomes durable from here on is heard.
        intake.listen(receiver)
        var monitoring: Monitoring
        let times = tags.lastTimes()
        if let held = try await memory.resume(connection) {
            monitoring = try await goOn(connection, limits, held)
            try await confirm(connection, limits, since: times)
        } else {
            monitoring = try await start(connection, limits, survey, receiver)
        }
        memory.keep(monitoring.subscriptions, tags, configuration.reading)
        try await keepUp(survey) { change in
            try await monitoring.remove(change.gone)
            report(change)
            try await monitoring.add(change.wanted)
            memory.keep(monitoring.subscriptions, tags, configuration.reading)
        }
    }

    /// No subscription of this run goes on: those of an earlier run do, or all are made anew.
    private func start(
        _ connection: OPCUAConnection, _ limits: OperationLimits, _ survey: Survey, _ receiver: SubscriptionReceiver
    ) async throws -> Monitoring {
        // A link that broke before its tags were found may have left some behind.
        let abandoned = memory.abandoned
        if !abandoned.isEmpty { _ = try await connection.deleteSubscriptions(abandoned) }
        let follows = configuration.discovery.followsModelChanges
        let mayTakeOver = memory.hasCursor
        var monitoring = try await Monitoring(connection, limits, configuration.reading, tags, intake, logger)
        // What changes while the server is surveyed is heard of: one survey is enough.
        if follows, !mayTakeOver { try await monitoring.watchModel(every: configuration.usualInterval) }
        let change = try await begin(survey, isPolling: false)
        if let held = try await memory.takeOver(connection, tags, configuration.reading) {
            logger.notice("took over \(held.count) subscriptions of an earlier run")
            monitoring = try await goOn(connection, limits, held)
            failMissing(change.wanted)
            return monitoring
        }
        failMissing(change.wanted)
        try await backfill(connection, limits, receiver).run(
            configuration.backfillsHistory ? tags.gaps(change.wanted) : []
        ) {
            try await monitoring.add(change.wanted)
            // At once: a link that breaks from here on finds its subscriptions again.
            memory.keep(monitoring.subscriptions, tags, configuration.reading)
            intake.connected()
        }
        // What changed since the survey was told to nobody.
        if follows, mayTakeOver, try await monitoring.watchModel() { tags.lookAgain() }
        return monitoring
    }

    private func backfill(
        _ connection: OPCUAConnection, _ limits: OperationLimits, _ receiver: SubscriptionReceiver
    ) -> HistoryBackfill {
        HistoryBackfill(
            connection: connection, limits: limits, tags: tags, receiver: receiver, intake: intake, logger: logger)
    }

    private func goOn(
        _ connection: OPCUAConnection, _ limits: OperationLimits, _ held: [Monitoring.Held]
    ) async throws -> Monitoring {
        intake.connected()
        var monitoring = try await Monitoring(
            connection, limits, configuration.reading, tags, intake, logger, held: held)
        // Some subscriptions may not have lived as long as the others.
        let gone = tags.forget(allBut: held.map(\.id))
        try await monitoring.add(gone)
        if !gone.isEmpty, configuration.discovery.followsModelChanges, try await monitoring.watchModel() {
            // The subscription that told of changes may be among those that are gone.
            tags.lookAgain()
        }
        return monitoring
    }

    /// The outage marked every tag as bad. Those that did not change meanwhile are not published again: they are read.
    private func confirm(
        _ connection: OPCUAConnection, _ limits: OperationLimits, since times: [DateTime]
    ) async throws {
        let monitored = tags.monitoredNodes()
        for start in stride(from: 0, to: monitored.count, by: max(limits.nodesPerRead, 1)) {
            let batch = monitored[start..<min(monitored.count, start + max(limits.nodesPerRead, 1))]
            let values = try await connection.read(batch.map { ($0.node, .value) }, limits: limits)
            tags.confirm(values, of: batch.map(\.handle), since: times, to: intake)
        }
    }

    // MARK: Polling

    private func poll(
        _ connection: OPCUAConnection, _ limits: OperationLimits, _ survey: Survey, _ change: SourceTags.Change
    ) async throws {
        let demand = PollDemand()
        intake.listen(demand)
        failMissing(change.wanted)
        let reading = configuration.reading
        let intervals = Set(configuration.nodes.compactMap(\.intervals.poll) + [reading.pollInterval])
        let polling = Polling(
            connection: connection, limits: limits, reading: reading, tags: tags, intake: intake, demand: demand)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await polling.run(intervals) }
            group.addTask { try await keepUp(survey) { report($0) } }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    // MARK: Looking again

    /// Tags without a node are bad from the start.
    private func failMissing(_ handles: [Int]) {
        let missing = tags.missing(handles)
        tags.fail(missing.map { ($0, $1.problem) }, intake)
        for (_, entry) in missing.prefix(10) {
            logger.warning("'\(entry.path)' leads to no node: \(entry.problem); check name and namespace")
        }
    }

    private func report(_ change: SourceTags.Change) {
        let gone = change.gone.filter { !change.wanted.contains($0) }
        tags.end(gone, intake)
        failMissing(change.wanted)
        if !gone.isEmpty { logger.notice("\(gone.count) tags are gone from the server") }
    }

    /// Looks again when the interval has passed or the server's model changed, and learns structures as they come up;
    /// never returns but by failing.
    private func keepUp(_ survey: Survey, _ apply: (SourceTags.Change) async throws -> Void) async throws {
        let (wakes, waker) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        tags.whenThereIsWork { waker.yield() }
        // What came up before is not forgotten.
        waker.yield()
        let interval = configuration.discovery.rebrowseInterval
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                guard let interval else { return }
                while true {
                    try await Task.sleep(for: interval)
                    tags.lookAgain()
                }
            }
            defer { group.cancelAll() }
            for await _ in wakes {
                var work = tags.takeWork()
                if work.looksAgain {
                    try await Task.sleep(for: Self.settleTime)
                    work.encodings += tags.takeWork().encodings
                    let found = try await survey.run(known: tags.known, tags.types)
                    try await apply(tags.take(found.tags, found.types, intake))
                }
                if !work.encodings.isEmpty {
                    let reader = TypeReader(browser: survey.browser)
                    tags.learn(try await reader.learn([], encodings: work.encodings, into: tags.types))
                }
            }
            try Task.checkCancellation()
        }
    }
}
