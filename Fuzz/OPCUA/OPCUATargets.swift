import FuzzKit

let opcuaTargets = [
    FuzzTarget("opcua-frame", seeds: frameSeeds, run: fuzzFrames),
    FuzzTarget("opcua-chunk", seeds: chunkSeeds, run: fuzzChunks),
    FuzzTarget("opcua-opening", seeds: openingSeeds, run: fuzzOpening),
    FuzzTarget("opcua-message", seeds: messageSeeds, run: fuzzMessage),
    FuzzTarget("opcua-variant", seeds: variantSeeds, run: fuzzVariant),
    FuzzTarget("opcua-handshake", seeds: handshakeSeeds, run: fuzzHandshake),
]
