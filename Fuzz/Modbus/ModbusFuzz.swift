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
    FuzzTarget("modbus-request", run: ModbusFuzz.request),
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
                }
                return true
            } catch {
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

    static let decoders: [RegisterDecoder] = RegisterDataType.allCases.flatMap { type in
        ByteOrder.allCases.compactMap { try? RegisterDecoder(type, byteOrder: $0, stringRegisters: 2) }
    }

    @Sendable static func response(_ input: ByteBuffer) {
        var input = input
        guard let first = input.readInteger(as: UInt8.self) else { return }
        let asked = requests[Int(first) % requests.count]
        guard case .block(let block)? = try? asked.decodeResponse(input) else { return }
        for decoder in decoders { _ = decoder.decode(block, at: block.count - decoder.width) }
    }

    static let responder = RequestResponder(
        bank: RegisterBank([
            1: UnitRegisters(coils: [0..<32], discretes: [0..<32], inputs: [0..<32], holdings: [0..<200])
        ]), identity: DeviceIdentity(vendorName: "V", productCode: "P", revision: "1", extended: [200: "x"]),
        acceptsWrites: true, defaultUnit: nil)

    @Sendable static func request(_ input: ByteBuffer) {
        var input = input
        guard let unit = input.readInteger(as: UInt8.self) else { return }
        var answer = ByteBuffer()
        responder.respond(to: input, unit: UnitID(rawValue: unit & 1), into: &answer)
        precondition((2...ModbusLimits.pduBytes).contains(answer.readableBytes))
    }
}
