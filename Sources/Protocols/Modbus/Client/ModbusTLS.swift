import NIOSSL

/// Certificates of one end of Modbus/TCP Security, as files in PEM form.
public struct ModbusTLS: Hashable, Sendable {
    /// The oldest version that is spoken; the standard asks for 1.2.
    public enum Version: String, Hashable, CaseIterable, Sendable {
        case tls12 = "1.2"
        case tls13 = "1.3"
    }

    /// Certificates that may have signed the device's; nil trusts those of the system.
    public var ca: String?
    /// The client's own certificate with its chain, which most devices ask for.
    public var certificate: String?
    public var privateKey: String?
    public var minVersion: Version
    /// Whether the device's certificate and its name are checked.
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
    /// - Throws: `ModbusTLSError` that names the file at fault.
    func context() throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = minVersion == .tls13 ? .tlsv13 : .tlsv12
        configuration.certificateVerification = verify ? .fullVerification : .none
        if let ca {
            configuration.trustRoots = .certificates(
                try ModbusTLSError.reading(ca) { try NIOSSLCertificate.fromPEMFile(ca) })
        }
        if let certificate {
            configuration.certificateChain = try ModbusTLSError.reading(certificate) {
                try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) }
            }
        }
        if let privateKey {
            configuration.privateKey = .privateKey(
                try ModbusTLSError.reading(privateKey) { try NIOSSLPrivateKey(file: privateKey, format: .pem) })
        }
        return try NIOSSLContext(configuration: configuration)
    }
}

/// A file with a certificate or key that cannot be used.
public struct ModbusTLSError: Error, Sendable, CustomStringConvertible {
    public let file: String
    public let cause: any Error

    public var description: String { "the file \(file) cannot be read as PEM: \(cause)" }

    static func reading<Result>(_ file: String, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch {
            throw ModbusTLSError(file: file, cause: error)
        }
    }
}
