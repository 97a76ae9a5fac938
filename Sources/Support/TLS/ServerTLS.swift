package import NIOSSL

/// What a server shows its clients and asks of them: files in PEM form.
public struct ServerTLS: Hashable, Sendable {
    /// The server's certificate with its chain.
    public var certificate: String
    public var privateKey: String
    /// Certificates that must have signed the client's; nil asks clients for none.
    public var clientCA: String?
    public var minVersion: ClientTLS.Version

    public init(
        certificate: String, privateKey: String, clientCA: String? = nil, minVersion: ClientTLS.Version = .tls12
    ) {
        self.certificate = certificate
        self.privateKey = privateKey
        self.clientCA = clientCA
        self.minVersion = minVersion
    }

    /// Reads the files.
    ///
    /// - Throws: `TLSFileError` that names the file at fault.
    package func context() throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try PEMFile.certificates(certificate).map { .certificate($0) },
            privateKey: .privateKey(try PEMFile.key(privateKey)))
        configuration.minimumTLSVersion = minVersion.nio
        if let clientCA {
            configuration.trustRoots = .certificates(try PEMFile.certificates(clientCA))
            configuration.certificateVerification = .noHostnameVerification
        }
        return try PEMFile.context(configuration, certificate)
    }
}
