public import OPCUASecurity
import OPCUATypes

/// What a client claims to be, its token decrypted and its signature checked; whether that user may in is for the
/// application to say.
public enum ClaimedIdentity: Hashable, Sendable {
    case anonymous
    /// The password is nil when it could not be read. Whoever decides goes the same way for it as for a wrong one, so
    /// that a forged secret's padding cannot be guessed at (Bleichenbacher's attack).
    case userName(String, password: String?)
    case certificate(ApplicationCertificate)
}

/// Whose session it is: what is kept of an identity, without its secret.
public enum SessionUser: Hashable, Sendable {
    case anonymous
    case userName(String)
    case certificate(ApplicationCertificate)
}

extension ClaimedIdentity {
    /// The user without what proved it.
    public var user: SessionUser {
        switch self {
        case .anonymous: .anonymous
        case .userName(let name, _): .userName(name)
        case .certificate(let certificate): .certificate(certificate)
        }
    }
}

/// Reads the tokens of ActivateSession requests.
struct IdentityReader {
    /// The endpoint of the channel, with the token policies that it offers.
    var endpoint: EndpointDescription
    /// The server's own.
    var credentials: Credentials?
    /// The last that the server gave to this session.
    var nonce: ByteString

    /// - Throws: BadIdentityTokenInvalid, BadIdentityTokenRejected or BadUserSignatureInvalid.
    func read(_ request: ActivateSessionRequest) throws(OPCUAError) -> ClaimedIdentity {
        let token = request.userIdentityToken
        // A null token means anonymous (Part 4, 5.7.3.2).
        if token.typeId.isNull || token.typeId.standard == AnonymousIdentityToken.binaryEncodingId {
            _ = try policy(.anonymous, nil)
            return .anonymous
        }
        if let token = try decode(UserNameIdentityToken.self, token) { return try userName(token) }
        if let token = try decode(X509IdentityToken.self, token) {
            return try certificate(token, request.userTokenSignature)
        }
        throw OPCUAError(.badIdentityTokenInvalid, "a kind of identity token that is not known here")
    }

    private func decode<T: Structure>(_ type: T.Type, _ token: ExtensionObject) throws(OPCUAError) -> T? {
        do throws(BinaryDecodingError) {
            return try token.decode(as: type)
        } catch {
            throw OPCUAError(.badIdentityTokenInvalid, "the identity token could not be read")
        }
    }

    private func userName(_ token: UserNameIdentityToken) throws(OPCUAError) -> ClaimedIdentity {
        let policy = try policy(.userName, token.policyId)
        if policy == .none, let algorithm = token.encryptionAlgorithm, !algorithm.isEmpty {
            throw OPCUAError(.badIdentityTokenInvalid, "the password is encrypted where none was asked for")
        }
        let password: String?
        // Some clients leave a password as it is where the channel encrypts it already.
        let isClear = token.encryptionAlgorithm?.isEmpty ?? true
        if policy == .none || (isClear && endpoint.securityMode == .signAndEncrypt) {
            password = String(validating: token.password?.bytes ?? [], as: UTF8.self)
        } else {
            password = credentials.flatMap {
                PasswordSecret.open(
                    token.password, algorithm: token.encryptionAlgorithm, policy, key: $0.privateKey, nonce: nonce)
            }
        }
        guard let name = token.userName, !name.isEmpty else {
            throw OPCUAError(.badUserAccessDenied, "the user has no name")
        }
        return .userName(name, password: password)
    }

    private func certificate(
        _ token: X509IdentityToken, _ signature: SignatureData
    ) throws(OPCUAError) -> ClaimedIdentity {
        let policy = try policy(.certificate, token.policyId)
        guard policy != .none, let credentials else {
            throw OPCUAError(.badIdentityTokenRejected, "user certificates need a security policy")
        }
        guard let user = try? ApplicationCertificate.chain(token.certificateData?.bytes ?? []).first else {
            throw OPCUAError(.badIdentityTokenInvalid, "the user's certificate could not be read")
        }
        guard
            SessionSignature.isValid(
                signature, policy, signer: user, certificate: credentials.chainBytes, nonce: nonce)
        else { throw OPCUAError(.badUserSignatureInvalid, "the user's signature is wrong") }
        return .certificate(user)
    }

    private func policy(_ type: UserTokenType, _ id: String?) throws(OPCUAError) -> SecurityPolicy {
        let offered = endpoint.userIdentityTokens.filter { $0.tokenType == type }
        guard let token = offered.first(where: { $0.policyId == id }) ?? (id == nil ? offered.first : nil),
            let policy = token.policy(in: endpoint)
        else {
            throw OPCUAError(.badIdentityTokenRejected, "this endpoint does not admit \(type.words)")
        }
        return policy
    }
}
