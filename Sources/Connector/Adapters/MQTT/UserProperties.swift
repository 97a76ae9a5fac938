import MQTTCore

/// What publishers say of a message in user properties (MQTT 5.0 section 3.3.2.3.7), as metadata of its readings.
enum UserProperties {
    /// Pairs that are taken from one message.
    static let pairsMax = 32
    /// Bytes of their names and values together.
    static let bytesMax = 4096

    /// Names that the connector gives itself get `user.` in front; of two with the same name the first counts.
    static func metadata(_ properties: Properties) -> [(key: String, value: String)] {
        var pairs: [(key: String, value: String)] = []
        var bytes = 0
        for (name, value) in properties.userProperties.prefix(pairsMax) {
            bytes += name.utf8.count + value.utf8.count
            guard bytes <= bytesMax else { break }
            let key = own.contains(name) ? "user.\(name)" : name
            if !pairs.contains(where: { $0.key == key }) { pairs.append((key, value)) }
        }
        return pairs
    }

    private static let own: Set<String> = ["address", "qos", "record_id", "retain", "unit"]
}
