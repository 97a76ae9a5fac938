public import OPCUASecurity
public import OPCUATypes

/// Who a client says its user is (Part 4, 7.40).
public enum UserIdentity: Sendable {
    case anonymous
    case userName(String, password: String)
    /// A certificate of a person or a service, with its key.
    case certificate(Credentials)

    public var tokenType: UserTokenType {
        switch self {
        case .anonymous: .anonymous
        case .userName: .userName
        case .certificate: .certificate
        }
    }
}

extension UserIdentity {
    /// What a token is made of besides the identity.
    struct Setting {
        var policyId: String?
        /// The policy of the token.
        var policy: SecurityPolicy
        /// Whether what is sent on the channel can be read on the way.
        var isEncrypted: Bool
        var allowsClearText: Bool
        /// As the server gave it in CreateSession.
        var serverCertificate: ByteString?
        var server: ApplicationCertificate?
        var serverNonce: ByteString?
        var format: PasswordSecret.Format
        var nonces: NonceSource
        var time: DateTime
    }

    /// The token and, for a certificate, the proof that its key is at hand.
    func token(_ setting: Setting) throws(OPCUAError) -> (token: ExtensionObject, signature: SignatureData) {
        switch self {
        case .anonymous:
            return (ExtensionObject(AnonymousIdentityToken(policyId: setting.policyId)), SignatureData())
        case .userName(let name, let password):
            let secret = try sealed(password, setting)
            let token = UserNameIdentityToken(
                policyId: setting.policyId, userName: name, password: secret.secret,
                encryptionAlgorithm: secret.algorithm)
            return (ExtensionObject(token), SignatureData())
        case .certificate(let credentials):
            let signature = try SessionSignature.make(
                setting.policy, key: credentials.privateKey, certificate: setting.serverCertificate,
                nonce: setting.serverNonce)
            let token = X509IdentityToken(
                policyId: setting.policyId, certificateData: ByteString(credentials.certificate.der))
            return (ExtensionObject(token), signature)
        }
    }

    private func sealed(
        _ password: String, _ setting: Setting
    ) throws(OPCUAError) -> (secret: ByteString, algorithm: String?) {
        guard setting.policy != .none else {
            guard setting.isEncrypted || setting.allowsClearText else {
                throw OPCUAError(
                    .badIdentityTokenRejected,
                    "the server wants the password in clear text over a connection without encryption; set "
                        + "security.mode to SignAndEncrypt")
            }
            return (ByteString(password.utf8), nil)
        }
        guard let server = setting.server else {
            throw OPCUAError(
                .badCertificateInvalid, "the server gives no certificate with which a password could be encrypted")
        }
        return try PasswordSecret.seal(
            password, setting.policy, server: server, nonce: setting.serverNonce, format: setting.format,
            random: setting.nonces, at: setting.time)
    }
}
