import FuzzKit
import NIOCore
import SparkplugB

@Sendable func topicSeeds() -> [[UInt8]] {
    [
        "spBv1.0/g/NBIRTH/n", "spBv1.0/g/DDATA/n/d", "spBv1.0/STATE/h", "STATE/h", "ONLINE", "OFFLINE",
        "{\"online\":true,\"timestamp\":1700000000000}", "{ \"timestamp\" : 5 , \"online\" : false , \"x\" : \"y\" }",
    ].map { Array($0.utf8) }
}

/// A topic that is understood is written as it came; a state that is understood is read again.
@Sendable func fuzzTopic(_ input: ByteBuffer) {
    let text = String(buffer: input)
    if let topic = SparkplugTopic(text) { demand(topic.text == text, "\(topic)") }
    if let state = input.withUnsafeReadableBytes({ HostState($0) }) {
        let again = ByteBuffer(string: state.text).withUnsafeReadableBytes { HostState($0) }
        demand(again?.isOnline == state.isOnline)
    }
}
