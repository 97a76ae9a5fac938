import DequeModule
import NIOCore

/// Sequence numbers: 0 to 255 and round again, one for each message of a node and its devices (Sparkplug 3.0, 6.4.5).
extension HostApplication {
    /// A message that has its place in the sequence of its node.
    mutating func sequenced(
        _ arrival: Arrival, _ reader: PayloadReader, _ payload: ByteBuffer, _ events: inout HostEvents
    ) {
        let node = arrival.node
        guard let number = reader.seq, let seq = UInt8(exactly: number) else {
            counts.unnumbered += 1
            apply(arrival, reader, payload, &events)
            return
        }
        if nodes[node].needsRebirth { wantRebirth(node, now: arrival.now, &events) }
        // What comes again after a pause was before it, and says nothing of what was missed.
        let isAgain = arrival.isRepeated && seq != nodes[node].expected
        if nodes[node].session != .unknown, !isAgain { resume(node, seq) }
        guard nodes[node].session != .unknown else {
            apply(arrival, reader, payload, &events)
            wantRebirth(node, now: arrival.now, &events)
            return
        }
        let ahead = Int(seq &- nodes[node].expected)
        if ahead == 0 {
            if !nodes[node].held.isEmpty { counts.reordered += 1 }
            nodes[node].expected = seq &+ 1
            apply(arrival, reader, payload, &events)
            releaseHeld(of: node, now: arrival.now, &events)
        } else if isAgain, !nodes[node].held.contains(where: { $0.seq == seq }) {
            late(arrival, reader, payload, &events)
        } else if ahead <= settings.reorderWindow, settings.reorderTimeoutMilliseconds > 0 {
            hold(arrival, seq, payload, &events)
        } else if ahead >= 256 - settings.reorderWindow {
            late(arrival, reader, payload, &events)
        } else {
            giveUp(node, now: arrival.now, &events)
            if seq != nodes[node].expected { missing(node, now: arrival.now, &events) }
            nodes[node].expected = seq &+ 1
            apply(arrival, reader, payload, &events)
        }
    }

    /// Takes the thread up again after a pause, or after a birth of unknown age.
    private mutating func resume(_ node: Int, _ seq: UInt8) {
        switch nodes[node].following {
        case .followed: return
        case .afterRetainedBirth: nodes[node].expected = seq
        case .afterPause:
            // A birth may be among what was missed, and with it other aliases. Where births can be asked for, none is
            // taken on trust: a young session may have come to the same number.
            if seq == nodes[node].expected, !settings.requestsRebirth { break }
            if seq != nodes[node].expected { counts.gaps += 1 }
            forget(node)
            return
        }
        nodes[node].following = .followed
    }

    /// When `deadlineReached` is due next; nil while nothing waits.
    public var deadline: UInt64? { waiting.compactMap { nodes[$0].giveUpAt }.min() }

    /// Time has passed: messages whose predecessors did not come are taken without them.
    public mutating func deadlineReached(now: UInt64, into events: inout HostEvents) {
        for node in waiting.sorted() where nodes[node].giveUpAt.map({ $0 <= now }) ?? false {
            giveUp(node, now: now, &events)
        }
    }

    private mutating func missing(_ node: Int, now: UInt64, _ events: inout HostEvents) {
        counts.gaps += 1
        wantRebirth(node, now: now, &events)
    }

    /// It came after it was given up, or twice: its values have their own times, but a state that was overtaken by a
    /// later one must not come back.
    private mutating func late(
        _ arrival: Arrival, _ reader: PayloadReader, _ payload: ByteBuffer, _ events: inout HostEvents
    ) {
        counts.late += 1
        switch arrival.kind {
        case .deviceDeath: events.settled.append(arrival.message)
        case .deviceBirth where scopes[arrival.scope].isBorn: events.settled.append(arrival.message)
        default: apply(arrival, reader, payload, &events)
        }
    }

    private mutating func hold(
        _ arrival: Arrival, _ seq: UInt8, _ payload: ByteBuffer, _ events: inout HostEvents
    ) {
        let node = arrival.node
        let expected = nodes[node].expected
        let place = nodes[node].held.firstIndex { $0.seq &- expected >= seq &- expected }
        if let place, nodes[node].held[place].seq == seq {
            // The same message twice: the one that came last is the one to acknowledge.
            counts.late += 1
            events.settled.append(nodes[node].held[place].message)
            nodes[node].held[place].message = arrival.message
            return
        }
        let held = HostNode.Held(
            seq: seq, kind: arrival.kind, scope: arrival.scope, payload: ByteBuffer(bytes: payload.readableBytesView),
            message: arrival.message)
        nodes[node].held.insert(held, at: place ?? nodes[node].held.count)
        heldBytes += held.payload.readableBytes
        waiting.insert(node)
        if nodes[node].giveUpAt == nil { nodes[node].giveUpAt = arrival.now &+ settings.reorderTimeoutMilliseconds }
        if nodes[node].held.count >= settings.reorderWindow || heldBytes > settings.heldBytesMax {
            giveUp(node, now: arrival.now, &events)
        }
    }

    /// Takes what waited for the message that has just come.
    private mutating func releaseHeld(of node: Int, now: UInt64, _ events: inout HostEvents) {
        var hasReleased = false
        while let next = nodes[node].held.first, next.seq == nodes[node].expected {
            takeHeld(of: node, now: now, &events)
            hasReleased = true
        }
        if nodes[node].held.isEmpty {
            nodes[node].giveUpAt = nil
            waiting.remove(node)
        } else if hasReleased {
            nodes[node].giveUpAt = now &+ settings.reorderTimeoutMilliseconds
        }
    }

    /// Takes all that waits, with gaps.
    mutating func giveUp(_ node: Int, now: UInt64, _ events: inout HostEvents) {
        while let next = nodes[node].held.first {
            if next.seq != nodes[node].expected { missing(node, now: now, &events) }
            takeHeld(of: node, now: now, &events)
        }
        nodes[node].giveUpAt = nil
        waiting.remove(node)
    }

    private mutating func takeHeld(of node: Int, now: UInt64, _ events: inout HostEvents) {
        guard let held = nodes[node].held.popFirst() else { return }
        heldBytes -= held.payload.readableBytes
        nodes[node].expected = held.seq &+ 1
        let arrival = Arrival(kind: held.kind, scope: held.scope, node: node, message: held.message, now: now)
        held.payload.withUnsafeReadableBytes { bytes in
            do throws(PayloadError) {
                apply(arrival, try PayloadReader(bytes, limits: settings.limits), held.payload, &events)
            } catch {
                refuse(arrival, held.payload, .payload(error), &events)
            }
        }
    }

    /// Acts on a message whose turn it is.
    mutating func apply(
        _ arrival: Arrival, _ reader: PayloadReader, _ payload: ByteBuffer, _ events: inout HostEvents
    ) {
        let firstReading = events.readings.count
        do throws(PayloadError) {
            switch arrival.kind {
            case .deviceBirth: try deviceBorn(arrival, reader, payload, &events)
            case .deviceDeath: deviceDied(arrival, reader, &events)
            default: try dataCame(arrival, reader, payload, &events)
            }
        } catch {
            // All of a message or nothing.
            events.readings.removeSubrange(firstReading...)
            refuse(arrival, payload, .payload(error), &events)
        }
    }
}
