import FuzzDriver

/// Throws bytes at the decoders of Modbus.
@main struct ModbusFuzzProgram {
    static func main() { FuzzDriver.main(modbusTargets) }
}
