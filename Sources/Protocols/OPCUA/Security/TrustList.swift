public import OPCUATypes
import X509

/// A list of certificates that an authority has taken back.
public struct RevocationList: Hashable, Sendable {
    public let der: [UInt8]
    let form: RevocationForm

    /// - Throws: BadCertificateInvalid for bytes that are no revocation list.
    public init(der: [UInt8]) throws(OPCUAError) {
        do { form = try RevocationForm(der) } catch {
            throw OPCUAError(.badCertificateInvalid, "these bytes are no revocation list")
        }
        self.der = der
    }

    func isSigned(by issuer: ApplicationCertificate) -> Bool {
        guard form.issuer == issuer.form.subject, let hash = form.signatureHash,
            let key = try? RSAPublicKey(spki: issuer.form.publicKey)
        else { return false }
        return key.isValid(form.signature, of: form.toBeSigned, certificateHash: hash)
    }
}

/// Whom an application trusts (Part 12, 7.8.2): a value, read from a PKI folder or made by hand.
public struct TrustList: Hashable, Sendable {
    /// Applications, or authorities all of whose certificates are trusted.
    public var trusted: [ApplicationCertificate]
    /// Authorities that complete a chain without being trusted themselves.
    public var issuers: [ApplicationCertificate]
    public var revocations: [RevocationList]
    /// No certificate is checked. For tests, and for closed networks that say so.
    public var acceptsAll: Bool

    public init(
        trusted: [ApplicationCertificate] = [], issuers: [ApplicationCertificate] = [],
        revocations: [RevocationList] = [], acceptsAll: Bool = false
    ) {
        self.trusted = trusted
        self.issuers = issuers
        self.revocations = revocations
        self.acceptsAll = acceptsAll
    }
}

/// What is expected of a certificate besides that it is trusted.
public struct CertificateExpectation: Hashable, Sendable {
    /// Whose certificate it is, for sentences: `the server's certificate`.
    public var owner: String
    public var policy: SecurityPolicy
    /// What the application calls itself; nil when it did not say yet.
    public var applicationURI: String?
    /// Name or address under which the application was reached; nil where it does not matter.
    public var host: String?
    /// Application certificates must be fit for signing and for keys; those of users need not.
    public var isApplication: Bool

    public init(
        owner: String, policy: SecurityPolicy, applicationURI: String? = nil, host: String? = nil,
        isApplication: Bool = true
    ) {
        self.owner = owner
        self.policy = policy
        self.applicationURI = applicationURI
        self.host = host
        self.isApplication = isApplication
    }
}

extension TrustList {
    /// Checks a certificate in the order of Part 4, 6.1.3, table 106.
    /// - Parameters:
    ///   - chain: the certificate, then those that came with it.
    ///   - now: for validity.
    /// - Throws: an error whose status is the standard's and whose sentence says what to do.
    public func check(
        _ chain: [ApplicationCertificate], _ expected: CertificateExpectation, now: DateTime
    ) throws(OPCUAError) {
        guard let leaf = chain.first else {
            throw OPCUAError(.badCertificateInvalid, "\(expected.owner) is missing")
        }
        _ = try leaf.publicKey(for: expected.policy)
        if acceptsAll { return }
        let path = try path(from: leaf, sent: chain, expected)
        guard path.contains(where: trusted.contains) else {
            throw OPCUAError(
                .badCertificateUntrusted,
                "\(expected.owner) \(leaf.subject) is not trusted; compare its thumbprint \(leaf.thumbprintText), "
                    + "then trust it with: penstock certificates trust \(leaf.thumbprintText)")
        }
        if leaf.form.signatureHash == .sha1, !expected.policy.isDeprecated, expected.policy != .none {
            throw OPCUAError(
                .badCertificatePolicyCheckFailed,
                "\(expected.owner) \(leaf.subject) is signed with SHA-1, which \(expected.policy.name) does not admit; "
                    + "renew it with SHA-256")
        }
        for (index, certificate) in path.enumerated() {
            try checkValidity(certificate, isLeaf: index == 0, expected, now)
        }
        try checkNames(leaf, expected)
        try checkUse(path, expected)
        try checkRevocation(path, expected, now)
    }

