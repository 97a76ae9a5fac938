import ModbusCore
import NIOCore
import TestRandomness
import Testing

/// The examples of the standard's clause 6, field by field, in both directions.
@Suite struct PDUTests {
    @Test func readRequestsAreEncodedAsInTheStandard() throws {
        #expect(
            encoded(try ReadRequest(type: .coil, address: 0x13, count: 0x13))
                == bytes(
                    [0x01],  // function: read coils
                    [0x00, 0x13],  // starting address
                    [0x00, 0x13]))  // quantity
        #expect(
            encoded(try ReadRequest(type: .discrete, address: 0xC4, count: 0x16))
                == bytes([0x02], [0x00, 0xC4], [0x00, 0x16]))
        #expect(
            encoded(try ReadRequest(type: .holding, address: 0x6B, count: 3))
                == bytes([0x03], [0x00, 0x6B], [0x00, 0x03]))
        #expect(
            encoded(try ReadRequest(type: .input, address: 8, count: 1))
                == bytes([0x04], [0x00, 0x08], [0x00, 0x01]))
    }

    @Test func registersAreReadFromAnAnswer() throws {
        let request = ModbusRequest.read(try ReadRequest(type: .holding, address: 0x6B, count: 3))
        let answer = bytes(
            [0x03],  // function
            [0x06],  // byte count
            [0x02, 0x2B], [0x00, 0x00], [0x00, 0x64])  // three registers
        guard case .block(let block) = try request.decodeResponse(answer) else {
            Issue.record("not a block")
            return
        }
        #expect(block.registers == [555, 0, 100])
        #expect(block.address == 0x6B)
        #expect(block.register(at: 3) == nil)
        #expect(block.register(at: -1) == nil)
        #expect(block.bit(at: 0) == nil)
        #expect(
            response { ResponseEncoder.registers([555, 0, 100], function: .readHoldingRegisters, into: &$0) } == answer)
    }

    @Test func bitsAreReadFromAnAnswer() throws {
        let request = ModbusRequest.read(try ReadRequest(type: .coil, address: 0x13, count: 19))
        let answer = bytes(
            [0x01],  // function
            [0x03],  // byte count
            [0xCD],  // 1 0 1 1 0 0 1 1, lowest bit first
            [0x6B],  // 1 1 0 1 0 1 1 0
            [0x05])  // 1 0 1 and five spare bits
        guard case .block(let block) = try request.decodeResponse(answer) else {
            Issue.record("not a block")
            return
        }
        let expected = "1011001111010110101".map { $0 == "1" }
        #expect(block.bits == expected)
        #expect(block.bit(at: 19) == nil)
        #expect(response { ResponseEncoder.bits(expected, function: .readCoils, into: &$0) } == answer)
    }

    @Test func anExceptionIsReadAndWritten() throws {
        let request = ModbusRequest.read(try ReadRequest(type: .coil, address: 0x4A1, count: 1))
        let answer = bytes([0x81], [0x02])  // function with its high bit set, exception code
        #expect(try request.decodeResponse(answer) == .exception(.illegalDataAddress))
        #expect(response { ResponseEncoder.exception(.illegalDataAddress, function: 1, into: &$0) } == answer)
    }

    @Test(
        arguments: [
            (1, "IllegalFunction"), (2, "IllegalDataAddress"), (3, "IllegalDataValue"), (4, "ServerDeviceFailure"),
            (5, "Acknowledge"), (6, "ServerDeviceBusy"), (7, "NegativeAcknowledge"), (8, "MemoryParityError"),
            (10, "GatewayPathUnavailable"), (11, "GatewayTargetDeviceFailedToRespond"), (9, "Exception9"),
            (200, "Exception200"),
        ] as [(UInt8, String)])
    func exceptionsHaveNames(_ code: UInt8, _ name: String) {
        #expect(ExceptionCode(rawValue: code).name == name)
        #expect(ExceptionCode(rawValue: code).explanation.isEmpty == false)
    }

    @Test func answersThatDoNotFitAreRefused() throws {
        let request = ModbusRequest.read(try ReadRequest(type: .input, address: 0, count: 2))
        let wrong: [(ByteBuffer, ResponseError)] = [
            (bytes([]), .truncated),
            (bytes([0x04]), .truncated),
            (bytes([0x84]), .truncated),
            (bytes([0x04], [0x04], [0, 1, 2]), .truncated),
            (bytes([0x04], [0x02], [0, 1]), .unexpectedByteCount(2, expected: 4)),
            (bytes([0x03], [0x04], [0, 1, 0, 2]), .unexpectedFunction(3, expected: .readInputRegisters)),
            (bytes([0x83], [0x02]), .unexpectedFunction(0x83, expected: .readInputRegisters)),
        ]
        for (answer, error) in wrong {
            #expect(throws: error) { try request.decodeResponse(answer) }
        }
        // Bytes after the data do no harm.
        #expect(throws: Never.self) { try request.decodeResponse(bytes([0x04], [0x04], [0, 1, 0, 2], [9])) }
    }

    @Test func countsAreTakenUpToTheLimitAndNotBeyond() throws {
        #expect(throws: Never.self) { try ReadRequest(type: .holding, address: 0, count: 125) }
        #expect(throws: RequestError.count(126, limit: 125)) {
            try ReadRequest(type: .holding, address: 0, count: 126)
        }
        #expect(throws: Never.self) { try ReadRequest(type: .discrete, address: 0, count: 2000) }
        #expect(throws: RequestError.count(2001, limit: 2000)) {
            try ReadRequest(type: .coil, address: 0, count: 2001)
        }
        #expect(throws: RequestError.count(0, limit: 125)) { try ReadRequest(type: .input, address: 0, count: 0) }
        #expect(throws: Never.self) { try ReadRequest(type: .input, address: 65_535, count: 1) }
        #expect(throws: RequestError.range(address: 65_535, count: 2)) {
            try ReadRequest(type: .input, address: 65_535, count: 2)
        }
    }

    @Test func deviceIdentificationGoesBothWays() throws {
        let request = DeviceIdentificationRequest(category: .basic, firstObject: 0)
        #expect(
            response { ModbusRequest.deviceIdentification(request).encode(into: &$0) }
                == bytes(
                    [0x2B],  // function: encapsulated interface
                    [0x0E],  // MEI type: read device identification
                    [0x01],  // category: basic
                    [0x00]))  // first object
        let answer = bytes(
            [0x2B], [0x0E], [0x01],
            [0x81],  // conformity: basic, and single objects
            [0xFF],  // more follows
            [0x02],  // next object
            [0x02],  // number of objects
            [0x00, 0x04], Array("ACME".utf8),  // vendor name
            [0x01, 0x02], Array("P1".utf8))  // product code
        let page = DeviceIdentificationPage(
            category: 1, conformity: 0x81, nextObject: 2,
            objects: [.init(id: 0, text: "ACME"), .init(id: 1, text: "P1")])
        #expect(try ModbusRequest.deviceIdentification(request).decodeResponse(answer) == .deviceIdentification(page))
        #expect(response { page.encode(into: &$0) } == answer)
        for length in 1..<answer.readableBytes {
            let cut = answer.getSlice(at: 0, length: length) ?? ByteBuffer()
            #expect(throws: ResponseError.self) {
                try ModbusRequest.deviceIdentification(request).decodeResponse(cut)
            }
        }
    }

    @Test func anyBytesAreReadWithoutATrap() throws {
        var random = SeededRandom(seed: 1)
        let requests: [ModbusRequest] = [
            .read(try ReadRequest(type: .coil, address: 0, count: 2000)),
            .read(try ReadRequest(type: .holding, address: 0, count: 125)),
            .deviceIdentification(DeviceIdentificationRequest(category: .extended)),
        ]
        for _ in 0..<20_000 {
            for request in requests {
                var answer = ByteBuffer()
                answer.writeInteger(
                    Bool.random(using: &random) ? request.function.rawValue : .random(in: 0...255, using: &random))
                for _ in 0..<Int.random(in: 0...30, using: &random) {
                    answer.writeInteger(UInt8.random(in: 0...255, using: &random))
                }
                _ = try? request.decodeResponse(answer)
            }
        }
    }

    private func encoded(_ request: ReadRequest) -> ByteBuffer {
        response { request.encode(into: &$0) }
    }

    private func response(_ write: (inout ByteBuffer) -> Void) -> ByteBuffer {
        var buffer = ByteBuffer()
        write(&buffer)
        return buffer
    }
}
