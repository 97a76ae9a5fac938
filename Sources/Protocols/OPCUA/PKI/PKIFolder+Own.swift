public import Foundation
public import OPCUASecurity
public import OPCUATypes

extension PKIFolder {
    /// What became of the own certificate when it was asked for.
    public enum OwnOutcome: Hashable, Sendable {
        /// It was there and holds for long.
        case kept
        /// There was none.
        case made
        /// It was about to end, or had ended; days that it had left.
        case renewed(daysLeft: Int)
    }

    var ownCertificate: URL { url(.own).appendingPathComponent("certificate.der") }
    private var ownKey: URL { url(.own).appendingPathComponent("private_key.pem") }

    /// Whether there is an own certificate.
    public var hasOwn: Bool { FileManager.default.fileExists(atPath: ownCertificate.path) }

    /// The own certificate and key, with the issuers that are known; nil when there is none yet.
    public func own() throws(PKIError) -> Credentials? {
        guard hasOwn else { return nil }
        return try credentials(certificate: ownCertificate, key: ownKey)
    }

    /// The own certificate, made when there is none, and made anew with the same key, names and ApplicationUri when it is
    /// self-signed and about to end.
    /// - Parameters:
    ///   - request: for the first one.
    ///   - renewBeforeDays: days before its end at which it is made anew.
    public func own(
        or request: CertificateRequest, renewBeforeDays: Int, now: DateTime
    ) throws(PKIError) -> (credentials: Credentials, outcome: OwnOutcome) {
        // Several sources begin at the same time; one of them makes it.
        try PKIFile.alone(in: url(.own)) { () throws(PKIError) in
            guard let own = try own() else { return (try make(request, keyBits: 2048), .made) }
            let left = own.certificate.daysLeft(at: now)
            guard left < renewBeforeDays, own.certificate.isSelfIssued else { return (own, .kept) }
            var renewal = request
            renewal.applicationURI = own.certificate.applicationURI ?? request.applicationURI
            if !own.certificate.hostNames.isEmpty { renewal.hosts = own.certificate.hostNames }
            return (try make(renewal, keyBits: 2048), .renewed(daysLeft: left))
        }
    }

    /// Makes an own certificate, self-signed; the key of an earlier one stays unless another size is asked for.
    /// - Parameter keyBits: of the key; nil keeps an earlier one, or makes one of 2048.
    public func createOwn(_ request: CertificateRequest, keyBits: Int? = nil) throws(PKIError) -> Credentials {
        try PKIFile.alone(in: url(.own)) { () throws(PKIError) in try make(request, keyBits: keyBits) }
    }

    private func make(_ request: CertificateRequest, keyBits: Int?) throws(PKIError) -> Credentials {
        let earlier = try own()?.privateKey
        let isKept = earlier.map { keyBits == nil || keyBits == $0.bits } ?? false
        let key: RSAPrivateKey
        let credentials: Credentials
        do {
            key = try isKept ? earlier ?? RSAPrivateKey(bits: 2048) : RSAPrivateKey(bits: keyBits ?? 2048)
            credentials = try Credentials(request, key: key, serialNumber: NonceSource.system.make(16))
        } catch {
            throw PKIError("cannot make a certificate: \(error)")
        }
        if !isKept {
            // Without its certificate first: a crash in between must not leave a pair that does not fit.
            try? FileManager.default.removeItem(at: ownCertificate)
            try PKIFile.write(Array(key.pem.utf8), to: ownKey)
        }
        try PKIFile.write(credentials.certificate.der, to: ownCertificate)
        return credentials
    }

    /// A certificate of ours and its key, from files anywhere.
    /// - Parameter certificate: PEM or DER; those of its issuers may stand behind it. Others that are known are added.
    /// - Throws: ``PKIError`` that names the file and what is wrong with it.
    public func credentials(certificate: URL, key: URL) throws(PKIError) -> Credentials {
        let chain = try PKIFile.read(certificate, ApplicationCertificate.chain(pemOrDER:))
        let privateKey = try Self.privateKey(at: key)
        var fitting: Credentials?
        var mismatch = ""
        for leaf in chain where fitting == nil {
            do throws(OPCUAError) {
                fitting = try Credentials(
                    certificate: leaf, issuers: chain.filter { $0 != leaf }, privateKey: privateKey)
            } catch {
                mismatch = mismatch.isEmpty ? error.reason : mismatch
            }
        }
        guard let fitting else {
            throw PKIError("\(certificate.path): \(mismatch); give the key with which it was made, not \(key.path)")
        }
        let issuers = readableEntries(.issuers).entries + readableEntries(.trusted).entries
        return fitting.completed(with: issuers.map(\.certificate))
    }

    private static func privateKey(at file: URL) throws(PKIError) -> RSAPrivateKey {
        let bytes = try PKIFile.bytes(of: file)
        let text = String(decoding: bytes, as: UTF8.self)
        if let key = bytes.first == 0x30 ? try? RSAPrivateKey(der: bytes) : try? RSAPrivateKey(pem: text) { return key }
        throw PKIError(
            text.contains("ENCRYPTED")
                ? "\(file.path) is protected by a password; take it off: openssl pkey -in \(file.path) -out key.pem"
                : "\(file.path) holds no RSA key; PKCS #8 or PKCS #1, in PEM or DER, is read")
    }

    /// Reads one certificate.
    public static func certificate(at file: URL) throws(PKIError) -> ApplicationCertificate {
        try PKIFile.read(file, ApplicationCertificate.init(pemOrDER:))
    }

    /// Whether others than its owner may read a private key.
    public static func isOpenToOthers(_ key: URL) -> Bool { PKIFile.isOpenToOthers(key) }
}

extension ApplicationCertificate {
    /// Whole days until it ends; negative once it has.
    public func daysLeft(at now: DateTime) -> Int {
        let microseconds = notAfter.utcMicroseconds - now.utcMicroseconds
        let day: Int64 = 86_400_000_000
        return Int((microseconds >= 0 ? microseconds : microseconds - day + 1) / day)
    }
}
