import ConnectorModel
import ModbusCore

/// The keys of a Modbus source that say how its device is to be treated.
package struct ModbusSourceOptions: Hashable, Sendable {
    /// For each answer of the device; the key `timeout`.
    package var timeout: Duration
    /// How often a request is sent again after no answer or a wrong one; the key `retries`.
    package var retries: Int
    /// Requests sent to a unit and not answered yet; the key `max_in_flight`.
    package var maxInFlight: Int
    /// The most registers between two wanted ones that are read along; the key `gap`.
    package var gap: Int
    /// The most registers that the device gives at once; the key `max_registers`.
    package var maxRegisters: Int
    /// The pause between two frames of a serial framing, and between two requests on Modbus TCP; the key
    /// `frame_gap_ms`. nil follows from the baud rate, and is none on a network.
    package var frameGap: Duration?

    package static let defaultTimeout = Duration.seconds(3)
    package static let defaultRetries = 1
    package static let defaultMaxInFlight = 1

    package init(
        timeout: Duration = defaultTimeout, retries: Int = defaultRetries, maxInFlight: Int = defaultMaxInFlight,
        gap: Int = ModbusLimits.registersPerRead, maxRegisters: Int = ModbusLimits.registersPerRead,
        frameGap: Duration? = nil
    ) {
        self.timeout = timeout
        self.retries = retries
        self.maxInFlight = maxInFlight
        self.gap = gap
        self.maxRegisters = maxRegisters
        self.frameGap = frameGap
    }

    func check() throws(SettingError) {
        guard timeout >= .milliseconds(1), timeout <= .seconds(3_600) else {
            throw SettingError(key: "timeout", problem: "must be 1 ms to one hour")
        }
        try Self.check("retries", retries, in: 0...10)
        try Self.check("max_in_flight", maxInFlight, in: 1...256)
        try Self.check("gap", gap, in: 0...ModbusLimits.registersPerRead)
        try Self.check("max_registers", maxRegisters, in: 1...ModbusLimits.registersPerRead)
        if let frameGap, frameGap < .zero || frameGap > .seconds(1) {
            throw SettingError(key: "frame_gap_ms", problem: "must be 0 to 1000 ms")
        }
    }

    private static func check(
        _ key: String, _ value: Int, in range: ClosedRange<Int>
    ) throws(SettingError) {
        guard range.contains(value) else {
            throw SettingError(
                key: key, problem: "\(value) is out of range; \(range.lowerBound) to \(range.upperBound) is possible")
        }
    }
}

/// The keys of the block `serial`; nil where one was left out.
package struct ModbusSerialKeys: Hashable, Sendable {
    package var baud: Int?
    package var parity: String?
    package var stopBits: Int?
    package var dataBits: Int?
    package var rs485: Bool?

    package init(
        baud: Int? = nil, parity: String? = nil, stopBits: Int? = nil, dataBits: Int? = nil, rs485: Bool? = nil
    ) {
        self.baud = baud
        self.parity = parity
        self.stopBits = stopBits
        self.dataBits = dataBits
        self.rs485 = rs485
    }

    func settings(for endpoint: ModbusEndpoint) throws(SettingError) -> SerialSettings {
        let standard = SerialSettings.standard
        let baud = baud ?? standard.baud
        guard SerialSettings.possibleBauds.contains(baud) else {
            let possible = SerialSettings.possibleBauds.map(String.init).joined(separator: ", ")
            throw SettingError(
                key: "serial.baud", problem: "\(baud) is not possible; one of: \(possible)")
        }
        guard let parity = Self.parity(parity ?? standard.parity.rawValue) else {
            throw SettingError(
                key: "serial.parity", problem: "'\(parity ?? "")' is not possible; one of: none, even, odd")
        }
        let dataBits = dataBits ?? standard.dataBits
        guard dataBits == 8 || dataBits == 7 && endpoint.framing == .ascii else {
            throw SettingError(
                key: "serial.data_bits", problem: "must be 8; only ASCII framing may have 7")
        }
        guard
            let settings = SerialSettings(
                baud: baud, parity: parity, stopBits: stopBits ?? standard.stopBits, dataBits: dataBits,
                rs485: rs485 ?? standard.rs485)
        else { throw SettingError(key: "serial.stop_bits", problem: "must be 1 or 2") }
        return settings
    }

    /// The words, and the letters that serial settings are often written with.
    private static func parity(_ word: String) -> SerialSettings.Parity? {
        switch word.lowercased() {
        case "n": SerialSettings.Parity.none
        case "e": .even
        case "o": .odd
        default: SerialSettings.Parity(rawValue: word.lowercased())
        }
    }
}
