public import Foundation
public import OPCUASecurity
import OPCUATypes

#if canImport(Glibc)
import Glibc
#endif

/// A folder of certificates (Part 12, F.1): `own/`, `trusted/`, `issuers/`, `crl/` and `rejected/`. Files are read when
/// they are asked for, so that what a person moves there counts from the next connection on.
public struct PKIFolder: Sendable {
    /// Where a certificate lies.
    public enum Store: String, CaseIterable, Sendable {
        case own, trusted, issuers, rejected
    }

    /// A certificate with its place.
    public struct Entry: Sendable {
        public var store: Store
        public var file: URL
        public var certificate: ApplicationCertificate
    }

    public let folder: URL
    /// Rejected certificates beyond this many are not kept: whoever connects could fill the disk.
    public static let maxRejected = 100
    /// Largest file that is read, in bytes.
    static let maxFileBytes = 1_048_576

    public init(path: String) { folder = URL(fileURLWithPath: path, isDirectory: true) }

    // MARK: Whom we trust

    /// Everything that is trusted now.
    /// - Throws: ``PKIError`` that names the file that cannot be read, as a list with holes would refuse or admit wrongly.
    public func trustList() throws(PKIError) -> TrustList {
        var revocations: [RevocationList] = []
        for file in files(in: folder.appendingPathComponent("crl")) {
            do throws(OPCUAError) {
                revocations.append(try RevocationList(der: try bytes(of: file)))
            } catch {
                throw PKIError("\(file.path): \(error)")
            }
        }
        return TrustList(
            trusted: try entries(.trusted).map(\.certificate), issuers: try entries(.issuers).map(\.certificate),
            revocations: revocations)
    }

    /// All certificates of a store, in the order of their file names.
    public func entries(_ store: Store) throws(PKIError) -> [Entry] {
        var entries: [Entry] = []
        for file in files(in: url(store)) where file.pathExtension != "pem" || store != .own {
            do throws(OPCUAError) {
                let certificate = try ApplicationCertificate(pemOrDER: try bytes(of: file))
                entries.append(Entry(store: store, file: file, certificate: certificate))
            } catch {
                throw PKIError("\(file.path): \(error.reason)")
            }
        }
        return entries
    }

    /// Trusts a certificate; it leaves `rejected/`.
    public func trust(_ certificate: ApplicationCertificate) throws(PKIError) {
        try write(certificate.der, to: file(certificate, in: .trusted))
        try? FileManager.default.removeItem(at: file(certificate, in: .rejected))
    }

    /// Keeps a certificate that was refused, so that a person can look at it and trust it.
    /// - Returns: whether it was new and kept.
    @discardableResult
    public func keepRejected(_ certificate: ApplicationCertificate) throws(PKIError) -> Bool {
        let file = file(certificate, in: .rejected)
        guard !FileManager.default.fileExists(atPath: file.path),
            files(in: url(.rejected)).count < Self.maxRejected
        else { return false }
        try write(certificate.der, to: file)
        return true
    }

    /// Takes trust back: the certificate moves to `rejected/`.
    public func reject(_ entry: Entry) throws(PKIError) {
        try write(entry.certificate.der, to: file(entry.certificate, in: .rejected))
        do { try FileManager.default.removeItem(at: entry.file) } catch {
            throw PKIError("cannot remove \(entry.file.path): \(error.localizedDescription)")
        }
    }

    // MARK: Our own

    private var certificateFile: URL { url(.own).appendingPathComponent("certificate.der") }
    private var keyFile: URL { url(.own).appendingPathComponent("private_key.pem") }

    /// Whether there is an own certificate.
    public var hasOwn: Bool { FileManager.default.fileExists(atPath: certificateFile.path) }

    /// The own certificate and key; nil when there is none yet.
    public func own() throws(PKIError) -> Credentials? {
        guard hasOwn else { return nil }
        return try Self.credentials(certificate: certificateFile, key: keyFile)
    }

    /// Makes an own certificate, self-signed; the key of an earlier one stays.
    /// - Parameter keyBits: of a new key.
    public func createOwn(_ request: CertificateRequest, keyBits: Int = 2048) throws(PKIError) -> Credentials {
        do {
            let earlier = try own()?.privateKey
            let key = try earlier ?? RSAPrivateKey(bits: keyBits)
            let credentials = try Credentials(request, key: key, serialNumber: NonceSource.system.make(16))
            if earlier == nil { try write(Array(key.pem.utf8), to: keyFile) }
            try write(credentials.certificate.der, to: certificateFile)
            return credentials
        } catch let error as PKIError {
            throw error
        } catch {
            throw PKIError("cannot make a certificate: \(error)")
        }
    }

    /// A certificate, which may have those of its issuers behind it in PEM, and its key.
    public static func credentials(certificate: URL, key: URL) throws(PKIError) -> Credentials {
        do throws(OPCUAError) {
            let own = try ApplicationCertificate(pemOrDER: try bytes(of: certificate))
            let keyBytes = try bytes(of: key)
            guard
                let privateKey = keyBytes.first == 0x30
                    ? try? RSAPrivateKey(der: keyBytes)
                    : try? RSAPrivateKey(pem: String(decoding: keyBytes, as: UTF8.self))
            else { throw OPCUAError(.badCertificateInvalid, "\(key.path) holds no RSA key without a password") }
            return try Credentials(certificate: own, privateKey: privateKey)
        } catch {
            throw PKIError("\(certificate.path): \(error.reason)")
        }
    }

    /// Reads one certificate.
    public static func certificate(at file: URL) throws(PKIError) -> ApplicationCertificate {
        do throws(OPCUAError) {
            return try ApplicationCertificate(pemOrDER: try bytes(of: file))
        } catch {
            throw PKIError("\(file.path): \(error.reason)")
        }
    }

    // MARK: Files

    private func url(_ store: Store) -> URL { folder.appendingPathComponent(store.rawValue, isDirectory: true) }

    private func file(_ certificate: ApplicationCertificate, in store: Store) -> URL {
        url(store).appendingPathComponent("\(certificate.thumbprintText).der")
    }

    private func files(in folder: URL) -> [URL] {
        // A folder that is not there holds nothing.
        let all = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
        let known: Set<String> = ["der", "cer", "crt", "pem", "crl"]
        return all.filter { known.contains($0.pathExtension.lowercased()) }
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
    }

    private func bytes(of file: URL) throws(OPCUAError) -> [UInt8] { try Self.bytes(of: file) }

    private static func bytes(of file: URL) throws(OPCUAError) -> [UInt8] {
        do {
            let handle = try FileHandle(forReadingFrom: file)
            defer { try? handle.close() }
            return Array(try handle.read(upToCount: maxFileBytes) ?? Data())
        } catch {
            throw OPCUAError(.badCertificateInvalid, "the file \(file.path) cannot be read")
        }
    }

    /// Writes whole or not at all; keys and certificates are for the owner only.
    private func write(_ bytes: [UInt8], to file: URL) throws(PKIError) {
        let manager = FileManager.default
        do {
            try manager.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
            let temporary = file.appendingPathExtension("new")
            try? manager.removeItem(at: temporary)
            guard
                manager.createFile(
                    atPath: temporary.path, contents: Data(bytes), attributes: [.posixPermissions: 0o600])
            else { throw CocoaError(.fileWriteUnknown) }
            guard rename(temporary.path, file.path) == 0 else { throw CocoaError(.fileWriteUnknown) }
        } catch {
            throw PKIError("cannot write \(file.path): \(error.localizedDescription)")
        }
    }
}

/// What is wrong with a folder of certificates.
public struct PKIError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
