package import ConnectorModel
import ModbusClient
import ModbusCore
import NIOCore
import TLSSupport

/// What a Modbus source reads, and how.
package struct ModbusSourceConfiguration: Hashable, Sendable {
    package let name: String
    /// As configured: `modbus://host:port`, `modbus+tls://…`, `modbus+rtu:///dev/ttyUSB0`, `host:port` and so on.
    package let endpoint: String
    /// 0...255; the key `unit_id`, which a register may override.
    package let unitID: Int
    /// From the beginning of one poll to the next; the key `poll_interval_ms`, which a register may override.
    package let pollInterval: Duration
    package let options: ModbusSourceOptions
    package let registers: [ModbusRegister]
    let address: ModbusEndpoint
    let serial: SerialSettings
    let tls: ClientTLS

    package static let defaultUnitID = 1
    package static let defaultPollInterval = Duration.milliseconds(1000)

    /// A checked configuration.
    ///
    /// - Throws: `SettingError`, which names the key at fault.
    package init(
        name: String, endpoint: String, unitID: Int = defaultUnitID, pollInterval: Duration = defaultPollInterval,
        options: ModbusSourceOptions = ModbusSourceOptions(), serial: ModbusSerialKeys? = nil,
        tls: TLSKeys? = nil, registers: [ModbusRegister]
    ) throws(SettingError) {
        do throws(EndpointError) {
            address = try Self.secured(try ModbusEndpoint(parsing: endpoint), tls?.enabled)
        } catch {
            throw SettingError(key: "endpoint", problem: error.reason)
        }
        guard (0...255).contains(unitID) else {
            throw SettingError(key: "unit_id", problem: "\(unitID) is out of range; 0 to 255 is possible")
        }
        try Self.check(pollInterval: pollInterval)
        try options.check()
        if serial != nil, !address.isSerialLine {
            throw SettingError(key: "serial", problem: "has no meaning for an endpoint on a network")
        }
        if tls != nil, !address.isSecure {
            throw SettingError(key: "tls", problem: "has no meaning without TLS; use modbus+tls://")
        }
        self.serial = try (serial ?? ModbusSerialKeys()).settings(for: address)
        let keys = tls ?? TLSKeys()
        self.tls = ClientTLS(
            ca: keys.ca, certificate: keys.certificate, privateKey: keys.privateKey,
            minVersion: try keys.checkedVersion(ClientTLS.Version.self), verify: keys.verify ?? true)
        self.name = name
        self.endpoint = endpoint
        self.unitID = unitID
        self.pollInterval = pollInterval
        self.options = options
        self.registers = registers
    }

    static func check(pollInterval: Duration) throws(SettingError) {
        guard pollInterval >= .milliseconds(1), pollInterval <= .seconds(86_400) else {
            throw SettingError(key: "poll_interval_ms", problem: "must be 1 ms to one day")
        }
    }

    /// The endpoint with TLS, where the key `tls.enabled` asks for it.
    private static func secured(_ endpoint: ModbusEndpoint, _ enabled: Bool?) throws(EndpointError) -> ModbusEndpoint {
        guard enabled == true, case .network(let host, let port) = endpoint.place else { return endpoint }
        return ModbusEndpoint(host: host, port: port, framing: endpoint.framing, isSecure: true)
    }

    /// How the planner weighs requests and gaps for this endpoint.
    var planner: ReadPlanner {
        let registers = options.maxRegisters
        return ReadPlanner(
            limits: .init(
                registers: registers, bits: min(16 * registers, ModbusLimits.bitsPerRead),
                gapRegisters: options.gap, gapBits: 16 * options.gap),
            cost: address.isSerialLine ? .serialLine(serial, framing: address.framing) : .network)
    }

    /// How the connection treats the device.
    ///
    /// - Parameter isLockStep: whether one request at a time goes out, whatever is configured.
    func client(isLockStep: Bool) -> ModbusClientConfiguration {
        ModbusClientConfiguration(
            maxInFlight: isLockStep ? 1 : options.maxInFlight, maxInFlightInAll: isLockStep ? 1 : nil,
            timeout: .microseconds(options.timeout.wholeMicroseconds), retries: options.retries, serial: serial,
            timing: timing, tls: tls)
    }

    private var timing: SerialTiming? {
        guard let gap = options.frameGap else { return nil }
        var timing = address.isSerialLine ? SerialTiming(serial, framing: address.framing) : .overNetwork
        timing.interFrameGap = .microseconds(gap.wholeMicroseconds)
        return timing
    }
}
