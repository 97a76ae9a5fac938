import FuzzKit
import ModbusCore
import ModbusServer
import NIOCore

let modbusTargets = [
    FuzzTarget("modbus-mbap", run: ModbusFuzz.mbap),
    FuzzTarget("modbus-rtu-client") { ModbusFuzz.assemble($0, RTUFrameAssembler(isServer: false)) },
    FuzzTarget("modbus-rtu-server") { ModbusFuzz.assemble($0, RTUFrameAssembler(isServer: true)) },
    FuzzTarget("modbus-ascii") { ModbusFuzz.assemble($0, ASCIIFrameAssembler()) },
    FuzzTarget("modbus-response", run: ModbusFuzz.response),
    FuzzTarget("modbus-decoder", run: ModbusFuzz.decoder),
    FuzzTarget("modbus-request", run: ModbusFuzz.request),
    FuzzTarget("modbus-link", run: ModbusFuzz.link),
]

/// Throws bytes at the decoders of Modbus.
enum ModbusFuzz {
    /// The input in pieces, whose lengths follow from its first byte.
    static func pieces(_ input: ByteBuffer, _ body: (ByteBuffer) -> Bool) {
        var input = input
        guard let first = input.readInteger(as: UInt8.self) else { return }
        let size = first == 0 ? input.readableBytes : Int(first)
        while input.readableBytes > 0, let piece = input.readSlice(length: min(size, input.readableBytes)) {
            guard body(piece) else { return }
        }
    }

    @Sendable static func mbap(_ input: ByteBuffer) {
        var decoder = MBAPDecoder()
        pieces(input) { piece in
            decoder.append(piece)
            do {
                while let frame = try decoder.next() {
                    precondition((1...ModbusLimits.pduBytes).contains(frame.pdu.readableBytes))
                    // What was read is written as it came, and read again as it was.
                    var wire = ByteBuffer()
                    MBAPFrame.encode(transaction: frame.transaction, unit: frame.unit, into: &wire) {
                        $0.writeImmutableBuffer(frame.pdu)
                    }
                    var again = MBAPDecoder()
                    again.append(wire)
                    let repeated = try again.next()
                    precondition(repeated == frame)
                }
                return true
            } catch {
                precondition(!String(describing: error).isEmpty)
                return false
            }
        }
    }

    static func assemble(_ input: ByteBuffer, _ rtu: RTUFrameAssembler) {
        var assembler = rtu
        pieces(input) { piece in
            assembler.append(piece)
            while let event = assembler.next() { check(event) }
            return true
        }
        assembler.silenceReached()
        while let event = assembler.next() { check(event) }
        precondition(!assembler.isUnfinished)
    }

    static func assemble(_ input: ByteBuffer, _ ascii: ASCIIFrameAssembler) {
        var assembler = ascii
        pieces(input) { piece in
            assembler.append(piece)
            while let event = assembler.next() { check(event) }
            return true
        }
        assembler.silenceReached()
        while let event = assembler.next() { check(event) }
        precondition(!assembler.isUnfinished)
    }

    static func check(_ event: SerialEvent) {
        switch event {
        case .frame(let frame): precondition((1...ModbusLimits.pduBytes).contains(frame.pdu.readableBytes))
        case .corrupt(let bytes): precondition(bytes > 0)
        }
    }

