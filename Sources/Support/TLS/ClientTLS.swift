package import NIOSSL

/// What a client uses to make its connection secret and to know its server: files in PEM form.
public struct ClientTLS: Hashable, Sendable {
    /// The oldest version that is spoken.
    public enum Version: String, Hashable, CaseIterable, Sendable {
        case tls12 = "1.2"
        case tls13 = "1.3"
    }

    /// Certificates that may have signed the server's; nil trusts those of the system.
    public var ca: String?
    /// The client's own certificate with its chain.
    public var certificate: String?
    public var privateKey: String?
    public var minVersion: Version
    /// Whether the server's certificate and its name are checked.
    public var verify: Bool

    public init(
        ca: String? = nil, certificate: String? = nil, privateKey: String? = nil, minVersion: Version = .tls12,
        verify: Bool = true
    ) {
        self.ca = ca
        self.certificate = certificate
        self.privateKey = privateKey
        self.minVersion = minVersion
        self.verify = verify
    }

    /// Reads the files.
    ///
    /// - Throws: `TLSFileError` that names the file at fault.
    package func context() throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = minVersion.nio
        configuration.certificateVerification = verify ? .fullVerification : .none
        if let ca { configuration.trustRoots = .certificates(try PEMFile.certificates(ca)) }
        if let certificate {
            configuration.certificateChain = try PEMFile.certificates(certificate).map { .certificate($0) }
        }
        if let privateKey { configuration.privateKey = .privateKey(try PEMFile.key(privateKey)) }
        return try PEMFile.context(configuration, certificate)
    }
}

extension ClientTLS.Version {
    var nio: TLSVersion {
        switch self {
        case .tls12: .tlsv12
        case .tls13: .tlsv13
        }
    }
}
