import ConnectorModel
import YAMLSupport

extension TLSKeys {
    /// Reads the block `tls`.
    init(_ section: consuming Section) {
        self.init(
            enabled: section.has("enabled") ? section.boolean("enabled", default: true) : nil,
            ca: section.string("ca"), certificate: section.string("certificate"),
            privateKey: section.string("private_key"), minVersion: section.string("min_version"),
            verify: section.has("verify") ? section.boolean("verify", default: true) : nil)
        section.finish()
    }
}
