import FuzzDriver

/// Throws bytes at the decoders of MQTT.
@main struct MQTTFuzzProgram {
    static func main() { FuzzDriver.main(mqttTargets) }
}
