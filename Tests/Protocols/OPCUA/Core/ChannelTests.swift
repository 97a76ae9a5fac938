import NIOCore
import OPCUATypes
import TestRandomness
import Testing

@testable import OPCUACore

@Suite struct ChannelTests {
    @Test func twinsOpenAndExchange() throws {
        var twins = Twins()
        #expect(try twins.open())
        let isOpen = twins.client.isOpen
        #expect(isOpen)
        let url = twins.server.endpointURL
        #expect(url == "opc.tcp://localhost:4840/any")
        for size in [10, 70_000, 300_000] {
            let sent = twins.client.send(message(bytes: size))
            guard case .write(let bytes, let requestId) = sent else { return #expect(Bool(false), "\(sent)") }
            guard case .request(requestId, let request) = try twins.toServer(bytes, at: at(1)).last else {
                return #expect(Bool(false), "no request")
            }
            #expect(try IncomingMessage(request).typeId == 631)
            #expect(request.readableBytes == size + 4)
            guard case .write(let answer) = twins.server.send(message(bytes: size), requestId: requestId) else {
                return #expect(Bool(false), "no answer")
            }
            let received = try twins.toClient(answer, at: at(1)).last
            #expect(received == .response(requestId: requestId, request))
        }
    }

    @Test func buffersAreNegotiatedDown() throws {
        var twins = Twins(
            client: ClientChannelSettings(
                endpointURL: "u", limits: TransportLimits(receiveBufferBytes: 8192, sendBufferBytes: 9000)))
        #expect(try twins.open())
        guard case .write(let bytes, let id) = twins.client.send(message(bytes: 30_000)) else {
            return #expect(Bool(false), "nothing to send")
        }
        #expect(try frames(bytes).map { $0.bytes.readableBytes }.max() == 9000)
        _ = try twins.toServer(bytes, at: at(0))
        guard case .write(let answer) = twins.server.send(message(bytes: 30_000), requestId: id) else {
            return #expect(Bool(false), "nothing to send")
        }
        #expect(try frames(answer).map { $0.bytes.readableBytes }.max() == 8192)
    }

    @Test func tooSmallBuffersAreRefused() throws {
        var twins = Twins(
            client: ClientChannelSettings(endpointURL: "u", limits: TransportLimits(receiveBufferBytes: 8191)))
        guard case .refuse(let error, let reason) = try twins.toServer(twins.client.connected(), at: at(0)).last else {
            return #expect(Bool(false), "not refused")
        }
        #expect(reason.status == .badConnectionRejected)
        guard case .fail(let seen) = try twins.toClient(error, at: at(0)).last else {
            return #expect(Bool(false), "not told")
        }
        #expect(seen.status == .badConnectionRejected)
    }

    @Test func renewalLeavesNoGap() throws {
        var twins = Twins(client: ClientChannelSettings(endpointURL: "u", tokenLifetime: .seconds(4)))
        #expect(try twins.open())
        #expect(twins.clientDeadline == at(3).monotonic)
        var renew = twins.client.deadlineReached(now: at(2.9))
        #expect(renew == .wait)
        renew = twins.client.deadlineReached(now: at(3))
        guard case .send(let request) = renew else { return #expect(Bool(false), "no renewal") }
        // A request sent before the answer still goes under the old token.
        guard case .write(let early, let earlyId) = twins.client.send(message(bytes: 1)) else {
            return #expect(Bool(false), "nothing to send")
        }
        guard case .send(let response) = try twins.toServer(request, at: at(3)).last else {
            return #expect(Bool(false), "nothing to send")
        }
        #expect(try twins.toServer(early, at: at(3)).count == 1)
        guard case .write(let old) = twins.server.send(message(bytes: 1), requestId: earlyId) else {
            return #expect(Bool(false), "nothing to send")
        }
        #expect(try twins.toClient(response, at: at(3.1)) == [.renewed])
        // The answer under the old token is good after the renewal too.
        guard case .response(earlyId, _) = try twins.toClient(old, at: at(3.1)).last else {
            return #expect(Bool(false), "old token refused")
        }
        guard case .write(let late, let lateId) = twins.client.send(message(bytes: 1)) else {
            return #expect(Bool(false), "nothing to send")
        }
        #expect(address(late).tokenId == 2)
        guard case .request(lateId, _) = try twins.toServer(late, at: at(3.2)).last else {
            return #expect(Bool(false), "new token refused")
        }
        guard case .write(let new) = twins.server.send(message(bytes: 1), requestId: lateId) else {
            return #expect(Bool(false), "nothing to send")
        }
        #expect(address(new).tokenId == 2)
        // Once the server uses the new token, the old one is dead.
        _ = try twins.toClient(new, at: at(3.3))
        #expect(twins.clientDeadline == at(6.1).monotonic)
    }

    /// A client with nothing to say renews twice; the server's messages still come under the first token.
    @Test func tokensOfAServerThatWasNotMovedOnAreKept() throws {
        var twins = Twins(client: ClientChannelSettings(endpointURL: "u", tokenLifetime: .seconds(4)))
        #expect(try twins.open())
        guard case .write(let asked, let id) = twins.client.send(message(bytes: 1)) else {
            return #expect(Bool(false), "nothing to send")
        }
        _ = try twins.toServer(asked, at: at(0))
        guard case .write(let first) = twins.server.send(message(bytes: 1), requestId: id) else {
            return #expect(Bool(false), "nothing to send")
        }
        for time in [3.0, 6.0] {
            guard case .send(let request) = twins.client.deadlineReached(now: at(time)),
                case .send(let response) = try twins.toServer(request, at: at(time)).last
            else { return #expect(Bool(false), "no renewal") }
            if time == 3 {
                #expect(try twins.toClient(first, at: at(time)).count == 1)
                #expect(try twins.toClient(response, at: at(time)) == [.renewed])
            } else {
                #expect(try twins.toClient(response, at: at(time)) == [.renewed])
                guard case .write(let old) = twins.server.send(message(bytes: 1), requestId: id) else {
                    return #expect(Bool(false), "nothing to send")
                }
                #expect(address(old).tokenId == 1)
                guard case .response(id, _) = try twins.toClient(old, at: at(time)).last else {
                    return #expect(Bool(false), "the token of a server that was not moved on is refused")
                }
            }
        }
    }

    @Test func unansweredRenewalEndsTheConnection() throws {
        var twins = Twins(client: ClientChannelSettings(endpointURL: "u", tokenLifetime: .seconds(4)))
        #expect(try twins.open())
        _ = twins.client.deadlineReached(now: at(3))
        #expect(twins.clientDeadline == at(5).monotonic)
        guard case .fail = twins.client.deadlineReached(now: at(5)) else { return #expect(Bool(false), "lives on") }
        guard case .refuse(_, let error) = twins.server.deadlineReached(now: at(5)) else {
            return #expect(Bool(false), "server lives on")
        }
        #expect(error.status == .badSecureChannelTokenUnknown)
    }

    /// A stall that eats the time for renewing does not also eat the time for the answer.
    @Test func lateRenewalIsGivenTime() throws {
        var twins = Twins(client: ClientChannelSettings(endpointURL: "u", tokenLifetime: .seconds(4)))
        #expect(try twins.open())
        guard case .send = twins.client.deadlineReached(now: at(4.9)) else { return #expect(Bool(false), "not sent") }
        let later = twins.client.deadlineReached(now: at(6.8))
        #expect(later == .wait)
        guard case .fail = twins.client.deadlineReached(now: at(6.9)) else { return #expect(Bool(false), "lives on") }
    }

    /// A clock that ticks or a caller that is too early does no harm to a handshake under way.
    @Test func earlyEventsLeaveTheHandshakeAlone() throws {
        var twins = Twins()
        let hello = twins.client.connected()
        let tick = twins.client.deadlineReached(now: at(0))
        #expect(tick == .wait)
        guard case .refuse = twins.client.send(message(bytes: 1)) else { return #expect(Bool(false), "sent") }
        let answer = twins.server.send(message(bytes: 1), requestId: 1)
        #expect(answer == .drop)
        guard case .send(let acknowledge) = try twins.toServer(hello, at: at(0)).last,
            case .send(let request) = try twins.toClient(acknowledge, at: at(0)).last
        else { return #expect(Bool(false), "handshake broken") }
        _ = twins.client.deadlineReached(now: at(0))
        guard case .send(let response) = try twins.toServer(request, at: at(0)).last else {
            return #expect(Bool(false), "opening broken")
        }
        #expect(try twins.toClient(response, at: at(0)) == [.opened])
    }

    @Test func silentClientIsTurnedAway() {
        var server = ServerChannel(channelId: 1, settings: ServerChannelSettings(), now: at(0))
        let early = server.deadlineReached(now: at(9.9))
        #expect(early == .wait)
        guard case .refuse = server.deadlineReached(now: at(10)) else { return #expect(Bool(false), "waits for ever") }
    }

    @Test func missingChunkAndWrongTokenAreRefused() throws {
        var twins = Twins()
        #expect(try twins.open())
        guard case .write = twins.client.send(message(bytes: 1)),
            case .write(let second, _) = twins.client.send(message(bytes: 1))
        else { return #expect(Bool(false), "nothing to send") }
        guard case .refuse(_, let error) = try twins.toServer(second, at: at(0)).last else {
            return #expect(Bool(false), "gap unseen")
        }
        #expect(error.status == .badSequenceNumberInvalid)

        var other = Twins()
        #expect(try other.open())
        guard case .write(var bytes, _) = other.client.send(message(bytes: 1)) else {
            return #expect(Bool(false), "nothing to send")
        }
        bytes.setInteger(9 as UInt32, at: 12, endianness: .little)
        guard case .refuse(_, let token) = try other.toServer(bytes, at: at(0)).last else {
            return #expect(Bool(false), "token unseen")
        }
        #expect(token.status == .badSecureChannelTokenUnknown)
    }

    @Test func closingIsSeen() throws {
        var twins = Twins()
        #expect(try twins.open())
        guard let last = twins.client.close(now: at(1)) else { return #expect(Bool(false), "nothing to say") }
        #expect(try twins.toServer(last, at: at(1)) == [.closed])
        guard case .refuse = twins.client.send(message(bytes: 1)) else { return #expect(Bool(false), "sends on") }
        let answer = twins.server.send(message(bytes: 1), requestId: 1)
        #expect(answer == .drop)
    }

    @Test func answersBeyondTheClientsLimitAreReplaced() throws {
        var twins = Twins(
            client: ClientChannelSettings(endpointURL: "u", limits: TransportLimits(maxMessageBytes: 100)))
        #expect(try twins.open())
        let large = twins.server.send(message(bytes: 97), requestId: 5)
        #expect(large == .tooLarge)
        guard case .write = twins.server.send(message(bytes: 96), requestId: 5) else {
            return #expect(Bool(false), "refused at the limit")
        }
    }

    /// Whatever bytes follow the handshake, neither side traps.
    @Test func alteredBytesNeverTrap() throws {
        var generator = SeededRandom(seed: 3)
        for _ in 0..<2000 {
            var twins = Twins()
            var bytes = twins.client.connected()
            if Bool.random(using: &generator) {
                _ = try twins.open()
                if case .write(let request, _) = twins.client.send(message(bytes: 40)) { bytes = request }
            }
            for _ in 0..<3 {
                let index = Int.random(in: 8..<bytes.readableBytes, using: &generator)
                bytes.setInteger(UInt8.random(in: 0...255, using: &generator), at: index)
            }
            for frame in (try? frames(bytes)) ?? [] {
                _ = twins.server.frameReceived(frame, now: at(0))
                _ = twins.client.frameReceived(frame, now: at(0))
            }
        }
    }
}

/// Channel and token of the first chunk.
func address(_ bytes: ByteBuffer) -> ChunkAddress {
    ChunkAddress(
        channelId: bytes.getInteger(at: 8, endianness: .little) ?? 0,
        tokenId: bytes.getInteger(at: 12, endianness: .little) ?? 0)
}
