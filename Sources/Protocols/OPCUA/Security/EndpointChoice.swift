public import OPCUATypes

/// Which of a server's endpoints a client takes.
public struct EndpointChoice: Hashable, Sendable {
    /// nil takes the strongest that both sides can.
    public var policy: SecurityPolicy?
    /// nil takes the strongest.
    public var mode: MessageSecurityMode?
    /// Admits Basic128Rsa15 and Basic256, and passwords in clear text.
    public var allowsDeprecated: Bool
    /// How the user is known.
    public var identity: UserTokenType
    /// Bits of this side's own RSA key; nil without credentials, when only None is possible.
    public var keyBits: Int?

    public init(
        policy: SecurityPolicy? = nil, mode: MessageSecurityMode? = nil, allowsDeprecated: Bool = false,
        identity: UserTokenType = .anonymous, keyBits: Int? = nil
    ) {
        self.policy = policy
        self.mode = mode
        self.allowsDeprecated = allowsDeprecated
        self.identity = identity
        self.keyBits = keyBits
    }

    /// The strongest endpoint that both sides can use.
    /// - Throws: BadSecurityPolicyRejected, BadSecurityModeRejected or BadIdentityTokenRejected, with a sentence that says
    ///   what the server offers instead.
    public func best(of endpoints: [EndpointDescription]) throws(OPCUAError) -> EndpointDescription {
        let reachable = endpoints.filter { ($0.endpointUrl ?? "opc.tcp").hasPrefix("opc.tcp") }
        let offered = Set(reachable.map(Self.label)).sorted().joined(separator: ", ")
        let known = reachable.filter { $0.policy != nil }
        let byPolicy = known.filter { policy == nil || $0.policy == policy }
        guard !byPolicy.isEmpty else {
            throw OPCUAError(
                .badSecurityPolicyRejected,
                "the server does not offer \(policy?.name ?? "any policy that is known here"), only \(offered); set "
                    + "security.policy to one of these")
        }
        let admitted = byPolicy.filter { allowsDeprecated || $0.policy?.isDeprecated != true }
        guard !admitted.isEmpty else {
            throw OPCUAError(
                .badSecurityPolicyRejected,
                "the server offers only \(offered), which are deprecated; renew its security, or set allow_deprecated")
        }
        let byMode = admitted.filter { endpoint in
            mode.map { endpoint.securityMode == $0 } ?? true
        }
        guard !byMode.isEmpty else {
            throw OPCUAError(
                .badSecurityModeRejected,
                "the server does not offer the security.mode \(mode?.words ?? ""), only \(offered); set it to one of "
                    + "these")
        }
        // Without credentials nothing but None is possible; with them None only when it was asked for.
        let wantsNone = policy == SecurityPolicy.none || mode == MessageSecurityMode.none || keyBits == nil
        let possible = byMode.filter { endpoint in
            endpoint.policy == SecurityPolicy.none
                ? wantsNone : keyBits.map { endpoint.policy?.keyBits?.contains($0) ?? false } ?? false
        }
        guard !possible.isEmpty else {
            throw OPCUAError(.badSecurityPolicyRejected, nothingPossible(of: byMode, offered))
        }
        let admitting = possible.filter { tokenPolicy(of: $0) != nil }
        guard let best = admitting.max(by: { Self.strength($0) < Self.strength($1) }) else {
            let admitted = Set(possible.flatMap(\.userIdentityTokens).map(\.tokenType.words)).sorted()
            throw OPCUAError(
                .badIdentityTokenRejected,
                "the server's endpoints do not admit \(identity.words), only "
                    + "\(admitted.isEmpty ? "nobody" : admitted.joined(separator: ", ")); use one of these, or let the "
                    + "server admit \(identity.words)")
        }
        return best
    }

    /// Why none of the endpoints can be used with this side's key, or without one.
    private func nothingPossible(of endpoints: [EndpointDescription], _ offered: String) -> String {
        guard let keyBits else {
            return "the server offers no endpoint without security, only \(offered); give a certificate and a key"
        }
        let sizes = endpoints.compactMap { $0.policy?.keyBits }
        guard let least = sizes.map(\.lowerBound).min(), let most = sizes.map(\.upperBound).max() else {
            return "the server offers no security at all; set security.mode to None to accept that, or switch its "
                + "security on"
        }
        return "the server offers only \(offered), which does not admit this side's key of \(keyBits) bits; make one "
            + "of \(least) to \(most)"
    }

    /// The token policy for the identity, the strongest known one; an endpoint that names none admits anonymous users.
    public func tokenPolicy(of endpoint: EndpointDescription) -> UserTokenPolicy? {
        if endpoint.userIdentityTokens.isEmpty, identity == .anonymous {
            return UserTokenPolicy(policyId: "anonymous", tokenType: .anonymous)
        }
        let tokens = endpoint.userIdentityTokens.filter { token in
            guard token.tokenType == identity else { return false }
            guard identity != .anonymous else { return true }
            guard let policy = token.policy(in: endpoint) else { return false }
            return allowsDeprecated || !policy.isDeprecated
        }
        return tokens.max { ($0.policy(in: endpoint) ?? .none) < ($1.policy(in: endpoint) ?? .none) }
    }

    private static func strength(_ endpoint: EndpointDescription) -> [Int] {
        let rank = endpoint.policy.flatMap { SecurityPolicy.allCases.firstIndex(of: $0) } ?? 0
        return [Int(endpoint.securityMode.rawValue), rank]
    }

    private static func label(_ endpoint: EndpointDescription) -> String {
        let policy = endpoint.securityPolicyUri?.split(separator: "#").last.map(String.init) ?? "None"
        return policy == "None" ? policy : "\(policy) (\(endpoint.securityMode.words))"
    }
}

private func < (left: [Int], right: [Int]) -> Bool { left.lexicographicallyPrecedes(right) }

extension EndpointDescription {
    /// The endpoint's policy; None when it names none, nil for one that is not known here.
    public var policy: SecurityPolicy? {
        guard let uri = securityPolicyUri, !uri.isEmpty else { return SecurityPolicy.none }
        return SecurityPolicy(uri: uri)
    }
}

extension UserTokenPolicy {
    /// The policy under which the token is encrypted or signed: its own, else the endpoint's (Part 4, 7.42).
    public func policy(in endpoint: EndpointDescription) -> SecurityPolicy? {
        guard let uri = securityPolicyUri, !uri.isEmpty else { return endpoint.policy }
        return SecurityPolicy(uri: uri)
    }
}

extension MessageSecurityMode {
    /// The name of the standard.
    public var words: String {
        switch self {
        case .none: "None"
        case .sign: "Sign"
        case .signAndEncrypt: "SignAndEncrypt"
        default: "mode \(rawValue)"
        }
    }
}

extension UserTokenType {
    /// For sentences.
    public var words: String {
        switch self {
        case .anonymous: "anonymous users"
        case .userName: "user names"
        case .certificate: "user certificates"
        default: "other tokens"
        }
    }
}
