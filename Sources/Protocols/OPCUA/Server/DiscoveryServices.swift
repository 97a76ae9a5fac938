import OPCUACore
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
        [
            EndpointDescription(
                endpointUrl: url, server: description(url: url), securityMode: .none,
                securityPolicyUri: SecurityPolicyURI.none,
                userIdentityTokens: [UserTokenPolicy(policyId: "anonymous", tokenType: .anonymous)],
                transportProfileUri: Self.transportProfile, securityLevel: 0)
        ]
    }
}
