import Glibc
public import ModbusCore
public import NIOCore
import NIOPosix

/// Opens serial lines. A line has one owner: opening it a second time is refused while the first has it.
public enum SerialPort {
    /// Makes a channel of bytes from a serial line, set up as told; closing the channel gives the line up.
    ///
    /// - Throws: `SerialPortError`.
    public static func channel<Output: Sendable>(
        _ path: String, _ settings: SerialSettings, group: any EventLoopGroup,
        initializer: @escaping @Sendable (any Channel) -> EventLoopFuture<Output>
    ) async throws -> Output {
        let input = try open(path, settings)
        // NIO closes each end of a pipe for itself, so it gets two descriptors.
        let output = dup(input)
        guard output >= 0 else {
            let error = SerialPortError(path, errno)
            close(input)
            throw error
        }
        do {
            return try await NIOPipeBootstrap(group: group)
                .takingOwnershipOfDescriptors(input: input, output: output, channelInitializer: initializer)
        } catch {
            close(input)
            close(output)
            throw error
        }
    }

    /// The descriptor of the line, set up, locked and emptied of what had come in before.
    ///
    /// - Parameter control: the system's `ioctl`, which a test replaces where the line cannot be RS-485.
    static func open(
        _ path: String, _ settings: SerialSettings,
        control: (CInt, UInt, UnsafeMutableRawPointer) -> CInt = { ioctl($0, $1, $2) }
    ) throws(SerialPortError) -> CInt {
        let descriptor = Glibc.open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw SerialPortError(path, errno) }
        do throws(SerialPortError) {
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { throw SerialPortError(path, errno) }
            try configure(descriptor, path, settings)
            if settings.rs485 { try switchDirection(descriptor, path, control) }
            tcflush(descriptor, TCIOFLUSH)
            return descriptor
        } catch {
            close(descriptor)
            throw error
        }
    }

    private static func configure(
        _ descriptor: CInt, _ path: String, _ settings: SerialSettings
    ) throws(SerialPortError) {
        var line = termios()
        guard tcgetattr(descriptor, &line) == 0 else { throw SerialPortError(path, errno) }
        cfmakeraw(&line)
        line.c_cflag |= tcflag_t(CLOCAL | CREAD)
        line.c_cflag &= ~tcflag_t(CSIZE | CSTOPB | PARENB | PARODD)
        line.c_cflag |= tcflag_t(settings.dataBits == 7 ? CS7 : CS8)
        if settings.stopBits == 2 { line.c_cflag |= tcflag_t(CSTOPB) }
        switch settings.parity {
        case .none: break
        case .even: line.c_cflag |= tcflag_t(PARENB)
        case .odd: line.c_cflag |= tcflag_t(PARENB | PARODD)
        }
        // A byte with wrong parity is taken as it came: the frame's checksum tells.
        line.c_iflag &= ~tcflag_t(INPCK | ISTRIP)
        guard let speed = speeds[settings.baud], cfsetspeed(&line, speed) == 0,
            tcsetattr(descriptor, TCSANOW, &line) == 0
        else { throw SerialPortError(path, errno) }
    }

    private static let speeds: [Int: speed_t] = [
        300: speed_t(B300), 600: speed_t(B600), 1_200: speed_t(B1200), 2_400: speed_t(B2400), 4_800: speed_t(B4800),
        9_600: speed_t(B9600), 19_200: speed_t(B19200), 38_400: speed_t(B38400), 57_600: speed_t(B57600),
        115_200: speed_t(B115200), 230_400: speed_t(B230400), 460_800: speed_t(B460800), 921_600: speed_t(B921600),
    ]

    /// Has the driver hold the line while it sends and leave it while it does not (linux/serial.h).
    private static func switchDirection(
        _ descriptor: CInt, _ path: String, _ control: (CInt, UInt, UnsafeMutableRawPointer) -> CInt
    ) throws(SerialPortError) {
        // struct serial_rs485: flags, delay before, delay after, padding; 32 bytes. Flags: enabled, RTS on send.
        var setting: (UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32) = (0b11, 0, 0, 0, 0, 0, 0, 0)
        let setRS485: UInt = 0x542F
        let result = withUnsafeMutablePointer(to: &setting) {
            control(descriptor, setRS485, UnsafeMutableRawPointer($0))
        }
        guard result == 0 else { throw SerialPortError(path, errno, rs485: true) }
    }
}

/// Why a serial line cannot be had.
public struct SerialPortError: Error, Hashable, Sendable, CustomStringConvertible {
    public let path: String
    /// The system's number of the error.
    public let code: CInt
    /// Whether the line itself can be had, only not as RS-485.
    public let isAboutRS485: Bool

    init(_ path: String, _ code: CInt, rs485: Bool = false) {
        self.path = path
        self.code = code
        isAboutRS485 = rs485
    }

    /// Whether somebody else has the line.
    public var isInUse: Bool { !isAboutRS485 && (code == EWOULDBLOCK || code == EBUSY) }

    /// What is wrong and what to do, as a phrase that follows the name of the line.
    public var reason: String {
        if isAboutRS485 {
            return "its driver cannot switch the direction of RS-485; set serial.rs485 to false if the adapter does so"
        }
        return switch code {
        case ENOENT, ENXIO, ENODEV: "there is no such line; is the adapter plugged in?"
        case EACCES, EPERM: "no permission; add the user to the group dialout"
        case EWOULDBLOCK, EBUSY:
            "it is in use; one source owns a line, so list all its units in that source with unit_id per register"
        case ENOTTY, EINVAL: "it is no serial line, or cannot be set to this baud rate"
        default: String(cString: strerror(code))
        }
    }

    public var description: String { "\(path): \(reason)" }
}
