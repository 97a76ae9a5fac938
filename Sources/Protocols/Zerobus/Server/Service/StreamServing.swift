import Foundation
import GRPCCore
import Logging
import NIOConcurrencyHelpers
import ZerobusCore

/// Serves one stream from its first message to its end.
struct StreamServing: Sendable {
    /// What the reader, the writer's thread and the acknowledging task share.
    private struct Shared {
        var machine = ServerIngestStream()
        /// Highest offset whose rows are on disk; commits complete in order.
        var committed: Int64 = -1
        /// Highest offset that was queued.
        var queued: Int64 = -1
        var failure: ZerobusError?
        var inputEnded = false
        /// The stream died: nothing more is acknowledged.
        var isDead = false
        var delay: AcknowledgementDelay
    }

    let table: TableName
    let tables: StreamTables
    let commits: CommitQueue
    let stopping: StopSignal
    let drill: StreamDrill
    let log: StreamLog
    /// The stream's number in the log.
    let number: Int
    let logger: Logger

    private let shared: NIOLockedValueBox<Shared>
    private let start = ContinuousClock.now
    private let wakeups: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation
    /// Tells when the stream was created: its life counts from there, not from the call.
    private let creations: AsyncStream<Void>
    private let created: AsyncStream<Void>.Continuation

