import Logging
import ModbusCore
import NIOCore

/// Carries bytes between the channel and the link's machine, and outcomes to those who asked.
final class ModbusClientHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// A class, so that an outcome is counted in place.
    private final class Batch {
        let id: UInt64
        var remaining: Int
        let each: @Sendable (Int, RequestOutcome) -> Void
        let done: EventLoopPromise<Void>

        init(
            _ id: UInt64, _ count: Int, each: @escaping @Sendable (Int, RequestOutcome) -> Void,
            done: EventLoopPromise<Void>
        ) {
            self.id = id
            remaining = count
            self.each = each
            self.done = done
        }
    }

    private var link: ClientLink
    private var batches: [UInt64: Batch] = [:]
    /// The batch that had an outcome last; the next one is nearly always of the same.
    private var lastBatch: Batch?
    /// What has come in and is still to be told.
    private var told: [TransactionTable.ResponseAction] = []
    /// Memory for what is sent; it is free again once the channel has written it.
    private var frames = ByteBuffer()
    private var context: ChannelHandlerContext?
    /// The running timer and when it fires; it may fire early, and is then set anew.
    private var timer: (scheduled: Scheduled<Void>, deadline: NIODeadline)?
    private let isOverTCP: Bool
    private let logger: Logger
    /// Why the connection was given up from this side, for the error that people see.
    let closeReason = CloseReason()
    /// Answers that came after their request had been given up.
    private(set) var lateResponses: UInt64 = 0
    /// Requests sent again after an answer that could not be right.
    private(set) var retries: UInt64 = 0
    /// Answers to no request of this connection.
    private(set) var unknownResponses: UInt64 = 0

    init(link: consuming ClientLink, isOverTCP: Bool, logger: Logger) {
        self.link = link
        self.isOverTCP = isOverTCP
        self.logger = logger
    }

    // MARK: What callers do, on the event loop

    func submit(
        _ requests: [UnitRequest], batch: UInt64, timeout: TimeAmount,
        each: @escaping @Sendable (Int, RequestOutcome) -> Void, done: EventLoopPromise<Void>
    ) {
        guard !requests.isEmpty else {
            done.succeed()
            return
        }
        batches[batch] = Batch(batch, requests.count, each: each, done: done)
        for (index, request) in requests.enumerated() {
            let id = TransactionTable.RequestID(batch: batch, index: index)
            switch link.submit(request.request, unit: request.unit, id: id, timeout: timeout) {
            case .accepted: break
            case .refuseQueueFull: complete(id, .queueFull)
            case .refuseClosed: complete(id, .closed)
            }
        }
        sendWaiting(now: done.futureResult.eventLoop.now)
    }

    func cancel(batch: UInt64) {
        link.cancelled(batch: batch)
        guard let batch = batches.removeValue(forKey: batch) else { return }
        if lastBatch === batch { lastBatch = nil }
        let loop = batch.done.futureResult.eventLoop
        batch.done.succeed()
        sendWaiting(now: loop.now)
    }

    // MARK: What the channel does

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        connectionEnded()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let now = context.eventLoop.now
        link.bytesReceived(unwrapInboundIn(data), now: now)
        drain(context, now: now)
    }

    /// Takes what has come in. The next requests go out first, so that the device works while outcomes are told.
    private func drain(_ context: ChannelHandlerContext, now: NIODeadline) {
        var actions = told
        told = []
        var failure: FramingError?
        do {
            while let action = try link.nextResponse() { actions.append(action) }
        } catch {
            failure = error
        }
        if failure == nil, !sendWaiting(now: now), !actions.isEmpty, link.hasUnderWay { acknowledge(context) }
        for action in actions { perform(action) }
        actions.removeAll(keepingCapacity: true)
        told = actions
        if let failure { giveUp(context, because: String(describing: failure)) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        connectionEnded()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        giveUp(context, because: String(describing: error))
    }

    // MARK: Performing actions

    private func perform(_ action: TransactionTable.ResponseAction) {
        switch action {
        case .complete(let id, let response): complete(id, .response(response))
        case .fail(let id, let error): complete(id, .invalid(error))
        case .retry(let error):
            retries += 1
            logger.debug("a request is sent again", metadata: ["reason": "\(error)"])
        case .ignoreLate: lateResponses += 1
        case .ignoreUnknown:
            unknownResponses += 1
            logger.debug("an answer belongs to no request", metadata: ["count": "\(unknownResponses)"])
        }
    }

    private func perform(_ action: TransactionTable.DeadlineAction) {
        switch action {
        case .wait: break
        case .expire(let ids):
            for id in ids { complete(id, .timeout) }
        case .expireAndClose(let ids):
            // Closed first: who hears of the timeout must not begin anew on this connection.
            if let context { giveUp(context, because: "the device has stopped answering") }
            for id in ids { complete(id, .timeout) }
        }
    }

    private func complete(_ id: TransactionTable.RequestID, _ outcome: RequestOutcome) {
        let batch: Batch
        if let lastBatch, lastBatch.id == id.batch {
            batch = lastBatch
        } else {
            // A batch whose caller has gone is not there any more.
            guard let found = batches[id.batch] else { return }
            batch = found
            lastBatch = found
        }
        batch.each(id.index, outcome)
        batch.remaining -= 1
        guard batch.remaining == 0 else { return }
        lastBatch = nil
        batches[id.batch] = nil
        batch.done.succeed()
    }

    /// A connection that has ended has nothing to send, so its machine is asked all the same.
    ///
    /// - Returns: whether a request went out.
    @discardableResult
    private func sendWaiting(now: NIODeadline) -> Bool {
        guard let context else { return false }
        frames.clear()
        while link.nextToSend(now: now, into: &frames) {}
        let isSending = frames.readableBytes > 0
        if isSending { context.writeAndFlush(wrapOutboundOut(frames), promise: nil) }
        setTimer(context)
        return isSending
    }

    /// Has the system acknowledge at once what was received, where no request carries the acknowledgement and more
    /// answers are due: many devices hold an answer back until the one before is acknowledged (RFC 896), which a
    /// system does up to 40 ms late (RFC 1122, 4.2.3.2).
    private func acknowledge(_ context: ChannelHandlerContext) {
        guard isOverTCP else { return }
        do {
            try context.channel.syncOptions?.setOption(.tcpOption(Self.quickAcknowledgement), value: 1)
        } catch {
            logger.debug("answers are not acknowledged at once", metadata: ["reason": "\(error)"])
        }
    }

    /// TCP_QUICKACK (tcp(7)): holds until the system thinks otherwise, so it is set each time.
    private static let quickAcknowledgement = NIOBSDSocket.Option(rawValue: 12)

    private func setTimer(_ context: ChannelHandlerContext) {
        guard let deadline = link.nextDeadline else { return }
        if let timer, timer.deadline <= deadline { return }
        timer?.scheduled.cancel()
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        timer = (context.eventLoop.scheduleTask(deadline: deadline) { bound.value.timerFired() }, deadline)
    }

    private func timerFired() {
        timer = nil
        guard let context else { return }
        let now = context.eventLoop.now
        link.silenceReached(now: now)
        drain(context, now: now)
        perform(link.deadlineReached(now: now))
        sendWaiting(now: now)
    }

    private func giveUp(_ context: ChannelHandlerContext, because reason: String) {
        closeReason.set(reason)
        context.close(promise: nil)
    }

    private func connectionEnded() {
        timer?.scheduled.cancel()
        timer = nil
        for id in link.connectionClosed() { complete(id, .closed) }
    }
}
