/// The version of the protocol that a connection speaks; the raw value is the protocol level in CONNECT.
public enum MQTTVersion: UInt8, Sendable, CaseIterable, CustomStringConvertible {
    case v311 = 4
    case v5 = 5

    public var description: String {
        switch self {
        case .v311: "3.1.1"
        case .v5: "5.0"
        }
    }
}
