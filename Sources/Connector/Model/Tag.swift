import Crypto

/// A tag of one source, resolved once: its number in the source's intake.
package struct TagID: Hashable, Sendable {
    package let index: Int

    @usableFromInline
    package init(index: Int) {
        self.index = index
    }
}

/// All of a tag's record that does not change from reading to reading.
package struct TagDefinition: Hashable, Sendable {
    /// The column `topic_or_path`: OPC UA browse path, MQTT topic, Modbus `unit/type/address`.
    package var address: String
    /// What the pages call it.
    package var name: String
    package var unit: String?
    /// Further metadata of every reading of this tag.
    package var metadata: [String: String]

    package init(address: String, name: String? = nil, unit: String? = nil, metadata: [String: String] = [:]) {
        self.address = address
        self.name = name ?? address
        self.unit = unit
        self.metadata = metadata
    }

    /// The tag's stable identity: 16 hex digits of SHA-256 over `protocol:source:address`.
    package func tagIdentity(in source: SourceIdentity) -> String {
        let text = "\(source.protocolType):\(source.name):\(address)"
        let digits = Array("0123456789abcdef".utf8)
        var identity: [UInt8] = []
        identity.reserveCapacity(16)
        for byte in SHA256.hash(data: Array(text.utf8)).prefix(8) {
            identity.append(digits[Int(byte >> 4)])
            identity.append(digits[Int(byte & 15)])
        }
        return String(decoding: identity, as: UTF8.self)
    }
}
