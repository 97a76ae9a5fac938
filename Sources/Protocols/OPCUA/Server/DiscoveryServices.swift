import OPCUACore
import OPCUASecurity
import OPCUATypes

extension ServiceTable {
    /// FindServers and GetEndpoints (Part 4, 5.5).
    mutating func addDiscovery() {
        add(open: FindServersRequest.self) { core, call, request in
            let own = core.description(url: core.url(request.endpointUrl, call))
            let isWanted = request.serverUris.isEmpty || request.serverUris.contains(core.configuration.applicationURI)
            return FindServersResponse(servers: isWanted ? [own] : [])
        }
        add(open: GetEndpointsRequest.self) { core, call, request in
            let isWanted = request.profileUris.isEmpty || request.profileUris.contains(ServerCore.transportProfile)
            return GetEndpointsResponse(
                endpoints: isWanted ? core.endpoints(url: core.url(request.endpointUrl, call)) : [])
        }
    }
}

extension ServerCore {
    static let transportProfile = "http://opcfoundation.org/UA-Profile/Transport/uatcp-uasc-uabinary"

    /// The URL under which the client reached the server is the one that it can reach: it is given back.
    func url(_ asked: String?, _ call: Call) -> String {
        for candidate in [asked ?? "", call.connection.endpointURL] where candidate.hasPrefix("opc.tcp://") {
            return candidate
        }
        return "opc.tcp://\(configuration.host):\(configuration.port)\(configuration.path)"
    }

    func description(url: String) -> ApplicationDescription {
        ApplicationDescription(
            applicationUri: configuration.applicationURI, productUri: configuration.productURI,
            applicationName: LocalizedText(configuration.applicationName, locale: "en"), applicationType: .server,
            discoveryUrls: [url])
    }

    func endpoints(url: String) -> [EndpointDescription] {
        configuration.security.offers.map { endpoint($0, url: url) }
    }

    /// The endpoint of a policy and a mode.
    func endpoint(_ offer: OfferedSecurity, url: String) -> EndpointDescription {
        let rank = SecurityPolicy.allCases.firstIndex(of: offer.policy) ?? 0
        return EndpointDescription(
            endpointUrl: url, server: description(url: url),
            serverCertificate: configuration.security.credentials?.chainBytes, securityMode: offer.mode,
            securityPolicyUri: offer.policy.uri, userIdentityTokens: tokenPolicies(offer),
            transportProfileUri: Self.transportProfile,
            securityLevel: UInt8(clamping: rank * 10 + (offer.mode == .signAndEncrypt ? 5 : 0)))
    }

    /// Who may in and how; secrets are encrypted where the server has a key for it.
    private func tokenPolicies(_ offer: OfferedSecurity) -> [UserTokenPolicy] {
        let security = configuration.security
        var policies: [UserTokenPolicy] = []
        if security.admitsAnonymous { policies.append(UserTokenPolicy(policyId: "anonymous", tokenType: .anonymous)) }
        // On an endpoint without security, tokens have a policy of their own.
        let own = offer.policy == .none ? security.strongestTokenPolicy?.uri : nil
        if security.authenticate != nil {
            policies.append(UserTokenPolicy(policyId: "username", tokenType: .userName, securityPolicyUri: own))
        }
        if security.userTrust != nil, offer.policy != .none || own != nil {
            policies.append(UserTokenPolicy(policyId: "certificate", tokenType: .certificate, securityPolicyUri: own))
        }
        return policies
    }
}

extension ServerSecurity {
    /// For tokens on an endpoint without security: what most clients know, of what the key admits.
    fileprivate var strongestTokenPolicy: SecurityPolicy? {
        guard let bits = credentials?.privateKey.bits else { return nil }
        return [.basic256Sha256, .basic256].first { $0.keyBits?.contains(bits) ?? false }
    }
}
