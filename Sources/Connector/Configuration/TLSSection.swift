import ConnectorModel
import YAMLSupport

extension TLSKeys {
    /// Reads the block `tls`.
    init(_ section: consuming Section) {
        self.init(
            enabled: section.optionalBoolean("enabled", about: "without it the endpoint tells"),
            ca: section.string("ca", about: "PEM file of authorities that are trusted instead of the system's"),
            certificate: section.string("certificate", about: "PEM file by which this side is known"),
            privateKey: section.string("private_key", about: "PEM file that belongs to the certificate"),
            minVersion: section.word(
                "min_version", of: ["1.2", "1.3"], default: "1.2", about: "oldest that is spoken"),
            verify: section.boolean("verify", default: true, about: "false takes any certificate"))
        section.finish()
    }

    /// Takes the names that files in use have for the keys of the block `tls`; to be called before it is read.
    ///
    /// - Parameter section: the source that has the block.
    static func acceptOtherNames(_ section: inout Section) {
        section.accept("use_tls", "mqtt.use_tls", "mqtt.tls.enabled", for: "tls.enabled")
        section.accept(
            "mqtt.tls.ca", "tls.ca_cert_path", "mqtt.tls.ca_cert_path", "security.ca_cert_path", "ca_cert_path",
            for: "tls.ca")
        section.accept(
            "mqtt.tls.certificate", "tls.client_cert_path", "mqtt.tls.client_cert_path", "security.client_cert_path",
            "security.certificate_path", "client_cert_path", "certificate_path", for: "tls.certificate")
        section.accept(
            "mqtt.tls.private_key", "tls.client_key_path", "mqtt.tls.client_key_path", "security.client_key_path",
            "security.private_key_path", "client_key_path", "private_key_path", for: "tls.private_key")
        section.accept("mqtt.tls.min_version", for: "tls.min_version")
        section.accept("mqtt.tls.verify", for: "tls.verify")
    }
}
