import SimulatorExposures
import YAMLSupport

/// The block `mdns` of the simulator's configuration.
extension AnnouncingSettings {
    /// Reads every key of the block.
    static func read(_ mdns: consuming Section) -> AnnouncingSettings {
        let settings = AnnouncingSettings(
            isEnabled: mdns.optionalBoolean("enabled"), name: mdns.string("name"),
            interfaces: mdns.strings("interfaces"))
        if let name = settings.name, name.isEmpty || name.utf8.count > nameBytesMax {
            mdns.report("has 1 to \(nameBytesMax) bytes", at: "name")
        }
        mdns.finish()
        return settings
    }
}
