/// Why a text is no topic name or no topic filter (MQTT 5.0 section 4.7).
public struct TopicError: Error, Equatable, Sendable, CustomStringConvertible {
    public var description: String

    init(_ description: String) { self.description = description }
}
