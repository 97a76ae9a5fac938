import FuzzDriver

/// Throws bytes at the decoders of Sparkplug B.
@main struct SparkplugFuzzProgram {
    static func main() { FuzzDriver.main(sparkplugTargets) }
}