    /// The certificate and its issuers up to a self-signed one.
    private func path(
        from leaf: ApplicationCertificate, sent: [ApplicationCertificate], _ expected: CertificateExpectation
    ) throws(OPCUAError) -> [ApplicationCertificate] {
        var path = [leaf]
        let known = trusted + issuers + sent.dropFirst()
        while let last = path.last, !last.isSelfIssued, path.count < 8 {
            guard let issuer = known.first(where: { last.isSigned(by: $0) && !path.contains($0) }) else {
                // One trusted by itself needs no issuer.
                if trusted.contains(leaf) { return path }
                throw OPCUAError(
                    .badCertificateChainIncomplete,
                    "the issuer \(last.issuer) of \(expected.owner) is not known; put its certificate into issuers/, "
                        + "or trust \(leaf.thumbprintText) itself")
            }
            path.append(issuer)
        }
        if let last = path.last, last.isSelfIssued, !last.isSigned(by: last) {
            throw OPCUAError(.badCertificateInvalid, "the signature of \(expected.owner) \(last.subject) is wrong")
        }
        return path
    }

    private func checkValidity(
        _ certificate: ApplicationCertificate, isLeaf: Bool, _ expected: CertificateExpectation, _ now: DateTime
    ) throws(OPCUAError) {
        let status: StatusCode = isLeaf ? .badCertificateTimeInvalid : .badCertificateIssuerTimeInvalid
        let what = isLeaf ? "\(expected.owner) \(certificate.subject)" : "the issuer \(certificate.subject)"
        guard now <= certificate.notAfter else {
            throw OPCUAError(status, "\(what) expired on \(certificate.notAfter.dateText); renew it")
        }
        guard now >= certificate.notBefore else {
            throw OPCUAError(
                status, "\(what) is valid only from \(certificate.notBefore.dateText) on; check the clocks")
        }
    }

    private func checkNames(
        _ leaf: ApplicationCertificate, _ expected: CertificateExpectation
    ) throws(OPCUAError) {
        if let host = expected.host {
            let wanted = addressBytes(host)
            let fits = leaf.hostNames.contains { name in
                wanted.map { $0 == addressBytes(name) } ?? Self.matches(name.lowercased(), host.lowercased())
            }
            guard fits else {
                throw OPCUAError(
                    .badCertificateHostNameInvalid,
                    "\(expected.owner) is for \(leaf.hostNames.joined(separator: ", ")), not for \(host); "
                        + "connect under one of its names, or renew it with this one")
            }
        }
        if let uri = expected.applicationURI, leaf.applicationURI != uri {
            throw OPCUAError(
                .badCertificateUriInvalid,
                "\(expected.owner) carries the ApplicationUri \(leaf.applicationURI ?? "(none)"), the application "
                    + "calls itself \(uri); both must be the same")
        }
    }

    /// `*.example.com` stands for one label.
    private static func matches(_ pattern: String, _ host: String) -> Bool {
        guard pattern.hasPrefix("*."), let dot = host.firstIndex(of: ".") else { return pattern == host }
        return pattern.dropFirst(1) == host[dot...]
    }

    private func checkUse(
        _ path: [ApplicationCertificate], _ expected: CertificateExpectation
    ) throws(OPCUAError) {
        if expected.isApplication, let usage = path[0].keyUsage {
            guard usage.digitalSignature, usage.keyEncipherment || usage.dataEncipherment else {
                throw OPCUAError(
                    .badCertificateUseNotAllowed,
                    "\(expected.owner) \(path[0].subject) is not made for signing and encrypting; its key usage must "
                        + "have digitalSignature and keyEncipherment")
            }
        }
        for issuer in path.dropFirst() where !issuer.isAuthority || issuer.keyUsage?.keyCertSign == false {
            throw OPCUAError(
                .badCertificateIssuerUseNotAllowed, "\(issuer.subject) is no authority and may not sign certificates")
        }
    }

    private func checkRevocation(
        _ path: [ApplicationCertificate], _ expected: CertificateExpectation, _ now: DateTime
    ) throws(OPCUAError) {
        for (certificate, issuer) in zip(path, path.dropFirst()) {
            let isLeaf = certificate == path[0]
            for list in revocations where list.isSigned(by: issuer) {
                if list.form.revoked.contains(certificate.form.serialNumber) {
                    throw OPCUAError(
                        isLeaf ? .badCertificateRevoked : .badCertificateIssuerRevoked,
                        "\(expected.owner) \(certificate.subject) was revoked by \(issuer.subject)")
                }
            }
        }
    }
}
