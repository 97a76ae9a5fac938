import FuzzKit
import NIOCore
import SparkplugB

let sparkplugTargets = [
    FuzzTarget("sparkplug-payload", seeds: payloadSeeds, run: fuzzPayload),
    FuzzTarget("sparkplug-host", seeds: hostSeeds, run: fuzzHost),
    FuzzTarget("sparkplug-topic", seeds: topicSeeds, run: fuzzTopic),
]
