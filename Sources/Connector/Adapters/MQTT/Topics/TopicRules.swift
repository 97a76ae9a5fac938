package import MQTTCore
import NIOCore

/// What is done with the messages under a topic filter.
package struct TopicRule: Hashable, Sendable {
    package var filter: TopicFilter
    package var payload: PayloadOptions
    package var template: TopicTemplate?

    package init(
        filter: TopicFilter, payload: PayloadOptions = PayloadOptions(), template: TopicTemplate? = nil
    ) {
        self.filter = filter
        self.payload = payload
        self.template = template
    }
}

/// The rules of a source, in the order of its configuration: the first whose filter means a topic holds for it.
package struct TopicRules: Sendable {
    private let rules: [TopicRule]

    package init(_ rules: [TopicRule] = []) { self.rules = rules }

    /// Nil for a topic that no filter means, which a broker should not send.
    func rule(for topic: ByteBuffer) -> TopicRule? { rules.first { $0.filter.matches(topic) } }
}
