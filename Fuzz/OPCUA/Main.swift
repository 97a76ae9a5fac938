import FuzzDriver

/// Throws bytes at the decoders of OPC UA.
@main struct OPCUAFuzz {
    static func main() { FuzzDriver.main(opcuaTargets) }
}
