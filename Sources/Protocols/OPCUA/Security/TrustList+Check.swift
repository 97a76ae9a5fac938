public import OPCUATypes
import X509

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
        try checkPin(leaf, expected)
        let path = try path(from: leaf, sent: chain, expected, now)
        guard leaf == pinned || path.contains(where: trusted.contains) else {
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
        try checkAuthorities(path)
        try checkRevocation(path, expected, now)
    }

    private func checkPin(
        _ leaf: ApplicationCertificate, _ expected: CertificateExpectation
    ) throws(OPCUAError) {
        guard let pinned, leaf != pinned else { return }
        throw OPCUAError(
            .badCertificateUntrusted,
            "\(expected.owner) \(leaf.subject) has the thumbprint \(leaf.thumbprintText), security.server_certificate "
                + "holds another, \(pinned.thumbprintText); if the change is known, put the new certificate there")
    }

    /// The certificate and its issuers up to a self-signed one.
    private func path(
        from leaf: ApplicationCertificate, sent: [ApplicationCertificate], _ expected: CertificateExpectation,
        _ now: DateTime
    ) throws(OPCUAError) -> [ApplicationCertificate] {
        var path = [leaf]
        let known = trusted + issuers + sent.dropFirst()
        while let last = path.last, !last.isSelfIssued, path.count < ApplicationCertificate.maxChain {
            // An authority that renewed its certificate has two; the one that is valid counts.
            let fitting = known.filter { last.isSigned(by: $0) && !path.contains($0) }
            guard let issuer = fitting.first(where: { $0.isValid(at: now) }) ?? fitting.first else {
                // One trusted by itself needs no issuer.
                if leaf == pinned || trusted.contains(leaf) { return path }
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
        if let host = expected.host, leaf != pinned {
            let wanted = addressBytes(host)
            let fits = leaf.hostNames.contains { name in
                wanted.map { $0 == addressBytes(name) } ?? Self.matches(name.lowercased(), host.lowercased())
            }
            guard fits else {
                let names = leaf.hostNames.joined(separator: ", ")
                throw OPCUAError(
                    .badCertificateHostNameInvalid,
                    "\(expected.owner) is for \(leaf.hostNames.isEmpty ? "no host" : names), not for \(host); connect "
                        + "under one of its names, renew it with this one, or pin it with security.server_certificate")
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
        let purposes = path[0].extendedKeyUsage
        if expected.isApplication, let purposes, !purposes.contains(where: Self.isForApplications) {
            throw OPCUAError(
                .badCertificateUseNotAllowed,
                "\(expected.owner) \(path[0].subject) is made for another purpose; its extended key usage must have "
                    + "serverAuth or clientAuth")
        }
    }

    private static func isForApplications(_ purpose: ExtendedKeyUsage.Usage) -> Bool {
        [.serverAuth, .clientAuth, .any].contains(purpose)
    }

    /// Whether the issuers may sign what they signed, and whether all that the certificates demand is understood.
    private func checkAuthorities(_ path: [ApplicationCertificate]) throws(OPCUAError) {
        for (below, issuer) in path.dropFirst().enumerated() {
            guard issuer.isAuthority, issuer.keyUsage?.keyCertSign != false else {
                throw OPCUAError(
                    .badCertificateIssuerUseNotAllowed,
                    "\(issuer.subject) is no authority and may not sign certificates")
            }
            if let most = issuer.maxPathLength, below > most {
                throw OPCUAError(
                    .badCertificateIssuerUseNotAllowed,
                    "\(issuer.subject) admits \(most) authorities below itself, here there are \(below)")
            }
        }
        for certificate in path {
            guard let unknown = certificate.unknownCriticalExtension else { continue }
            throw OPCUAError(
                .badCertificateInvalid,
                "\(certificate.subject) has the critical extension \(unknown), which is not understood here")
        }
    }

    private func checkRevocation(
        _ path: [ApplicationCertificate], _ expected: CertificateExpectation, _ now: DateTime
    ) throws(OPCUAError) {
        for (certificate, issuer) in zip(path, path.dropFirst()) {
            let isLeaf = certificate == path[0]
            let lists = revocations.filter { $0.isSigned(by: issuer) }
            // Once revoked is revoked for good, also by a list that has had its day.
            if lists.contains(where: { $0.form.revoked.contains(certificate.form.serialNumber) }) {
                throw OPCUAError(
                    isLeaf ? .badCertificateRevoked : .badCertificateIssuerRevoked,
                    "\(isLeaf ? expected.owner : "the issuer") \(certificate.subject) was revoked by "
                        + "\(issuer.subject); it needs a new certificate")
            }
            let newest = lists.filter { !$0.form.isPartial }.max { $0.thisUpdate < $1.thisUpdate }
            guard let problem = problem(with: newest, now) else { continue }
            throw OPCUAError(
                isLeaf ? .badCertificateRevocationUnknown : .badCertificateIssuerRevocationUnknown,
                "whether \(expected.owner) \(certificate.subject) was revoked is not known: the revocation list of "
                    + "\(issuer.subject) \(problem); put its newest one into crl/")
        }
    }

    /// Why a revocation list does not say enough; nil when it does.
    private func problem(with list: RevocationList?, _ now: DateTime) -> String? {
        guard let list else { return requiresRevocationLists ? "is missing" : nil }
        if let end = list.nextUpdate, end < now { return "ended on \(end.dateText)" }
        if list.thisUpdate > now { return "holds only from \(list.thisUpdate.dateText) on" }
        return nil
    }
}
