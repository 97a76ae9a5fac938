import Logging
import ModbusCore
import NIOCore

/// Carries bytes between the channel and the link's machine, and outcomes to those who asked.
final class ModbusClientHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private struct Batch {
        var remaining: Int
        var each: @Sendable (Int, RequestOutcome) -> Void
        var done: EventLoopPromise<Void>
    }

    private var link: ClientLink
    private var batches: [UInt64: Batch] = [:]
    private var context: ChannelHandlerContext?
    /// The running timer and when it fires; it may fire early, and is then set anew.
    private var timer: (scheduled: Scheduled<Void>, deadline: NIODeadline)?
    private let logger: Logger
    /// Why the connection was given up from this side, for the error that people see.
    let closeReason = CloseReason()
    /// Answers that came after their request had been given up.
    private(set) var lateResponses: UInt64 = 0
    /// Requests sent again after an answer that could not be right.
    private(set) var retries: UInt64 = 0
    /// Answers to no request of this connection.
    private(set) var unknownResponses: UInt64 = 0

    init(link: consuming ClientLink, logger: Logger) {
        self.link = link
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
        batches[batch] = Batch(remaining: requests.count, each: each, done: done)
        for (index, request) in requests.enumerated() {
            let id = TransactionTable.RequestID(batch: batch, index: index)
            switch link.submit(request.request, unit: request.unit, id: id, timeout: timeout) {
            case .accepted: break
            case .refuseQueueFull: complete(id, .queueFull)
            case .refuseClosed: complete(id, .closed)
            }
        }
        sendWaiting()
    }

    func cancel(batch: UInt64) {
        link.cancelled(batch: batch)
        batches.removeValue(forKey: batch)?.done.succeed()
        sendWaiting()
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
        link.bytesReceived(unwrapInboundIn(data), now: context.eventLoop.now)
        drain(context)
        sendWaiting()
    }

    private func drain(_ context: ChannelHandlerContext) {
        do {
            while let action = try link.nextResponse() { perform(action) }
        } catch {
            giveUp(context, because: String(describing: error))
        }
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
        // A batch whose caller has gone is not there any more.
        guard var batch = batches[id.batch] else { return }
        batch.each(id.index, outcome)
        batch.remaining -= 1
        if batch.remaining > 0 {
            batches[id.batch] = batch
        } else {
            batches[id.batch] = nil
            batch.done.succeed()
        }
    }

    private func sendWaiting() {
        guard let context, context.channel.isActive else { return }
        let now = context.eventLoop.now
        var frames = context.channel.allocator.buffer(capacity: 0)
        while link.nextToSend(now: now, into: &frames) {}
        if frames.readableBytes > 0 { context.writeAndFlush(wrapOutboundOut(frames), promise: nil) }
        setTimer(context)
    }

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
        drain(context)
        perform(link.deadlineReached(now: now))
        sendWaiting()
        if self.context != nil { setTimer(context) }
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
