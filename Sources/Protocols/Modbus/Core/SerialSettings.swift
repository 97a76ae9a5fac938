public import NIOCore

/// How the bits travel on a serial line.
public struct SerialSettings: Hashable, Sendable {
    public enum Parity: String, Hashable, CaseIterable, Sendable {
        case none, even, odd
    }

    /// Bits per second; one of `possibleBauds`.
    public let baud: Int
    public let parity: Parity
    /// 1 or 2.
    public let stopBits: Int
    /// 7 or 8; RTU needs 8.
    public let dataBits: Int
    /// Whether the driver switches the direction of an RS-485 line.
    public let rs485: Bool

    public static let possibleBauds = [
        300, 600, 1_200, 2_400, 4_800, 9_600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 921_600,
    ]

    /// nil when a number is none of the possible.
    public init?(
        baud: Int = 9_600, parity: Parity = .none, stopBits: Int = 1, dataBits: Int = 8, rs485: Bool = false
    ) {
        guard Self.possibleBauds.contains(baud), (1...2).contains(stopBits), (7...8).contains(dataBits) else {
            return nil
        }
        self.baud = baud
        self.parity = parity
        self.stopBits = stopBits
        self.dataBits = dataBits
        self.rs485 = rs485
    }

    private init() {
        baud = 9_600
        parity = .none
        stopBits = 1
        dataBits = 8
        rs485 = false
    }

    /// 9600 baud, 8 data bits, no parity, 1 stop bit.
    public static let standard = SerialSettings()

    /// Bits of one character on the line: start, data, parity, stop.
    public var bitsPerCharacter: Int { 1 + dataBits + (parity == .none ? 0 : 1) + stopBits }

    /// How long one character takes.
    public var character: TimeAmount { .nanoseconds(Int64(bitsPerCharacter) * 1_000_000_000 / Int64(baud)) }
}

/// The pauses of a line.
public struct SerialTiming: Hashable, Sendable {
    /// Between what was received last and the next request: 3.5 characters, and 1.75 ms above 19,200 baud
    /// (Serial line V1.02, 2.5.1.1).
    public var interFrameGap: TimeAmount
    /// After so long without a byte the rest of a frame is not waited for any more. Longer than the 1.5 characters
    /// of the standard, because between the line and a program stand driver, adapter and scheduler.
    public var silence: TimeAmount

    public init(interFrameGap: TimeAmount, silence: TimeAmount) {
        self.interFrameGap = interFrameGap
        self.silence = silence
    }

    /// The pauses of a serial line.
    public init(_ settings: SerialSettings, framing: Framing) {
        let gap =
            settings.baud > 19_200
            ? TimeAmount.microseconds(1_750) : .nanoseconds(settings.character.nanoseconds * 7 / 2)
        interFrameGap = framing == .rtu ? gap : .zero
        silence = framing == .ascii ? .seconds(1) : max(.nanoseconds(gap.nanoseconds * 2), .milliseconds(30))
    }

    /// Of serial frames that a gateway carries over TCP: it keeps the pauses of its line, and the network adds its own.
    public static let overNetwork = SerialTiming(interFrameGap: .zero, silence: .milliseconds(200))
}
