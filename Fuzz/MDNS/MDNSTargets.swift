import FuzzKit
import MDNSCore
import NIOCore

let mdnsTargets = [
    FuzzTarget("mdns-message", seeds: messageSeeds, run: fuzzMessage),
    FuzzTarget("mdns-responder", seeds: responderSeeds, run: fuzzResponder),
]
