import Testing

@testable import ZerobusClient
@testable import ZerobusCore

@Suite struct TokenCacheTests {
    @Test func refreshesBeforeTheEnd() throws {
        let table = try Telemetry.table()
        var cache = TokenCache()
        #expect(cache.tokenRequested(table, now: .zero) == .fetch(otherwise: nil))
        cache.fetched(Token(value: "a", lifetime: .seconds(3600)), for: table, now: .zero)
        #expect(cache.tokenRequested(table, now: .seconds(3299)) == .use("a"))
        #expect(cache.tokenRequested(table, now: .seconds(3300)) == .fetch(otherwise: "a"))  // five minutes left
        #expect(cache.tokenRequested(table, now: .seconds(3600)) == .fetch(otherwise: nil))
        cache.fetched(Token(value: "b", lifetime: .seconds(60)), for: table, now: .seconds(3600))
        #expect(cache.tokenRequested(table, now: .seconds(3630)) == .fetch(otherwise: "b"))  // half of its life
        cache.refused(table)
        #expect(cache.tokenRequested(table, now: .seconds(3601)) == .fetch(otherwise: nil))
        cache.fetched(Token(value: "c", lifetime: nil), for: table, now: .zero)
        #expect(cache.tokenRequested(table, now: .zero) == .fetch(otherwise: nil))
    }

    @Test func answers() {
        func token(_ text: String) -> Token? { Token(json: Array(text.utf8)) }
        #expect(token(#"{"access_token":"x","expires_in":3600}"#) == Token(value: "x", lifetime: .seconds(3600)))
        #expect(token(#"{"access_token":"x","expires_in":"60"}"#) == Token(value: "x", lifetime: .seconds(60)))
        #expect(token(#"{"access_token":"x"}"#) == Token(value: "x", lifetime: nil))
        #expect(token(#"{"access_token":"x","expires_in":-1}"#) == Token(value: "x", lifetime: nil))
        for text in ["", "{}", #"{"access_token":""}"#, #"{"access_token":7}"#] { #expect(token(text) == nil) }
    }

    @Test func theFormIsTheDocumentedOne() throws {
        let body = TokenRequest(table: try Telemetry.table("main.plant.t"), workspaceID: "123").formBody
        #expect(
            body.hasPrefix(
                "grant_type=client_credentials&scope=all-apis&resource=api%3A%2F%2Fdatabricks%2Fworkspaces%2F123"
                    + "%2FzerobusDirectWriteApi&authorization_details=%5B%7B%22object_full_path%22%3A%22main%22%2C"
                    + "%22object_type%22%3A%22CATALOG%22%2C%22privileges%22%3A%5B%22USE%20CATALOG%22%5D%2C"
                    + "%22type%22%3A%22unity_catalog_privileges%22%7D"))
        #expect(body.contains("%22operations%22%3A%5B%22zerobuswrite%22%5D"))
    }
}
