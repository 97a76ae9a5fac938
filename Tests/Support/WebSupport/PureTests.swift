import NIOCore
import Testing

@testable import WebSupport

@Suite struct RequestTargetTests {
    @Test func decodesPathAndQuery() throws {
        let target = try #require(RequestTarget("/tables/a%20b//caf%C3%A9?limit=10&order=-x+y&flag&e=%3D"))
        #expect(target.segments == ["tables", "a b", "café"])
        #expect(target.query.map(\.name) == ["limit", "order", "flag", "e"])
        #expect(target.query.map(\.value) == ["10", "-x y", "", "="])
    }

    @Test func rootHasNoSegments() { #expect(RequestTarget("/")?.segments == []) }

    @Test(arguments: ["", "tables", "/a%", "/a%2", "/%zz", "/%ff", "/a/../b", "/%2e%2e/b", "/a%00", "/?x=%f"])
    func refuses(target: String) { #expect(RequestTarget(target) == nil) }
}

@Suite struct PathPatternTests {
    @Test func namesAndRest() {
        #expect(PathPattern("/tables/{name}/count").match(["tables", "a.b.c", "count"]) == ["name": "a.b.c"])
        #expect(PathPattern("/tables/{name}").match(["tables"]) == nil)
        #expect(PathPattern("/tables/{name}").match(["tables", "a", "b"]) == nil)
        #expect(PathPattern("/assets/{path...}").match(["assets", "css", "x.css"]) == ["path": "css/x.css"])
        #expect(PathPattern("/").match([]) == [:])
    }

    @Test func theMostLiteralRouteAnswers() throws {
        var routes = WebRoutes()
        routes.get("/tables/{name}") { _ in .text("name") }
        routes.get("/tables/all") { _ in .text("all") }
        guard case .found(let route, let parameters) = routes.match(.head, ["tables", "all"]) else {
            Issue.record("no route")
            return
        }
        #expect(route.pattern == PathPattern("/tables/all"))
        #expect(parameters == [:])
        guard case .otherMethods([.get]) = routes.match(.post, ["tables", "x"]) else {
            Issue.record("405 expected")
            return
        }
    }
}

@Suite struct HostPolicyTests {
    let policy = HostPolicy(allowing: ["Plant.example", "fd00::1"])

    @Test(arguments: [
        "127.0.0.1", "127.0.0.1:8080", "localhost:1", "LOCALHOST", "[::1]:8080", "plant.example:80", "[fd00::1]",
    ])
    func allows(host: String) { #expect(policy.judge(host: host, origin: nil) == .allowed) }

    @Test(arguments: [
        "evil.example", "127.0.0.1.evil.example", "localhost@evil.example", "localhost:99999", "localhost:", "[::1",
        "", "127.0.0.1:80:80",
    ])
    func refuses(host: String) { #expect(policy.judge(host: host, origin: nil) == .hostRefused(host)) }

    @Test func missingHost() { #expect(policy.judge(host: nil, origin: nil) == .missingHost) }

    @Test(arguments: [
        ("127.0.0.1:8080", "http://127.0.0.1:8080"), ("localhost:8080", "http://127.0.0.1:8080"),
        ("plant.example", "https://plant.example"), ("plant.example:443", "https://plant.example"),
    ])
    func sameOrigin(host: String, origin: String) { #expect(policy.judge(host: host, origin: origin) == .allowed) }

    @Test(arguments: [
        ("127.0.0.1:8080", "http://127.0.0.1:3000"), ("127.0.0.1:8080", "http://evil.example:8080"),
        ("127.0.0.1:8080", "null"), ("127.0.0.1:8080", "file://127.0.0.1:8080"), ("127.0.0.1:8080", ""),
    ])
    func crossOrigin(host: String, origin: String) {
        #expect(policy.judge(host: host, origin: origin) == .originRefused(origin))
    }

    @Test func anyHost() { #expect(HostPolicy(allowing: ["*"]).judge(host: "x.example", origin: nil) == .allowed) }
}

@Suite struct OutboundQueueTests {
    @Test func dropsTheOldestAndSaysHowMany() {
        var queue = OutboundQueue(limits: WebSocketLimits(maxQueuedMessages: 2, maxQueuedBytes: 100))
        for text in ["a", "b", "c", "d"] { queue.enqueued(.text(text)) }
        #expect(queue.next() == .missed(2))
        #expect(queue.next() == .message(.text("c")))
        queue.enqueued(.text("e"))
        #expect(queue.next() == .message(.text("d")))
        #expect(queue.next() == .message(.text("e")))
        #expect(queue.next() == .empty)
    }

    @Test func bytesAreALimitToo() {
        var queue = OutboundQueue(limits: WebSocketLimits(maxQueuedMessages: 100, maxQueuedBytes: 4))
        queue.enqueued(.text("aa"))
        queue.enqueued(.text("bb"))  // exactly full
        queue.enqueued(.text("c"))
        #expect(queue.next() == .missed(1))
        #expect(queue.next() == .message(.text("bb")))
        queue.enqueued(.text("far too long"))
        #expect(queue.next() == .missed(2))
        #expect(queue.next() == .empty)
    }

    @Test func finishesAfterWhatWaits() {
        var queue = OutboundQueue(limits: WebSocketLimits())
        queue.enqueued(.text("last"))
        queue.finished()
        queue.enqueued(.text("too late"))
        #expect(queue.next() == .message(.text("last")))
        #expect(queue.next() == .finished)
    }
}
