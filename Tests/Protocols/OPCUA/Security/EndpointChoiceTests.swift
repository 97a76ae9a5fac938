import OPCUATypes
import Testing

@testable import OPCUASecurity

@Suite struct EndpointChoiceTests {
    private static func endpoint(
        _ policy: SecurityPolicy, _ mode: MessageSecurityMode, _ tokens: [UserTokenType] = [.anonymous]
    ) -> EndpointDescription {
        EndpointDescription(
            endpointUrl: "opc.tcp://x", securityMode: mode, securityPolicyUri: policy.uri,
            userIdentityTokens: tokens.map { UserTokenPolicy(policyId: $0.words, tokenType: $0) })
    }

    private static let all =
        [endpoint(.none, .none)]
        + SecurityPolicy.allCases.dropFirst().flatMap { [endpoint($0, .sign), endpoint($0, .signAndEncrypt)] }

    private func chosen(_ choice: EndpointChoice, of endpoints: [EndpointDescription] = all) throws -> String {
        let best = try choice.best(of: endpoints)
        return "\(best.policy?.name ?? "") \(best.securityMode.words)"
    }

    @Test func theStrongestThatBothCanIsTaken() throws {
        #expect(try chosen(EndpointChoice(keyBits: 2048)) == "Aes256_Sha256_RsaPss SignAndEncrypt")
        #expect(try chosen(EndpointChoice(mode: .sign, keyBits: 2048)) == "Aes256_Sha256_RsaPss Sign")
        #expect(
            try chosen(EndpointChoice(policy: .basic256Sha256, keyBits: 4096)) == "Basic256Sha256 SignAndEncrypt")
        #expect(try chosen(EndpointChoice(allowsDeprecated: true, keyBits: 1024)) == "Basic256 SignAndEncrypt")
        // Without a key only None is possible; with one it is taken only when it was asked for.
        #expect(try chosen(EndpointChoice()) == "None None")
        #expect(try chosen(EndpointChoice(mode: MessageSecurityMode.none, keyBits: 2048)) == "None None")
        let open = [Self.endpoint(.none, .none)]
        #expect(throws: OPCUAError.self) { try EndpointChoice(keyBits: 2048).best(of: open) }
    }

    @Test func whatCannotBeIsSaid() {
        let deprecated = [Self.endpoint(.basic256, .signAndEncrypt)]
        let old = #expect(throws: OPCUAError.self) { try EndpointChoice(keyBits: 2048).best(of: deprecated) }
        #expect(old?.reason.contains("deprecated; renew its security, or set allow_deprecated") ?? false)
        let other = #expect(throws: OPCUAError.self) {
            try EndpointChoice(policy: .aes128Sha256RsaOaep, keyBits: 2048).best(of: deprecated)
        }
        #expect(
            other?.reason == "the server does not offer Aes128_Sha256_RsaOaep, only Basic256 (SignAndEncrypt); set "
                + "security.policy to one of these")
        let unknown = EndpointDescription(securityMode: .sign, securityPolicyUri: "http://example/Secret#ECC_nistP256")
        let unread = #expect(throws: OPCUAError.self) { try EndpointChoice(keyBits: 2048).best(of: [unknown]) }
        #expect(unread?.status == .badSecurityPolicyRejected)
        let users = #expect(throws: OPCUAError.self) {
            try EndpointChoice(identity: .userName, keyBits: 2048).best(of: Self.all)
        }
        #expect(users?.status == .badIdentityTokenRejected)
    }

    @Test func aDeprecatedTokenPolicyIsNoToken() {
        var endpoint = Self.endpoint(.none, .none, [.userName])
        endpoint.userIdentityTokens[0].securityPolicyUri = SecurityPolicy.basic128Rsa15.uri
        #expect(EndpointChoice(identity: .userName).tokenPolicy(of: endpoint) == nil)
        #expect(EndpointChoice(allowsDeprecated: true, identity: .userName).tokenPolicy(of: endpoint) != nil)
    }

    @Test func policiesAreFoundByAnySpelling() {
        for text in ["Basic256Sha256", "basic256sha256", "BASIC256_SHA256", SecurityPolicy.basic256Sha256.uri] {
            #expect(SecurityPolicy(named: text) == .basic256Sha256)
        }
        #expect(SecurityPolicy(named: "aes256sha256rsapss") == .aes256Sha256RsaPss)
        #expect(SecurityPolicy(named: "Basic512") == nil)
        for policy in SecurityPolicy.allCases { #expect(SecurityPolicy(uri: policy.uri) == policy) }
    }
}
