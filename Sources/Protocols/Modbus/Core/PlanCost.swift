import NIOCore

/// What reading costs, in the time that one byte takes on the way: the measure by which plans are compared.
public struct PlanCost: Hashable, Sendable {
    /// A request with its round trip, whatever it reads.
    public var request: Int
    /// One byte of data.
    public var byte: Int
    /// One register, or eight bits, that nobody wants and that is read only because it lies between two that are
    /// wanted; beside the bytes that it takes.
    public var gapWord: Int

    public init(request: Int = 64, byte: Int = 1, gapWord: Int = 0) {
        self.request = max(request, 0)
        self.byte = max(byte, 0)
        self.gapWord = max(gapWord, 0)
    }

    /// A device on a network: a round trip outweighs many bytes, whose cost is the device's work on them.
    public static let network = PlanCost(request: 64, byte: 1)

    /// A serial line: 8 bytes ask, 5 stand around the answer's data, 3.5 are pause after each, and a device takes some
    /// milliseconds to answer (a common value is 5).
    public static func serialLine(_ settings: SerialSettings, framing: Framing) -> PlanCost {
        let turnaround = Int(5_000_000 / max(settings.character.nanoseconds, 1))
        return framing == .ascii
            ? PlanCost(request: 2 * 13 + 6 + turnaround, byte: 2) : PlanCost(request: 13 + 7 + turnaround, byte: 1)
    }

    /// The cost of reading so many registers or bits at once, some of which nobody wants.
    public func of(_ type: RegisterType, count: Int, gaps: Int = 0) -> Int {
        type.isBit
            ? request + byte * ((count + 7) / 8) + gapWord * (gaps / 8)
            : request + byte * 2 * count + gapWord * gaps
    }
}
