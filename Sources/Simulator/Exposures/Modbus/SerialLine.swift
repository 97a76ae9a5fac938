import Logging
import ModbusCore
import ModbusServer
import Synchronization

/// A serial line on which the plant is shown over Modbus RTU.
package struct SerialLine: Sendable, Equatable {
    /// The device, such as `/dev/ttyUSB0`.
    package var device: String
    let settings: SerialSettings

    /// The parities by their names in configurations.
    package static let parities = SerialSettings.Parity.allCases.map(\.rawValue)
    /// Bits per second that a line can have.
    package static let bauds = SerialSettings.possibleBauds

    /// A line with 8 data bits, as RTU needs them; nil when a setting is none of the possible.
    ///
    /// - Parameters:
    ///   - parity: one of `parities`.
    ///   - stopBits: 1 or 2.
    ///   - rs485: whether the driver switches the direction of the line.
    package init?(
        device: String, baud: Int = 9_600, parity: String = "none", stopBits: Int = 1, rs485: Bool = false
    ) {
        guard let parity = SerialSettings.Parity(rawValue: parity),
            let settings = SerialSettings(baud: baud, parity: parity, stopBits: stopBits, rs485: rs485)
        else { return nil }
        self.device = device
        self.settings = settings
    }

    /// The settings as people write them: `9600 baud, 8N1`.
    var settingsText: String {
        let parity =
            switch settings.parity {
            case .none: "N"
            case .even: "E"
            case .odd: "O"
            }
        return "\(settings.baud) baud, \(settings.dataBits)\(parity)\(settings.stopBits)"
    }
}

/// Serves a line for as long as it is told to, also when the device comes late, goes and comes back.
final class SerialLineKeeper: Sendable {
    private enum State {
        case closed
        case open
        /// The sentence says why it cannot be had.
        case waiting(String)
    }

    private let line: SerialLine
    private let pause: Duration
    private let logger: Logger
    private let state = Mutex(State.closed)

    /// - Parameter pause: how long to wait before the device is tried again.
    init(_ line: SerialLine, pause: Duration, logger: Logger) {
        self.line = line
        self.pause = pause
        self.logger = logger
    }

    /// How the line stands, as a sentence.
    var remark: String? {
        state.withLock { state in
            switch state {
            case .closed: nil
            case .open: "Modbus RTU on \(line.device) (\(line.settingsText))"
            case .waiting(let reason): "Modbus RTU waits: \(line.device): \(reason)"
            }
        }
    }

    /// Answers on the line until the task is cancelled.
    ///
    /// - Parameter tried: called when the device has been tried for the first time, with or without success.
    func serve(_ bank: RegisterBank, identity: DeviceIdentity, tried: @escaping @Sendable () -> Void) async throws {
        let server = ModbusSerialServer(
            path: line.device, settings: line.settings, bank: bank, identity: identity, acceptsWrites: false,
            logger: logger)
        defer { state.withLock { $0 = .closed } }
        while true {
            do {
                try await server.run {
                    self.state.withLock { $0 = .open }
                    tried()
                }
                wait("the line was lost; is the adapter plugged in?")
            } catch let error as CancellationError {
                throw error
            } catch {
                wait(Self.reason(error))
            }
            tried()
            try await Task.sleep(for: pause)
        }
    }

    private func wait(_ reason: String) {
        let before = state.withLock { state in
            defer { state = .waiting(reason) }
            if case .waiting(reason) = state { return true }
            return false
        }
        if !before {
            logger.warning("Modbus RTU waits", metadata: ["device": "\(line.device)", "reason": "\(reason)"])
        }
    }

    private static func reason(_ error: any Error) -> String {
        guard let error = error as? ModbusLineError else { return "\(error)" }
        return error.isInUse ? "another program has it open" : error.reason
    }
}
