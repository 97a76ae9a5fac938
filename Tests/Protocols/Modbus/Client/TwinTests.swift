import ModbusCore
import NIOCore
import TestRandomness
import Testing

@testable import ModbusServer

/// The client's machine and the server's responder exchange bytes in memory, on a line that splits, swaps and
/// loses them. One seed is one course of events.
@Suite struct TwinTests {
    private struct Line {
        var random: SeededRandom
        var toServer: [ByteBuffer] = []
        var toClient: [ByteBuffer] = []

        mutating func parts(of buffer: ByteBuffer) -> [ByteBuffer] {
            var rest = buffer
            var parts: [ByteBuffer] = []
            while rest.readableBytes > 0 {
                let length = Int.random(in: 1...rest.readableBytes, using: &random)
                if let part = rest.readSlice(length: length) { parts.append(part) }
            }
            return parts
        }
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func everyRequestEndsOnceAndRightly(seed: UInt64) throws {
        var line = Line(random: SeededRandom(seed: seed))
        let bank = RegisterBank([1: UnitRegisters(holdings: [0..<1000])])
        bank.update(unit: 1) { unit in
            for address in 0..<1000 { unit.set(UInt16(address), in: .holding, at: address) }
        }
        let responder = RequestResponder(
            bank: bank, identity: DeviceIdentity(vendorName: "", productCode: "", revision: ""), acceptsWrites: false,
            defaultUnit: nil)
        var table = TransactionTable(
            maxInFlight: Int(1 + seed % 5), maxWaiting: 200, maxSilentInARow: 1000, firstTransaction: 65_500)
        var clientDecoder = MBAPDecoder()
        var serverDecoder = MBAPDecoder()
        var now = NIODeadline.uptimeNanoseconds(1)
        var answered: [Int: UInt16] = [:]
        var timedOut: Set<Int> = []

        for index in 0..<100 {
            let request = ModbusRequest.read(try ReadRequest(type: .holding, address: UInt16(7 * index), count: 1))
            let id = TransactionTable.RequestID(batch: 1, index: index)
            #expect(table.submit(request, unit: 1, id: id, timeout: .seconds(1)) == .accepted)
        }

        for _ in 0..<5_000 where answered.count + timedOut.count < 100 {
            while let sending = table.nextToSend(now: now) {
                var frame = ByteBuffer()
                MBAPFrame.encode(transaction: sending.transaction, unit: sending.unit, into: &frame) {
                    sending.request.encode(into: &$0)
                }
                line.toServer += line.parts(of: frame)
            }
            for part in line.toServer { serverDecoder.append(part) }
            line.toServer = []
            var answers: [ByteBuffer] = []
            while let frame = try serverDecoder.next() {
                var answer = ByteBuffer()
                MBAPFrame.encode(transaction: frame.transaction, unit: frame.unit, into: &answer) {
                    responder.respond(to: frame.pdu, unit: frame.unit, into: &$0)
                }
                // One answer in eight is lost on the way.
                if Int.random(in: 0..<8, using: &line.random) > 0 { answers.append(answer) }
            }
            answers.shuffle(using: &line.random)
            for answer in answers {
                for part in line.parts(of: answer) {
                    clientDecoder.append(part)
                    while let frame = try clientDecoder.next() {
                        guard case .complete(let id, .block(let block)) = table.responseReceived(frame) else {
                            continue
                        }
                        #expect(answered[id.index] == nil && !timedOut.contains(id.index))
                        answered[id.index] = block.register(at: 0)
                    }
                }
            }
            now = now + .milliseconds(.random(in: 1...400, using: &line.random))
            if case .expire(let ids) = table.deadlineReached(now: now) {
                for id in ids {
                    #expect(answered[id.index] == nil && timedOut.insert(id.index).inserted)
                }
            }
        }
        #expect(answered.count + timedOut.count == 100)
        #expect(answered.allSatisfy { $0.value == UInt16(7 * $0.key) })
        #expect(!timedOut.isEmpty && answered.count > 50)
    }
}
