/// The rules for the topic of a message (MQTT 5.0 section 4.7.3).
public enum TopicName {
    /// Refuses a text that no message can be published under.
    ///
    /// - Throws: `TopicError` that names the text and the rule.
    public static func validate(_ text: String) throws(TopicError) {
        guard !text.isEmpty else { throw TopicError("a topic name must not be empty") }
        guard text.utf8.count <= Int(UInt16.max) else {
            throw TopicError("a topic name of \(text.utf8.count) bytes is too long, 65535 are allowed")
        }
        if let fault = StrictText.fault(in: text, isTopicName: true) {
            throw TopicError("the topic name \"\(text)\" \(fault.words)")
        }
    }
}