    /// The whole of a client's end, and of a server's over TCP: the first byte names the framing.
    @Sendable static func link(_ input: ByteBuffer) {
        let framings: [Framing] = [.mbap, .rtu, .ascii]
        let framing = framings[Int(input.getInteger(at: input.readerIndex, as: UInt8.self) ?? 0) % 3]
        let start = NIODeadline.uptimeNanoseconds(1)
        var client = ClientLink(
            framing: framing,
            table: TransactionTable(
                maxInFlight: 4, maxInFlightInAll: framing == .mbap ? 16 : 1, maxWaiting: 64, maxSilentInARow: 3,
                retries: 1, firstTransaction: 0))
        for (index, request) in requests.enumerated() {
            let id = TransactionTable.RequestID(batch: 1, index: index)
            _ = client.submit(request, unit: UnitID(rawValue: 1 + UInt8(index % 2)), id: id, timeout: .seconds(1))
        }
        var ended = Set<Int>()
        func take(_ action: TransactionTable.ResponseAction) {
            switch action {
            case .complete(let id, _), .fail(let id, _): precondition(ended.insert(id.index).inserted)
            case .retry, .ignoreLate, .ignoreUnknown: break
            }
        }
        var server = ServerLink(framing: framing, responder: responder)
        var frames = ByteBuffer()
        pieces(input) { piece in
            while client.nextToSend(now: start, into: &frames) {}
            client.bytesReceived(piece, now: start)
            server.bytesReceived(piece)
            var answers = ByteBuffer()
            do {
                try server.answer(into: &answers)
                while let action = try client.nextResponse() { take(action) }
                return true
            } catch {
                return false
            }
        }
        let end = start + .seconds(9)
        client.silenceReached(now: end)
        while let action = try? client.nextResponse() { take(action) }
        switch client.deadlineReached(now: end) {
        case .wait: break
        case .expire(let ids), .expireAndClose(let ids):
            for id in ids { precondition(ended.insert(id.index).inserted) }
        }
        for id in client.connectionClosed() { precondition(ended.insert(id.index).inserted) }
        precondition(ended.count == requests.count && client.nextDeadline == nil)
    }

    /// What was asked for, so that every kind of answer can be right.
    static let requests: [ModbusRequest] = {
        var requests: [ModbusRequest] = [.deviceIdentification(DeviceIdentificationRequest())]
        for type in RegisterType.allCases {
            for count in [1, 3, 125] {
                if let read = try? ReadRequest(type: type, address: 0, count: count) { requests.append(.read(read)) }
            }
        }
        return requests
    }()

    @Sendable static func response(_ input: ByteBuffer) {
        var input = input
        guard let first = input.readInteger(as: UInt8.self) else { return }
        let asked = requests[Int(first) % requests.count]
        var pdu = ByteBuffer()
        asked.encode(into: &pdu)
        precondition(pdu.getInteger(at: 0) == asked.function.rawValue)
        do throws(ResponseError) {
            check(try asked.decodeResponse(input), to: asked, pdu: input)
        } catch {
            precondition(!error.description.isEmpty)
        }
    }

    /// What was read is written as it came but for what devices add.
    static func check(_ response: ModbusResponse, to asked: ModbusRequest, pdu: ByteBuffer) {
        var wire = ByteBuffer()
        switch response {
        case .block(let block):
            if block.type.isBit {
                precondition(block.bits.count == block.count && block.register(at: 0) == nil)
                ResponseEncoder.bits(block.bits, function: asked.function, into: &wire)
                precondition(
                    wire.readableBytes == pdu.getInteger(at: pdu.readerIndex + 1, as: UInt8.self).map { Int($0) + 2 })
            } else {
                precondition(block.registers.count == block.count && block.bit(at: 0) == nil)
                ResponseEncoder.registers(block.registers, function: asked.function, into: &wire)
                precondition(wire == pdu.getSlice(at: pdu.readerIndex, length: wire.readableBytes))
            }
            precondition(block.register(at: block.count) == nil && block.bit(at: block.count) == nil)
        case .exception(let code):
            ResponseEncoder.exception(code, function: asked.function.rawValue, into: &wire)
            precondition(wire == pdu.getSlice(at: pdu.readerIndex, length: 2))
        case .deviceIdentification(let page):
            page.encode(into: &wire)
            precondition(wire.readableBytes >= 7 + 2 * page.objects.count)
        }
    }

