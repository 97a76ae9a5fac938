import Logging
import NIOCore
import Testing

@testable import WebSupport

@Suite struct WebServerTests {
    struct Row: Codable, Equatable {
        var name: String
        var count: Int
    }

    static var routes: WebRoutes {
        var routes = WebRoutes()
        routes.get("/tables/{name}/count") { request in
            .json(["count": request.parameter("name").count, "limit": Int(request.queryValue("limit") ?? "0") ?? -1])
        }
        routes.post("/rows", maxBodyBytes: 64) { request in .json(try request.json(Row.self), status: 201) }
        routes.get("/problem") { _ in throw WebProblem.conflict("Already there.") }
        routes.get("/broken") { _ in throw CancellationError() }
        return routes
    }

    func ask(_ method: String, _ target: String, body: String = "", headers: String = "") async throws -> String {
        let request =
            "\(method) \(target) HTTP/1.1\r\nHost: localhost:1\r\nConnection: close\r\n"
            + "Content-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)"
        return try await raw(request)
    }

    func raw(_ request: String) async throws -> String {
        try await WebServer.withRunning(
            configuration: WebServerConfiguration(port: 0), routes: Self.routes, logger: quiet
        ) { port in
            try await RawClient.exchange(port: port, request)
        }
    }

    @Test func jsonWithParametersAndSecurityHeaders() async throws {
        let answer = try await ask("GET", "/tables/a.b.c/count?limit=7")
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(answer.hasSuffix("\r\n\r\n{\"count\":5,\"limit\":7}"))
        #expect(answer.contains("Content-Security-Policy: default-src 'self'"))
        #expect(!answer.contains("unsafe-inline"))
        #expect(answer.contains("X-Content-Type-Options: nosniff"))
        #expect(answer.contains("Content-Type: application/json"))
    }

    @Test func headHasNoBody() async throws {
        let answer = try await ask("HEAD", "/tables/a.b.c/count")
        #expect(answer.hasPrefix("HTTP/1.1 200 OK"))
        #expect(answer.contains("Content-Length: 21"))
        #expect(answer.hasSuffix("\r\n\r\n"))
    }

    @Test func bodies() async throws {
        #expect(try await ask("POST", "/rows", body: #"{"name":"x","count":1}"#).contains("201 Created"))
        let wrong = try await ask("POST", "/rows", body: #"{"name":"x","count":"1"}"#)
        #expect(wrong.contains("400 Bad Request") && wrong.contains("Wrong type at count: a whole number is expected."))
        #expect(wrong.contains("application/problem+json"))
        #expect(try await ask("POST", "/rows", body: "nonsense").contains("400 Bad Request"))
        let exact = String(repeating: " ", count: 64 - 22) + #"{"name":"x","count":1}"#
        #expect(try await ask("POST", "/rows", body: exact).contains("201 Created"))
        #expect(try await ask("POST", "/rows", body: " " + exact).contains("HTTP/1.1 413"))
    }

    /// The answer comes before the body.
    @Test func aBodyThatIsAnnouncedAsTooLargeIsRefusedAtOnce() async throws {
        let answer = try await raw("POST /rows HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 65\r\n\r\n{")
        #expect(answer.contains("HTTP/1.1 413") && answer.contains("Connection: close"))
    }

    /// A client that sends all the same gets its answer too.
    @Test func whoSendsALargeBodyGetsTheAnswer() async throws {
        let answer = try await ask("POST", "/rows", body: String(repeating: "x", count: 8 << 20))
        #expect(answer.contains("HTTP/1.1 413"))
    }

    @Test(arguments: [
        ("[]", "Wrong type at the top level: an object is expected."),
        ("null", "Wrong type at the top level: an object is expected."),
        (#"{"name":true,"count":1}"#, "Wrong type at name: text is expected."),
        (#"{"name":"x","count":1.5}"#, "400"),
        (#"{"name":"x"}"#, "Missing: count."), ("{", "The body is not JSON."), ("", "The body is not JSON."),
    ])
    func whatIsWrongWithABodyIsSaidInItsWords(body: String, sentence: String) async throws {
        let answer = try await ask("POST", "/rows", body: body)
        #expect(answer.hasPrefix("HTTP/1.1 400 ") && answer.contains(sentence), "\(answer)")
    }

    @Test func problems() async throws {
        let conflict = try await ask("GET", "/problem")
        #expect(conflict.contains("409 Conflict"))
        #expect(
            conflict.hasSuffix(
                #"{"detail":"Already there.","status":409,"title":"Conflict","type":"about:blank"}"#))
        #expect(try await ask("GET", "/nothing").contains("404 Not Found"))
        let method = try await ask("DELETE", "/rows")
        #expect(method.contains("405 Method Not Allowed") && method.contains("Allow: POST"))
        let broken = try await ask("GET", "/broken")
        #expect(broken.contains("500 Internal Server Error") && !broken.contains("CancellationError"))
        #expect(try await ask("GET", "/%zz").contains("400 Bad Request"))
        #expect(try await ask("BREW", "/rows").contains("400 Bad Request"))
    }

    @Test func foreignHostsAndOriginsAreRefused() async throws {
        #expect(try await ask("GET", "/problem", headers: "Origin: http://evil.example\r\n").contains("403 Forbidden"))
        let host = try await raw("GET /problem HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
        #expect(host.contains("403 Forbidden"))
        let none = try await raw("GET /problem HTTP/1.1\r\nConnection: close\r\n\r\n")
        #expect(none.contains("400 Bad Request"))
    }

    @Test func garbageIsAnsweredWith400() async throws {
        #expect(try await raw("\u{1}\u{2}\u{3}garbage\r\n\r\n").contains("400 Bad Request"))
    }

    @Test func aUsedPortIsOneClearError() async throws {
        try await WebServer.withRunning(
            configuration: WebServerConfiguration(port: 0), routes: Self.routes, logger: quiet
        ) { port in
            let error = await #expect(throws: WebServerError.self) {
                try await WebServer(
                    configuration: WebServerConfiguration(port: port), routes: WebRoutes(),
                    logger: quiet
                ).run()
            }
            #expect(error?.description == "cannot listen on 127.0.0.1:\(port): the port is already in use")
        }
    }
}
