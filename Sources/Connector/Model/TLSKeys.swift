/// The keys of a source's block `tls`; nil where one was left out. The files are in PEM form.
package struct TLSKeys: Hashable, Sendable {
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

    /// The oldest version that is spoken, as the protocol's library knows it by `1.2` and `1.3`.
    ///
    /// - Throws: `SettingError` for another version, and for half of certificate and key.
    package func checkedVersion<Version: RawRepresentable<String>>(
        _: Version.Type
    ) throws(SettingError) -> Version {
        guard (certificate == nil) == (privateKey == nil) else {
            throw SettingError(
                key: certificate == nil ? "tls.certificate" : "tls.private_key",
                problem: "is missing; certificate and private_key go together")
        }
        let word = minVersion ?? "1.2"
        guard let version = Version(rawValue: word) else {
            throw SettingError(key: "tls.min_version", problem: "'\(word)' is not possible; one of: 1.2, 1.3")
        }
        return version
    }
}
