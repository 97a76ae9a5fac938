import TestRandomness
import Testing

@testable import ZerobusCore

@Suite struct ServerIngestStreamTests {
    let one = RecordTotals(count: 1, bytes: 10)

    func open(_ type: RecordType = .proto) -> ServerIngestStream {
        var stream = ServerIngestStream()
        #expect(stream.createReceived(type) == .check)
        stream.created()
        return stream
    }

    func isRefused(_ action: ServerIngestStream.IngestAction, _ part: String) -> Bool {
        guard case .refuse(let error) = action else { return false }
        return error.code == .invalidArgument && error.message.contains(part)
    }

    @Test func offsetsCountFromZero() {
        var stream = open()
        #expect(stream.ingestReceived(.proto, offset: 0, totals: one) == .store(offset: 0))
        #expect(stream.ingestReceived(.proto, offset: 1, totals: one) == .store(offset: 1))
        #expect(stream.committed(upTo: 1) == 1)
        #expect(stream.committed(upTo: 0) == nil)
        #expect(isRefused(stream.ingestReceived(.proto, offset: 3, totals: one), "expected 2"))
        #expect(isRefused(stream.ingestReceived(.proto, offset: 2, totals: one), "create_stream"))
    }

    @Test func whatWasStoredBeforeARefusalIsAcknowledged() {
        var stream = open()
        #expect(stream.ingestReceived(.proto, offset: 0, totals: one) == .store(offset: 0))
        #expect(isRefused(stream.ingestReceived(.json, offset: 1, totals: one), "json"))
        #expect(stream.committed(upTo: 0) == 0)
        #expect(stream.committed(upTo: 0) == nil)
    }

    @Test func createComesFirstAndOnce() {
        var early = ServerIngestStream()
        #expect(isRefused(early.ingestReceived(.proto, offset: 0, totals: one), "first message"))
        var twice = open()
        guard case .refuse = twice.createReceived(.proto) else {
            Issue.record("accepted")
            return
        }
    }

    @Test func kindsOffsetsAndLimits() {
        var kind = open(.json)
        #expect(isRefused(kind.ingestReceived(.proto, offset: 0, totals: one), "opened for json"))
        var missing = open()
        #expect(isRefused(missing.ingestReceived(.proto, offset: nil, totals: one), "missing"))
        var empty = open()
        #expect(isRefused(empty.ingestReceived(.proto, offset: 0, totals: .init(count: 0, bytes: 0)), "no records"))
        var full = open()
        #expect(
            full.ingestReceived(.proto, offset: 0, totals: .init(count: 100_000, bytes: 10 << 20)) == .store(offset: 0))
        #expect(isRefused(full.ingestReceived(.proto, offset: 1, totals: .init(count: 100_001, bytes: 1)), "100001"))
        var bytes = open()
        #expect(
            isRefused(bytes.ingestReceived(.proto, offset: 0, totals: .init(count: 1, bytes: 10 << 20 | 1)), "bytes"))
    }

    /// Client and server machine back to back: losses of acknowledgements and commits at random.
    @Test(arguments: 0..<50)
    func twins(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var client = ClientIngestStream(limits: .init(maxInFlightMessages: 8))
        var server = open()
        #expect(client.received(.created(streamID: "x"), now: .zero) == .opened(streamID: "x"))
        var stored: Int64 = -1
        var sent: Int64 = -1
        for _ in 0..<500 {
            switch Int.random(in: 0..<3, using: &random) {
            case 0:
                guard case .send(let offset) = client.sendRequested(records: 1, bytes: 1, now: .zero) else { continue }
                #expect(offset == sent + 1)
                sent = offset
                #expect(server.ingestReceived(.proto, offset: offset, totals: one) == .store(offset: offset))
            case 1 where stored < sent:
                stored = Int64.random(in: stored + 1...sent, using: &random)
                guard let acknowledged = server.committed(upTo: stored) else {
                    Issue.record("no acknowledgement")
                    return
                }
                // Acknowledgements may be lost, as later ones cover them.
                if Bool.random(using: &random) {
                    #expect(
                        client.received(.acknowledged(upTo: acknowledged), now: .zero)
                            == .acknowledged(upTo: acknowledged, finished: false))
                }
            default:
                break
            }
        }
        #expect(client.watermark <= stored)
    }
}
