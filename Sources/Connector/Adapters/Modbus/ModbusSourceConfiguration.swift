import ModbusCore

/// What a Modbus source reads, and how.
package struct ModbusSourceConfiguration: Hashable, Sendable {
    package let name: String
    /// As configured: `modbus://host:port`, `modbus+tcp://host:port` or `host:port`.
    package let endpoint: String
    /// 0...255; the key `unit_id`.
    package let unitID: Int
    /// From the beginning of one poll to the next; the key `poll_interval_ms`.
    package let pollInterval: Duration
    /// For each answer of the device; the key `timeout`.
    package let timeout: Duration
    /// Requests sent and not answered yet; the key `max_in_flight`.
    package let maxInFlight: Int
    package let registers: [ModbusRegister]
    let address: ModbusEndpoint

    package static let defaultUnitID = 1
    package static let defaultPollInterval = Duration.milliseconds(1000)
    package static let defaultTimeout = Duration.seconds(3)
    package static let defaultMaxInFlight = 1

    /// A checked configuration.
    ///
    /// - Throws: `ModbusConfigurationError`, which names the key at fault.
    package init(
        name: String, endpoint: String, unitID: Int = defaultUnitID, pollInterval: Duration = defaultPollInterval,
        timeout: Duration = defaultTimeout, maxInFlight: Int = defaultMaxInFlight, registers: [ModbusRegister]
    ) throws(ModbusConfigurationError) {
        do throws(EndpointError) {
            address = try ModbusEndpoint(parsing: endpoint)
        } catch {
            throw ModbusConfigurationError(key: "endpoint", problem: error.reason)
        }
        guard (0...255).contains(unitID) else {
            throw ModbusConfigurationError(key: "unit_id", problem: "\(unitID) is out of range; 0 to 255 is possible")
        }
        guard pollInterval >= .milliseconds(1), pollInterval <= .seconds(86_400) else {
            throw ModbusConfigurationError(key: "poll_interval_ms", problem: "must be 1 ms to one day")
        }
        guard timeout >= .milliseconds(1), timeout <= .seconds(3_600) else {
            throw ModbusConfigurationError(key: "timeout", problem: "must be 1 ms to one hour")
        }
        guard (1...256).contains(maxInFlight) else {
            throw ModbusConfigurationError(
                key: "max_in_flight", problem: "\(maxInFlight) is out of range; 1 to 256 is possible")
        }
        self.name = name
        self.endpoint = endpoint
        self.unitID = unitID
        self.pollInterval = pollInterval
        self.timeout = timeout
        self.maxInFlight = maxInFlight
        self.registers = registers
    }
}

/// A setting of a Modbus source that cannot be.
package struct ModbusConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The key at fault, as it stands in the block of the source or of the register.
    package let key: String
    /// What is wrong, as a phrase that follows the key.
    package let problem: String

    package var description: String { "\(key): \(problem)" }
}
