public import MQTTCore
import NIOCore

extension MQTTConnection {
    /// Publishes messages without waiting for anything: nobody learns what became of them.
    ///
    /// They leave before a DISCONNECT that is asked for afterwards. For what matters use `publish`.
    public func post(_ messages: [Publish]) {
        let promise = eventLoop.makePromise(of: [ReasonCode].self)
        eventLoop.execute { [handler] in handler.value.publish(messages, promise) }
    }
}
