import ModbusClient

/// The keys of the block `tls`; nil where one was left out.
package struct ModbusTLSKeys: Hashable, Sendable {
    package var enabled: Bool?
    package var ca: String?
    package var certificate: String?
    package var privateKey: String?
    package var minVersion: String?
    package var verify: Bool?

    package init(
        enabled: Bool? = nil, ca: String? = nil, certificate: String? = nil, privateKey: String? = nil,
        minVersion: String? = nil, verify: Bool? = nil
    ) {
        self.enabled = enabled
        self.ca = ca
        self.certificate = certificate
        self.privateKey = privateKey
        self.minVersion = minVersion
        self.verify = verify
    }

    func settings() throws(ModbusConfigurationError) -> ModbusTLS {
        guard (certificate == nil) == (privateKey == nil) else {
            throw ModbusConfigurationError(
                key: certificate == nil ? "tls.certificate" : "tls.private_key",
                problem: "is missing; certificate and private_key go together")
        }
        let word = minVersion ?? ModbusTLS.Version.tls12.rawValue
        guard let version = ModbusTLS.Version(rawValue: word) else {
            throw ModbusConfigurationError(
                key: "tls.min_version", problem: "'\(word)' is not possible; one of: 1.2, 1.3")
        }
        return ModbusTLS(
            ca: ca, certificate: certificate, privateKey: privateKey, minVersion: version, verify: verify ?? true)
    }
}
