import FuzzDriver

/// Throws bytes at the decoder and the responder of multicast DNS.
@main struct MDNSFuzzProgram {
    static func main() { FuzzDriver.main(mdnsTargets) }
}