    /// A decoder made from the first bytes, on registers or bits made of the rest.
    @Sendable static func decoder(_ input: ByteBuffer) {
        var input = input
        guard
            let (type, order, flags, lowest, width, length, index) = input.readMultipleIntegers(
                as: (UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8).self)
        else { return }
        let types = RegisterDataType.allCases
        let orders = ByteOrder.allCases
        let scalings = [
            nil, Scaling(scale: 0.1, offset: -3), Scaling(scale: 1e300), Scaling(scale: 1.0 / 3, offset: 7),
        ]
        let bits = flags & 4 == 0 ? nil : BitField(lowest: Int(lowest), width: Int(width))
        let decoder: RegisterDecoder
        do throws(DecoderError) {
            decoder = try RegisterDecoder(
                types[Int(type) % types.count], byteOrder: orders[Int(order) % orders.count],
                scaling: scalings[Int(flags & 3)], bits: bits, stringRegisters: Int(length))
        } catch {
            precondition(!error.description.isEmpty)
            return
        }
        do throws(RequestError) {
            _ = try ReadRequest(type: .input, address: UInt16(lowest) << 8 | UInt16(width), count: 2 * Int(length))
        } catch {
            precondition(!error.description.isEmpty)
        }
        let table: RegisterType = flags & 8 == 0 ? .holding : .coil
        let count = min(table.isBit ? 8 * input.readableBytes : input.readableBytes / 2, table.readLimit)
        guard count > 0, let read = try? ReadRequest(type: table, address: 0, count: count),
            let data = input.readSlice(length: read.responseBytes)
        else { return }
        var pdu = ByteBuffer(bytes: [read.function.rawValue, UInt8(truncatingIfNeeded: read.responseBytes)])
        pdu.writeImmutableBuffer(data)
        guard case .block(let block)? = try? ModbusRequest.read(read).decodeResponse(pdu) else {
            preconditionFailure("an answer that fits its request is refused")
        }
        let last = block.count - (table.isBit ? 1 : decoder.width)
        precondition(decoder.decode(block, at: last) != nil || last < 0)
        precondition(decoder.decode(block, at: last + 1) == nil && decoder.decode(block, at: -1) == nil)
        _ = decoder.decode(block, at: Int(index))
    }

    static let responder = RequestResponder(
        bank: RegisterBank([
            1: UnitRegisters(coils: [0..<32], discretes: [0..<32], inputs: [0..<32], holdings: [0..<200])
        ]), identity: DeviceIdentity(vendorName: "V", productCode: "P", revision: "1", extended: [200: "x"]),
        acceptsWrites: true, defaultUnit: nil)

    /// A request over TCP, and, where the first byte says so, the same on a serial line, where all obey a broadcast.
    @Sendable static func request(_ input: ByteBuffer) {
        var input = input
        guard let first = input.readInteger(as: UInt8.self) else { return }
        let unit = UnitID(rawValue: first & 1)
        var answer = ByteBuffer()
        responder.respond(to: input, unit: unit, into: &answer)
        precondition((2...ModbusLimits.pduBytes).contains(answer.readableBytes))
        guard first & 2 != 0, (1...ModbusLimits.pduBytes).contains(input.readableBytes) else { return }
        var line = ServerLink(framing: first & 4 == 0 ? .rtu : .ascii, responder: responder)
        var frame = ByteBuffer()
        let write = { (pdu: inout ByteBuffer) -> Void in _ = pdu.writeImmutableBuffer(input) }
        if first & 4 == 0 {
            SerialFrame.encodeRTU(unit: unit, into: &frame, writePDU: write)
        } else {
            SerialFrame.encodeASCII(unit: unit, into: &frame, writePDU: write)
        }
        line.bytesReceived(frame)
        line.silenceReached()
        var answers = ByteBuffer()
        guard (try? line.answer(into: &answers)) != nil else {
            preconditionFailure("a serial line has no wrong frames")
        }
        precondition(unit != 0 || answers.readableBytes == 0)
    }
}
