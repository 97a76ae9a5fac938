import Testing
import ZerobusCore

@testable import ZerobusServer

@Suite struct TokenTests {
    let issuer = TokenIssuer(key: Array(repeating: 7, count: 32), lifetimeSeconds: 100)

    @Test func tokensAreForOneTableAndOneLife() throws {
        let table = try #require(TableName("main.plant.t"))
        let token = issuer.issue(.table(table), now: 1000)
        #expect(issuer.verify(token, now: 1099) == .valid(.table(table)))
        #expect(issuer.verify(token, now: 1100) == .expired)
        #expect(issuer.verify(issuer.issue(.workspace, now: 0), now: 1) == .valid(.workspace))
        // Another key, or any other character, and it is void.
        #expect(TokenIssuer(key: Array(repeating: 8, count: 32)).verify(token, now: 1000) == .invalid)
        for index in token.indices {
            var forged = token
            forged.replaceSubrange(index...index, with: token[index] == "A" ? "B" : "A")
            #expect(issuer.verify(forged, now: 1000) != .valid(.table(table)) || forged == token)
        }
        for text in ["", ".", "..", "zl1..", "zl1.a.b", "a.b.c.d"] { #expect(issuer.verify(text, now: 0) == .invalid) }
    }

    @Test func admission() throws {
        let table = try #require(TableName("main.plant.t"))
        let other = try #require(TableName("main.plant.u"))
        let admission = Admission(issuer: issuer, acceptedTokens: ["local"])
        func code(_ authorization: String?, _ header: String?) -> StatusCode? {
            do throws(ZerobusError) {
                _ = try admission.table(authorization: authorization, tableHeader: header, now: 50)
                return nil
            } catch {
                return error.code
            }
        }
        let token = issuer.issue(.table(table), now: 0)
        #expect(code("Bearer \(token)", "main.plant.t") == nil)
        #expect(code("bearer local", "main.plant.t") == nil)
        #expect(code(nil, "main.plant.t") == .unauthenticated)
        #expect(code("Bearer ", "main.plant.t") == .unauthenticated)
        #expect(code("Basic \(token)", "main.plant.t") == .unauthenticated)
        #expect(code("Bearer wrong", "main.plant.t") == .unauthenticated)
        #expect(code("Bearer \(token)", nil) == .invalidArgument)
        #expect(code("Bearer \(token)", "plant.t") == .invalidArgument)
        #expect(code("Bearer \(token)", other.description) == .permissionDenied)
        #expect(code("Bearer \(issuer.issue(.workspace, now: 0))", "main.plant.t") == .permissionDenied)
        #expect(code("Bearer \(issuer.issue(.table(table), now: -100))", "main.plant.t") == .unauthenticated)
    }
}
