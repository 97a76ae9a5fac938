import ModbusCore
import NIOCore
import Testing

@testable import ModbusServer

/// Requests and answers of the standard's clause 6 as bytes, function by function.
@Suite struct RequestResponderTests {
    private let bank: RegisterBank
    private let responder: RequestResponder

    init() {
        bank = RegisterBank([
            1: UnitRegisters(coils: [0..<2000], discretes: [0..<16], inputs: [0..<10], holdings: [0..<130, 200..<210])
        ])
        bank.update(unit: 1) { unit in
            unit.set([0x022B, 0, 100], in: .holding, at: 0x6B)
            unit.set(0x000A, in: .input, at: 8)
            for (index, bit) in "1011001111010110101".enumerated() { unit.set(bit == "1", in: .coil, at: 0x13 + index) }
            unit.set(true, in: .discrete, at: 15)
        }
        responder = RequestResponder(
            bank: bank,
            identity: DeviceIdentity(vendorName: "ACME", productCode: "P1", revision: "1.0", productName: "Pump"),
            acceptsWrites: true, defaultUnit: 1)
    }

    private func answer(_ request: [UInt8], unit: UnitID = 1, by other: RequestResponder? = nil) -> [UInt8] {
        var buffer = ByteBuffer()
        (other ?? responder).respond(to: ByteBuffer(bytes: request), unit: unit, into: &buffer)
        return Array(buffer.readableBytesView)
    }

    @Test func reads() {
        #expect(answer([1, 0, 0x13, 0, 0x13]) == [1, 3, 0xCD, 0x6B, 0x05])
        #expect(answer([2, 0, 8, 0, 8]) == [2, 1, 0x80])
        #expect(answer([3, 0, 0x6B, 0, 3]) == [3, 6, 0x02, 0x2B, 0, 0, 0, 0x64])
        #expect(answer([4, 0, 8, 0, 1]) == [4, 2, 0, 0x0A])
        // At the limits: 2000 coils, 125 registers.
        #expect(answer([1, 0, 0, 0x07, 0xD0]).count == 252)
        #expect(answer([3, 0, 0, 0, 125]).count == 252)
    }

    @Test func writesAreEchoedAndDone() {
        #expect(answer([5, 0, 1, 0xFF, 0]) == [5, 0, 1, 0xFF, 0])
        #expect(answer([1, 0, 1, 0, 1]) == [1, 1, 1])
        #expect(answer([6, 0, 1, 0, 3]) == [6, 0, 1, 0, 3])
        #expect(answer([15, 0, 0x13, 0, 10, 2, 0xCD, 0x01]) == [15, 0, 0x13, 0, 10])
        #expect(answer([1, 0, 0x13, 0, 10]) == [1, 2, 0xCD, 0x01])
        #expect(answer([16, 0, 1, 0, 2, 4, 0, 0x0A, 1, 2]) == [16, 0, 1, 0, 2])
        #expect(answer([3, 0, 1, 0, 2]) == [3, 4, 0, 0x0A, 1, 2])
        // The standard's example of a mask: 0x12 and 0xF2 or 0x25 is 0x17.
        #expect(answer([6, 0, 4, 0, 0x12]) == [6, 0, 4, 0, 0x12])
        #expect(answer([22, 0, 4, 0, 0xF2, 0, 0x25]) == [22, 0, 4, 0, 0xF2, 0, 0x25])
        #expect(answer([3, 0, 4, 0, 1]) == [3, 2, 0, 0x17])
        // Function 23 writes first and then reads.
        #expect(answer([23, 0, 3, 0, 2, 0, 4, 0, 1, 2, 0, 0xFF]) == [23, 4, 0, 0, 0, 0xFF])
    }

