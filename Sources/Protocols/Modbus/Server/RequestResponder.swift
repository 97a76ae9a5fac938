package import ModbusCore
package import NIOCore

/// Answers requests from a bank of registers: the whole of a server but for its sockets.
package struct RequestResponder: Sendable {
    let bank: RegisterBank
    let identity: DeviceIdentity
    let acceptsWrites: Bool
    /// The unit that is meant by units 0 and 255; nil when those are units like any other.
    let defaultUnit: UnitID?

    package init(bank: RegisterBank, identity: DeviceIdentity, acceptsWrites: Bool, defaultUnit: UnitID?) {
        self.bank = bank
        self.identity = identity
        self.acceptsWrites = acceptsWrites
        self.defaultUnit = defaultUnit
    }

    /// Whether the bank has the unit.
    func has(_ unit: UnitID) -> Bool {
        let unit = resolved(unit)
        return bank.update { $0[unit] != nil }
    }

    /// Carries out a write for every unit; nobody answers.
    func obeyBroadcast(_ pdu: ByteBuffer) {
        var unsent = ByteBuffer()
        for unit in bank.update({ $0.ids }) {
            respond(to: pdu, unit: unit, into: &unsent)
            unsent.clear()
        }
    }

    private func resolved(_ unit: UnitID) -> UnitID {
        unit == 0 || unit == 255 ? defaultUnit ?? unit : unit
    }

    /// Appends the PDU that answers a request; every request has an answer.
    package func respond(to pdu: ByteBuffer, unit: UnitID, into buffer: inout ByteBuffer) {
        let function = pdu.getInteger(at: pdu.readerIndex, as: UInt8.self) ?? 0
        let start = buffer.writerIndex
        do {
            try answer(try ServerRequest(decoding: pdu), unit: unit, into: &buffer)
        } catch {
            buffer.moveWriterIndex(to: start)
            ResponseEncoder.exception(error.code, function: function, into: &buffer)
        }
    }

    private func answer(
        _ request: ServerRequest, unit: UnitID, into buffer: inout ByteBuffer
    ) throws(ExceptionRefusal) {
        let unit = resolved(unit)
        let refusal: ExceptionRefusal? = bank.update { units in
            guard units[unit] != nil else { return ExceptionRefusal(.gatewayTargetDeviceFailedToRespond) }
            return perform(request, on: &units, unit, into: &buffer)
        }
        if let refusal { throw refusal }
    }

    /// Runs while the bank is held, so that the answer is one moment's picture. Returns the refusal, if any.
    private func perform(
        _ request: ServerRequest, on units: inout RegisterBank.Units, _ unit: UnitID, into buffer: inout ByteBuffer
    ) -> ExceptionRefusal? {
        var done = true
        switch request {
        case .read(let read): done = write(read, from: units[unit], into: &buffer)
        case .deviceIdentification(let request):
            do {
                try identity.page(for: request).encode(into: &buffer)
            } catch {
                return error
            }
        default:
            guard acceptsWrites else { return ExceptionRefusal(.illegalFunction) }
            done = change(request, on: &units, unit, into: &buffer)
        }
        return done ? nil : ExceptionRefusal(.illegalDataAddress)
    }

    /// Answers a request that writes; false when an address does not exist, and then nothing has changed.
    private func change(
        _ request: ServerRequest, on units: inout RegisterBank.Units, _ unit: UnitID, into buffer: inout ByteBuffer
    ) -> Bool {
        var done: Bool?
        switch request {
        case .writeSingleCoil(let address, let on):
            done = units[unit]?.coils.set(CollectionOfOne(on), at: Int(address))
            echo(.writeSingleCoil, address, on ? 0xFF00 : 0, into: &buffer)
        case .writeSingleRegister(let address, let word):
            done = units[unit]?.holdings.set(CollectionOfOne(word), at: Int(address))
            echo(.writeSingleRegister, address, word, into: &buffer)
        case .writeMultipleCoils(let address, let bits):
            done = units[unit]?.coils.set(bits, at: Int(address))
            echo(.writeMultipleCoils, address, UInt16(bits.count), into: &buffer)
        case .writeMultipleRegisters(let address, let words):
            done = units[unit]?.holdings.set(words, at: Int(address))
            echo(.writeMultipleRegisters, address, UInt16(words.count), into: &buffer)
        case .maskWriteRegister(let address, let and, let or):
            guard let old = units[unit]?.holdings[Int(address)..<Int(address) + 1]?.first else { return false }
            let word = (old & and) | (or & ~and)
            done = units[unit]?.holdings.set(CollectionOfOne(word), at: Int(address))
            echo(.maskWriteRegister, address, and, into: &buffer)
            buffer.writeInteger(or)
        case .readWriteMultipleRegisters(let read, let address, let words):
            // The write comes first (6.17), but not if the read would be refused.
            guard units[unit]?.holdings.has(read.range) == true else { return false }
            done = units[unit]?.holdings.set(words, at: Int(address))
            if done == true, let values = units[unit]?.holdings[read.range] {
                ResponseEncoder.registers(values, function: .readWriteMultipleRegisters, into: &buffer)
            }
        case .read, .deviceIdentification: done = true
        }
        return done ?? false
    }

    private func write(_ read: ReadRequest, from unit: UnitRegisters?, into buffer: inout ByteBuffer) -> Bool {
        guard let unit else { return false }
        switch read.type {
        case .coil, .discrete:
            guard let bits = (read.type == .coil ? unit.coils : unit.discretes)[read.range] else { return false }
            ResponseEncoder.bits(bits, function: read.function, into: &buffer)
        case .input, .holding:
            guard let words = (read.type == .input ? unit.inputs : unit.holdings)[read.range] else { return false }
            ResponseEncoder.registers(words, function: read.function, into: &buffer)
        }
        return true
    }

    private func echo(_ function: FunctionCode, _ first: UInt16, _ second: UInt16, into buffer: inout ByteBuffer) {
        buffer.writeInteger(function.rawValue)
        buffer.writeInteger(first)
        buffer.writeInteger(second)
    }
}

extension ReadRequest {
    fileprivate var range: Range<Int> { Int(address)..<Int(address) + Int(count) }
}