    init(
        table: TableName, tables: StreamTables, commits: CommitQueue, stopping: StopSignal, drill: StreamDrill,
        log: StreamLog, number: Int, logger: Logger
    ) {
        self.table = table
        self.tables = tables
        self.commits = commits
        self.stopping = stopping
        self.drill = drill
        self.log = log
        self.number = number
        self.logger = logger
        shared = NIOLockedValueBox(Shared(delay: AcknowledgementDelay(drill.drill.acknowledgementDelay)))
        (wakeups, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        (creations, created) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    private enum InputEnd: Sendable {
        /// The client sent everything it wanted.
        case finished
        case refused(ZerobusError)
        case stopped
    }

    /// Reads until the client half-closes, a message is refused or the server stops; in each case everything stored
    /// before is acknowledged first.
    func run(_ messages: RPCAsyncSequence<[UInt8], any Error>, _ writer: RPCWriter<[UInt8]>) async throws {
        let end = try await withThrowingTaskGroup(of: InputEnd?.self) { group in
            group.addTask {
                defer { endInput() }
                return try await read(messages, writer)
            }
            group.addTask {
                try await acknowledge(writer)
                return nil
            }
            defer { group.cancelAll() }
            var end: InputEnd?
            while let result = try await group.next() { end = end ?? result }
            return end
        }
        switch end {
        case .refused(let error):
            logger.info("stream into \(table) refused: \(error)")
            throw error
        case .stopped:
            throw ZerobusError(.unavailable, "zerobus-local is shutting down")
        case .finished, nil:
            return
        }
    }

    private func endInput() {
        shared.withLockedValue { $0.inputEnded = true }
        wake.yield()
    }

    // MARK: Reading

    private func read(
        _ messages: RPCAsyncSequence<[UInt8], any Error>, _ writer: RPCWriter<[UInt8]>
    ) async throws -> InputEnd {
        let (stops, stop) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        return try await stopping.with {
            stop.yield()
        } _: {
            try await withThrowingTaskGroup(of: InputEnd?.self) { group in
                group.addTask { try await self.readAll(messages, writer) }
                group.addTask {
                    for await _ in stops { return .stopped }
                    return nil
                }
                if let closeAfter = drill.drill.closeAfter {
                    group.addTask { try await self.close(after: closeAfter, writer) }
                }
                defer { group.cancelAll() }
                while let result = try await group.next() {
                    guard let result else { continue }
                    if case .stopped = result {
                        try await writer.write(ServerMessage.closeSignal(after: .zero).encoded())
                    }
                    return result
                }
                return .finished
            }
        }
    }

    /// Announces the end of the stream when it has lived its time, and ends it when the client has not.
    private func close(after time: Duration, _ writer: RPCWriter<[UInt8]>) async throws -> InputEnd {
        for await _ in creations { break }
        try await Task.sleep(for: time)
        log.note(number) { $0.closeSignalled = true }
        try await writer.write(ServerMessage.closeSignal(after: drill.drill.closeGrace).encoded())
        try await Task.sleep(for: drill.drill.closeGrace)
        return .refused(StreamDrill.timeIsOver)
    }

    private func readAll(
        _ messages: RPCAsyncSequence<[UInt8], any Error>, _ writer: RPCWriter<[UInt8]>
    ) async throws -> InputEnd {
        var plan: RowPlan?
        for try await message in messages {
            do throws(ZerobusError) {
                switch try Self.kind(message) {
                case .create(let request):
                    plan = try await create(request)
                    let streamID = UUID().uuidString.lowercased()
                    log.note(number) { entry in
                        entry.streamID = streamID
                        entry.records = "\(request.recordType)"
                    }
                    do {
                        try await writer.write(ServerMessage.created(streamID: streamID).encoded())
                    } catch {
                        throw ZerobusError(.cancelled, "the client is gone")
                    }
                    created.yield()
                case .ingest(let type, let offset, let totals):
                    let stored = try accept(type, offset, totals)
                    if let end = try perform(drill.received(stored)) { return end }
                    let known = if let plan { plan } else { try await tables.plan(table, firstJSON: message) }
                    plan = known
                    try Self.validate(message, known)
                    await store(message, known, stored)
                case .empty:
                    throw shared.withLockedValue { $0.machine.emptyReceived() }
                }
            } catch {
                return .refused(error)
            }
        }
        return .finished
    }

    /// What the drill has in store for a message; nil: serve it.
    private func perform(_ action: StreamDrill.Received) throws(ZerobusError) -> InputEnd? {
        switch action {
        case .store:
            return nil
        case .refuse(let error):
            throw error
        case .die(let error):
            shared.withLockedValue { $0.isDead = true }
            return .refused(error)
        case .crash:
            logger.notice("the process dies here (--crash-at)")
            // As kill -9 would: no handler runs, nothing is flushed.
            kill(getpid(), SIGKILL)
            return .stopped
        }
    }

    /// A message's kind with what is needed of it after its bytes are out of reach.
    private enum Kind {
        case create(CreateStreamRequest)
        case ingest(RecordType, offset: Int64?, RecordTotals)
        case empty
    }

    private static func kind(_ message: [UInt8]) throws(ZerobusError) -> Kind {
        try message.withRawBytes { bytes throws(ZerobusError) in
            let decoded = try ClientMessage(bytes)
            switch decoded.payload {
            case .create(let create): return .create(try CreateStreamRequest(decoding: create))
            case .record(let type, let record):
                return .ingest(type, offset: decoded.offset, RecordTotals(count: 1, bytes: record.count))
            case .batch(let type, let batch):
                return .ingest(type, offset: decoded.offset, try RecordTotals(batch: batch))
            case .none: return .empty
            }
        }
    }

    private func create(_ request: CreateStreamRequest) async throws(ZerobusError) -> RowPlan? {
        if case .refuse(let error) = shared.withLockedValue({ $0.machine.createReceived(request.recordType) }) {
            throw error
        }
        if let error = drill.openingRefusal { throw error }
        guard request.table == table else {
            throw ZerobusError(
                .invalidArgument, "the header names the table \(table), create_stream names \(request.table)")
        }
        let plan = try await tables.plan(request)
        shared.withLockedValue { $0.machine.created() }
        logger.debug("stream into \(table) opened", metadata: ["records": "\(request.recordType)"])
        return plan
    }

    private func accept(_ type: RecordType, _ offset: Int64?, _ totals: RecordTotals) throws(ZerobusError) -> Int64 {
        switch shared.withLockedValue({ $0.machine.ingestReceived(type, offset: offset, totals: totals) }) {
        case .store(let offset): return offset
        case .refuse(let error): throw error
        }
    }

    /// Decodes every record without storing any: a message is stored whole or not at all.
    private static func validate(_ message: [UInt8], _ plan: RowPlan) throws(ZerobusError) {
        try message.withRawBytes { bytes throws(ZerobusError) in
            try RecordWalker.walk(bytes, plan) { decode throws(ZerobusError) in
                var sink = ValidatingSink()
                try decode(&sink)
            }
        }
    }

    private func store(_ message: [UInt8], _ plan: RowPlan, _ offset: Int64) async {
        shared.withLockedValue { $0.queued = offset }
        log.note(number) { $0.messages += 1 }
        let batch = RowInserter.Batch(plan: plan, message: message)
        await commits.append(
            CommitQueue.Entry(batch: batch) { [shared, wake] problem in
                shared.withLockedValue { shared in
                    if let problem {
                        shared.failure = shared.failure ?? problem
                    } else if shared.failure == nil {
                        shared.committed = offset
                    }
                }
                wake.yield()
            })
    }

    // MARK: Acknowledging

    private enum Step {
        case acknowledge(Int64)
        case wait
        /// Nothing to say before this time since ``start``.
        case sleep(Duration)
        case done
        case fail(ZerobusError)
    }

    /// Sends acknowledgements as commits complete, until the input has ended and everything is acknowledged.
    private func acknowledge(_ writer: RPCWriter<[UInt8]>) async throws {
        var iterator = wakeups.makeAsyncIterator()
        while true {
            switch nextStep() {
            case .acknowledge(let offset):
                for _ in 0..<drill.drill.acknowledgementCopies {
                    try await writer.write(ServerMessage.acknowledged(upTo: offset).encoded())
                }
                log.note(number) { entry in
                    entry.acknowledged = offset
                    entry.acknowledgements += drill.drill.acknowledgementCopies
                }
            case .wait:
                guard await iterator.next(isolation: #isolation) != nil else { return }
            case .sleep(let until):
                try await Task.sleep(until: start.advanced(by: until))
            case .done: return
            case .fail(let error): throw error
            }
        }
    }

    private func nextStep() -> Step {
        let now = start.duration(to: .now)
        return shared.withLockedValue { shared in
            if shared.isDead { return .done }
            if shared.committed >= 0 { shared.delay.committed(upTo: shared.committed, now: now) }
            if let due = shared.delay.due(now: now), let offset = shared.machine.committed(upTo: due),
                !drill.drill.acknowledgesNever
            {
                return .acknowledge(offset)
            }
            if let failure = shared.failure { return .fail(failure) }
            if let next = shared.delay.nextDue { return .sleep(next) }
            return shared.inputEnded && shared.committed == shared.queued ? .done : .wait
        }
    }
}