    @Test func refusals() {
        #expect(answer([7]) == [0x87, 1])  // a function that is not there
        #expect(answer([3, 0, 0, 0, 126]) == [0x83, 3])  // one register too many
        #expect(answer([3, 0, 0, 0, 0]) == [0x83, 3])
        #expect(answer([1, 0, 0, 0x07, 0xD1]) == [0x81, 3])
        #expect(answer([3, 0, 125, 0, 6]) == [0x83, 2])  // reaches into the hole from 130 to 199
        #expect(answer([3, 0, 199, 0, 2]) == [0x83, 2])
        #expect(answer([3, 0, 150, 0, 1]) == [0x83, 2])
        #expect(answer([3, 0xFF, 0xFF, 0, 2]) == [0x83, 2])
        #expect(answer([3, 0, 0]) == [0x83, 3])  // cut short
        #expect(answer([5, 0, 1, 0x12, 0x34]) == [0x85, 3])  // neither on nor off
        #expect(answer([6, 0, 150, 0, 0]) == [0x86, 2])
        #expect(answer([15, 0, 0, 0, 9, 1, 0xFF]) == [0x8F, 3])  // nine bits in one byte
        #expect(answer([16, 0, 0, 0, 2, 4, 0, 1]) == [0x90, 3])
        #expect(answer([16, 0, 0, 0, 124, 248] + [UInt8](repeating: 0, count: 248)) == [0x90, 3])
        #expect(answer([22, 0, 150, 0, 0, 0, 0]) == [0x96, 2])
        #expect(answer([23, 0, 3, 0, 2, 0, 4, 0, 0, 0]) == [0x97, 3])  // nothing to write
        #expect(answer([43, 13, 1, 0]) == [0xAB, 1])  // another MEI type
        #expect(answer([43, 14, 5, 0]) == [0xAB, 3])
        #expect(answer([3, 0, 0, 0, 1], unit: 9) == [0x83, 11])  // no such unit
        #expect(answer([]) == [0x80, 1])
    }

    @Test func aRefusedWriteChangesNothing() {
        #expect(answer([6, 0, 128, 0, 1]) == [6, 0, 128, 0, 1])
        #expect(answer([16, 0, 128, 0, 3, 6, 0, 9, 0, 9, 0, 9]) == [0x90, 2])
        #expect(answer([23, 0, 150, 0, 1, 0, 128, 0, 1, 2, 0, 9]) == [0x97, 2])
        #expect(answer([3, 0, 128, 0, 1]) == [3, 2, 0, 1])
    }

    @Test func writesAreRefusedWhereTheyAreNotWanted() {
        let readOnly = RequestResponder(
            bank: bank, identity: DeviceIdentity(vendorName: "", productCode: "", revision: ""), acceptsWrites: false,
            defaultUnit: nil)
        for request in [[5, 0, 1, 0xFF, 0], [6, 0, 1, 0, 3], [16, 0, 1, 0, 1, 2, 0, 0], [22, 0, 1, 0, 0, 0, 0]]
            as [[UInt8]]
        {
            #expect(answer(request, by: readOnly) == [request[0] | 0x80, 1])
        }
        #expect(answer([4, 0, 8, 0, 1], by: readOnly) == [4, 2, 0, 0x0A])
        #expect(answer([4, 0, 8, 0, 1], unit: 255, by: readOnly) == [0x84, 11])
    }

    @Test func units0And255MeanTheDefaultUnit() {
        #expect(answer([4, 0, 8, 0, 1], unit: 0) == [4, 2, 0, 0x0A])
        #expect(answer([4, 0, 8, 0, 1], unit: 255) == [4, 2, 0, 0x0A])
    }

    @Test func identification() {
        #expect(
            answer([43, 14, 1, 0])
                == [43, 14, 1, 0x82, 0, 0, 3] + [0, 4] + Array("ACME".utf8) + [1, 2] + Array("P1".utf8) + [2, 3]
                + Array("1.0".utf8))
        #expect(answer([43, 14, 4, 4]) == [43, 14, 4, 0x82, 0, 0, 1, 4, 4] + Array("Pump".utf8))
        #expect(answer([43, 14, 4, 3]) == [0xAB, 2])
        // An unknown object in stream access means: from the beginning.
        #expect(answer([43, 14, 1, 77]) == answer([43, 14, 1, 0]))
    }

    @Test func longIdentificationComesInPages() throws {
        let long = String(repeating: "x", count: 300)
        let identity = DeviceIdentity(vendorName: long, productCode: "P", revision: long, extended: [200: "end"])
        var next: UInt8? = 0
        var ids: [UInt8] = []
        while let first = next {
            let page = try identity.page(for: .init(category: .extended, firstObject: first))
            var buffer = ByteBuffer()
            page.encode(into: &buffer)
            #expect(buffer.readableBytes <= 253)
            #expect(page.conformity == 0x83)
            ids += page.objects.map(\.id)
            next = page.nextObject
        }
        #expect(ids == [0, 1, 2, 200])
    }

    @Test func anyBytesAreAnsweredWithoutATrap() {
        var state: UInt64 = 88_172_645_463_325_252
        func random() -> UInt8 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return UInt8(truncatingIfNeeded: state)
        }
        let functions: [UInt8] = [1, 2, 3, 4, 5, 6, 15, 16, 22, 23, 43, 99]
        for round in 0..<20_000 {
            var request: [UInt8] = [functions[round % functions.count]]
            for index in 0..<Int(random() % 20) { request.append(index % 2 == 0 ? random() % 3 : random()) }
            let answer = answer(request)
            #expect(answer.count >= 2 && answer.count <= 253)
        }
    }
}
