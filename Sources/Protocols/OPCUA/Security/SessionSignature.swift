public import OPCUATypes

/// Signatures of CreateSession and ActivateSession (Part 4, 5.7.2 and 5.7.3): each side signs the other's certificate
/// with the other's nonce behind it, and so proves that it holds the private key.
public enum SessionSignature {
    /// Shortest nonce of a session in bytes (Part 4, 5.7.2.2).
    public static let nonceBytes = 32

    /// - Throws: BadInternalError when the key cannot sign.
    public static func make(
        _ policy: SecurityPolicy, key: RSAPrivateKey, certificate: ByteString?, nonce: ByteString?
    ) throws(OPCUAError) -> SignatureData {
        guard let profile = policy.profile else { return SignatureData() }
        do throws(RSAFailure) {
            let signature = try key.sign(leaf(certificate) + (nonce?.bytes ?? []), profile.asymmetricSignature)
            return SignatureData(algorithm: profile.signatureURI, signature: ByteString(signature))
        } catch {
            throw OPCUAError(.badInternalError, "the private key cannot sign")
        }
    }

    /// Whether `signer` signed, with a key that the policy admits; a chain is admitted whole too, as some peers sign it so.
    public static func isValid(
        _ signature: SignatureData, _ policy: SecurityPolicy, signer: ApplicationCertificate,
        certificate: ByteString?, nonce: ByteString?
    ) -> Bool {
        guard let profile = policy.profile else { return true }
        guard let bytes = signature.signature?.bytes, let key = try? signer.publicKey(for: policy),
            signature.algorithm == nil || signature.algorithm == profile.signatureURI
        else { return false }
        let nonce = nonce?.bytes ?? []
        let whole = certificate?.bytes ?? []
        let first = leaf(certificate)
        return key.isValid(bytes, of: first + nonce, profile.asymmetricSignature)
            || (whole != first && key.isValid(bytes, of: whole + nonce, profile.asymmetricSignature))
    }

    /// The first certificate of a chain.
    private static func leaf(_ chain: ByteString?) -> [UInt8] {
        guard let bytes = chain?.bytes, !bytes.isEmpty else { return [] }
        return (try? ApplicationCertificate.chain(bytes).first?.der) ?? bytes
    }
}
