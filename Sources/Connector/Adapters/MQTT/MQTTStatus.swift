import ConnectorModel

/// The status of readings from MQTT, which has none of its own: the general codes of OPC UA (Part 4, 7.39), as
/// everywhere in the connector.
enum MQTTStatus {
    static let uncertain = Status(code: 0x4000_0000, quality: .uncertain)
    static let bad = Status(code: Int32(bitPattern: 0x8000_0000), quality: .bad)
    /// A retained message is as old as its publisher left it: what it says may not hold any more.
    static let retained = Status(code: 0, quality: .uncertain)

    static func name(_ code: Int32) -> String {
        switch code {
        case 0: "Good"
        case uncertain.code: "Uncertain"
        case bad.code: "Bad"
        default: "0x" + String(UInt32(bitPattern: code), radix: 16, uppercase: true)
        }
    }

    /// The status of a value, given what its payload says, and whether it was retained or is older than it may be.
    static func status(_ quality: Quality, isOld: Bool) -> Status {
        switch quality {
        case .good: isOld ? retained : .good
        case .uncertain: uncertain
        case .bad: bad
        }
    }
}
