/// One observation of a tag.
package struct Reading: Hashable, Sendable {
    package var value: ReadingValue
    package var type: ValueType
    package var status: Status
    /// The source's own time; nil when it gave none, and the time of receipt stands in.
    package var sourceTime: Timestamp?

    @inlinable
    package init(_ value: ReadingValue, _ type: ValueType, status: Status = .good, at sourceTime: Timestamp? = nil) {
        self.value = value
        self.type = type
        self.status = status
        self.sourceTime = sourceTime
    }
}
