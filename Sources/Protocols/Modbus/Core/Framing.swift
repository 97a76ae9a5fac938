/// How PDUs are wrapped on their way: the three frames that the standards know.
public enum Framing: String, Hashable, CaseIterable, Sendable {
    /// With the MBAP header (Messaging on TCP/IP V1.0b, 3.1): answers are paired by transaction.
    case mbap
    /// Unit, PDU and CRC (Serial line V1.02, 2.5.1), on a serial line or carried over TCP by a gateway.
    case rtu
    /// The same as hexadecimal text between `:` and CR LF, with an LRC (Serial line V1.02, 2.5.2).
    case ascii

    /// Whether frames carry no transaction, so that only one request can be under way.
    public var isSerial: Bool { self != .mbap }
}
