package import ConnectorModel

/// One reading that a payload holds, before its tag is known.
package struct MappedReading: Hashable, Sendable {
    /// The address below the topic, as in `topic/key`; nil for the topic itself.
    package var key: String?
    package var unit: String?
    package var value: ReadingValue
    package var type: ValueType
    /// What the payload says of itself; good when it says nothing.
    package var quality: Quality
    /// The source's own time; nil when it gave none.
    package var time: Timestamp?

    package init(
        key: String? = nil, unit: String? = nil, _ value: ReadingValue, _ type: ValueType, quality: Quality = .good,
        time: Timestamp? = nil
    ) {
        self.key = key
        self.unit = unit
        self.value = value
        self.type = type
        self.quality = quality
        self.time = time
    }
}
