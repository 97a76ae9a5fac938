import NIOSSL

/// A file with a certificate or key that cannot be used.
public struct TLSFileError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}

/// Reads PEM files, and says which one cannot be used.
enum PEMFile {
    static func certificates(_ file: String) throws(TLSFileError) -> [NIOSSLCertificate] {
        let read = try? NIOSSLCertificate.fromPEMFile(file)
        guard let read, !read.isEmpty else {
            throw TLSFileError("the file \(file) cannot be read as certificates in PEM form")
        }
        return read
    }

    static func key(_ file: String) throws(TLSFileError) -> NIOSSLPrivateKey {
        guard let key = try? NIOSSLPrivateKey(file: file, format: .pem) else {
            throw TLSFileError("the file \(file) cannot be read as a private key in PEM form without a password")
        }
        return key
    }

    static func context(_ configuration: TLSConfiguration, _ certificate: String?) throws(TLSFileError) -> NIOSSLContext
    {
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw TLSFileError(
                "the certificate \(certificate ?? "") and its private key cannot be used together: \(error)")
        }
    }
}
