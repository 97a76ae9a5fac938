import MQTTCore
import NIOCore
import SimulatorPlant

/// The messages of the whole plant, with all that does not change made once.
enum PlantMessages: Sendable {
    case json([MQTTPayload], topics: [ByteBuffer])
    case kepware([KepwarePayload], topics: [ByteBuffer])

    static func json(_ sensors: [Sensor]) -> PlantMessages {
        let payloads = sensors.map(MQTTPayload.init)
        return .json(payloads, topics: buffers(payloads.lazy.map(\.valueTopic)))
    }

    static func kepware(_ sensors: [Sensor]) -> PlantMessages {
        let payloads = KepwarePayload.all(sensors)
        return .kepware(payloads, topics: buffers(payloads.lazy.map(\.topic)))
    }

    /// Texts as slices of a few large buffers, each made at once: a slice of its own would copy a buffer that grows on.
    private static func buffers(_ texts: some Sequence<String>) -> [ByteBuffer] {
        var buffers: [ByteBuffer] = []
        var bytes: [UInt8] = []
        var lengths: [Int] = []
        func take() {
            var buffer = ByteBuffer(bytes: bytes)
            buffers += lengths.compactMap { buffer.readSlice(length: $0) }
            bytes.removeAll(keepingCapacity: true)
            lengths.removeAll(keepingCapacity: true)
        }
        for text in texts {
            bytes += text.utf8
            lengths.append(text.utf8.count)
            if bytes.count >= 1 << 20 { take() }
        }
        take()
        return buffers
    }

    /// What is published once and retained, of a batch.
    func retained(_ range: Range<Int>) -> [Publish] {
        switch self {
        case .json(let payloads, _):
            payloads[range].map { payload in
                Publish(
                    topic: payload.metadataTopic, payload: ByteBuffer(bytes: payload.metadata), qos: .atLeastOnce,
                    retain: true)
            }
        case .kepware: []
        }
    }

    /// The numbers of the messages in batches; a batch shares one allocation, and its size keeps it within what a slice
    /// of a buffer can address.
    var batches: [Range<Int>] {
        let (count, size) =
            switch self {
            case .json(let payloads, _): (payloads.count, 20_000)
            case .kepware(let payloads, _): (payloads.count, 1_000)
            }
        return stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
    }

    /// The messages of a batch at a tick, at QoS 1: a subscriber gets what it asked for, up to that.
    func messages(_ range: Range<Int>, at tick: Tick) -> [Publish] {
        var bytes: [UInt8] = []
        var ends: [Int] = []
        bytes.reserveCapacity(range.count * 100)
        ends.reserveCapacity(range.count)
        let topics: [ByteBuffer]
        switch self {
        case .json(let payloads, let all):
            topics = all
            for index in range {
                payloads[index].appendValue(
                    tick.values[index], quality: tick.qualities[index], timestamp: tick.timestamp, to: &bytes)
                ends.append(bytes.count)
            }
        case .kepware(let payloads, let all):
            topics = all
            for index in range {
                payloads[index].append(tick, to: &bytes)
                ends.append(bytes.count)
            }
        }
        var buffer = ByteBuffer(bytes: bytes)
        var messages: [Publish] = []
        messages.reserveCapacity(range.count)
        var start = 0
        for (index, end) in zip(range, ends) {
            guard let payload = buffer.readSlice(length: end - start) else { break }
            start = end
            messages.append(Publish(topic: topics[index], payload: payload, qos: .atLeastOnce))
        }
        return messages
    }
}
