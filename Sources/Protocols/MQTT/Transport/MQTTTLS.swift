package import NIOSSL

/// What a client uses to make its connection secret and to know its broker: files in PEM form.
public struct MQTTTLS: Hashable, Sendable {
    /// The oldest version that is spoken.
    public enum Version: String, Hashable, CaseIterable, Sendable {
        case tls12 = "1.2"
        case tls13 = "1.3"
    }

    /// Certificates that may have signed the broker's; nil trusts those of the system.
    public var ca: String?
    /// The client's own certificate with its chain.
    public var certificate: String?
    public var privateKey: String?
    public var minVersion: Version
    /// Whether the broker's certificate and its name are checked.
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
    /// - Throws: `MQTTTLSError` that names the file at fault.
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

/// What a broker shows its clients and asks of them: files in PEM form.
public struct MQTTServerTLS: Hashable, Sendable {
    /// The broker's certificate with its chain.
    public var certificate: String
    public var privateKey: String
    /// Certificates that must have signed the client's; nil asks clients for none.
    public var clientCA: String?
    public var minVersion: MQTTTLS.Version

    public init(
        certificate: String, privateKey: String, clientCA: String? = nil, minVersion: MQTTTLS.Version = .tls12
    ) {
        self.certificate = certificate
        self.privateKey = privateKey
        self.clientCA = clientCA
        self.minVersion = minVersion
    }

    /// Reads the files.
    ///
    /// - Throws: `MQTTTLSError` that names the file at fault.
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

/// A file with a certificate or key that cannot be used.
public struct MQTTTLSError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}

extension MQTTTLS.Version {
    fileprivate var nio: TLSVersion {
        switch self {
        case .tls12: .tlsv12
        case .tls13: .tlsv13
        }
    }
}

private enum PEMFile {
    static func certificates(_ file: String) throws(MQTTTLSError) -> [NIOSSLCertificate] {
        let read = try? NIOSSLCertificate.fromPEMFile(file)
        guard let read, !read.isEmpty else {
            throw MQTTTLSError("the file \(file) cannot be read as certificates in PEM form")
        }
        return read
    }

    static func key(_ file: String) throws(MQTTTLSError) -> NIOSSLPrivateKey {
        guard let key = try? NIOSSLPrivateKey(file: file, format: .pem) else {
            throw MQTTTLSError("the file \(file) cannot be read as a private key in PEM form without a password")
        }
        return key
    }

    static func context(_ configuration: TLSConfiguration, _ certificate: String?) throws(MQTTTLSError) -> NIOSSLContext
    {
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw MQTTTLSError(
                "the certificate \(certificate ?? "") and its private key cannot be used together: \(error)")
        }
    }
}
