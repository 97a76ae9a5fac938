import CFuzzer
import Foundation
import ModbusCore
import ModbusServer
import NIOCore

/// Throws bytes at the decoders of Modbus; `FUZZ_TARGET` names which. See `dev/fuzz`.
@main struct ModbusFuzz {
    static func main() {
        let name = ProcessInfo.processInfo.environment["FUZZ_TARGET"] ?? ""
        guard let chosen = targets[name] else {
            FileHandle.standardError.write(
                Data("FUZZ_TARGET must be one of: \(targets.keys.sorted().joined(separator: " "))\n".utf8))
            exit(2)
        }
        target = chosen
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        exit(
            LLVMFuzzerRunDriver(&count, &arguments) { data, size in
                ModbusFuzz.target(ByteBuffer(bytes: UnsafeBufferPointer(start: data, count: size)))
                return 0
            })
    }

    nonisolated(unsafe) static var target: @Sendable (ByteBuffer) -> Void = { _ in }

    static let targets: [String: @Sendable (ByteBuffer) -> Void] = [
        "modbus-mbap": mbap,
        "modbus-rtu-client": { assemble($0, RTUFrameAssembler(isServer: false)) },
        "modbus-rtu-server": { assemble($0, RTUFrameAssembler(isServer: true)) },
        "modbus-ascii": { assemble($0, ASCIIFrameAssembler()) },
        "modbus-response": response,
        "modbus-request": request,
    ]

    /// The input in pieces, whose lengths follow from its first byte.
    static func pieces(_ input: ByteBuffer, _ body: (ByteBuffer) -> Bool) {
        var input = input
        guard let first = input.readInteger(as: UInt8.self) else { return }
        let size = first == 0 ? input.readableBytes : Int(first)
        while input.readableBytes > 0, let piece = input.readSlice(length: min(size, input.readableBytes)) {
            guard body(piece) else { return }
        }
    }

    static func mbap(_ input: ByteBuffer) {
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

    static func response(_ input: ByteBuffer) {
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

    static func request(_ input: ByteBuffer) {
        var input = input
        guard let unit = input.readInteger(as: UInt8.self) else { return }
        var answer = ByteBuffer()
        responder.respond(to: input, unit: UnitID(rawValue: unit & 1), into: &answer)
        precondition((2...ModbusLimits.pduBytes).contains(answer.readableBytes))
    }
}
