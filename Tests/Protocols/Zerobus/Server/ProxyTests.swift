import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Testing

@testable import ZerobusClient
@testable import ZerobusCore
@testable import ZerobusServer

/// Which proxy is used, what it answers, and a stream through one.
@Suite struct ProxyTests {
    @Test(arguments: [
        ("", "a.example", false), ("*", "a.example", true), ("a.example", "a.example", true),
        ("a.example", "b.a.example", true), ("a.example", "ba.example", false), (".example", "a.example", true),
        (".example", "example", false), ("*.example", "x.example", true), ("A.Example", "a.EXAMPLE", true),
        ("10.0.0.0/8", "10.200.3.4", true), ("10.0.0.0/8", "11.0.0.1", false), ("10.0.0.0/8", "10.example", false),
        ("10.1.2.3", "10.1.2.3", true), ("192.168.0.0/23", "192.168.1.255", true),
        ("192.168.0.0/23", "192.168.2.0", false), ("0.0.0.0/0", "1.2.3.4", true), ("fd00::/8", "fd12::1", true),
        ("fd00::/8", "fe80::1", false), ("::1", "::1", true), ("[::1]", "::1", true), ("::/0", "1.2.3.4", false),
        ("a.example:443", "a.example", true), ("a.example:444", "a.example", false),
        ("x, a.example ,y", "a.example", true), ("x a.example", "a.example", true), ("10.0.0.0/99", "10.0.0.1", false),
    ])
    func exceptions(list: String, host: String, isDirect: Bool) {
        #expect(ProxyExceptions(list).contain(host, port: 443) == isDirect)
    }

    @Test func addresses() throws {
        let plain = try ProxyAddress("proxy.example:3128")
        #expect(plain.host == "proxy.example" && plain.port == 3128 && plain.authorization == nil)
        #expect(try ProxyAddress("http://proxy").port == 8080)
        #expect(try ProxyAddress("http://proxy:80/").port == 80)
        #expect(try ProxyAddress("[::1]").port == 8080)
        let secret = try ProxyAddress("http://me:p%40ss@proxy:1")
        #expect(secret.authorization == "Basic bWU6cEBzcw==")
        #expect(!"\(secret)".contains("p@ss") && !String(reflecting: secret).contains("bWU6"))
        #expect(throws: ServiceAddress.Invalid.self) { try ProxyAddress("socks5://me:hidden@proxy:1") }
        let refusal = #expect(throws: ServiceAddress.Invalid.self) { try ProxyAddress("http://me:hidden@pro xy:1") }
        #expect(refusal?.description.contains("hidden") == false)
    }

    @Test func theSchemeChoosesTheProxy() throws {
        let settings = ProxySettings(
            https: try ProxyAddress("s:1"), http: try ProxyAddress("p:2"), exceptions: ProxyExceptions("direct.example")
        )
        #expect(settings.proxy(for: try ServiceAddress("a.example"))?.host == "s")
        #expect(settings.proxy(for: try ServiceAddress("http://127.0.0.1:1"))?.host == "p")
        #expect(settings.proxy(for: try ServiceAddress("direct.example")) == nil)
        #expect(ProxySettings.none.proxy(for: try ServiceAddress("a.example")) == nil)
        #expect(ProxyExceptions.loopback.contain("127.9.9.9", port: 1))
        #expect((ProxyExceptions("x") + .loopback).contain("localhost", port: 1))
    }

    @Test(arguments: [
        ("HTTP/1.1 200 Connection established\r\n\r\n", ConnectReply.Result.open),
        ("HTTP/1.0 200 OK\r\nVia: x\r\n\r\n", .open),
        (
            "HTTP/1.1 407 Proxy Authentication Required\r\nA: b\r\n\r\n",
            .refused("the proxy wants user and password (407); set them in its address")
        ),
        ("HTTP/1.1 502 Bad Gateway\r\n\r\n", .refused("the proxy answered 502 Bad Gateway")),
        ("SSH-2.0-OpenSSH\r\n\r\n", .refused("the proxy's answer is no HTTP")),
        ("HTTP/1.1 200", .incomplete),
    ])
    func replies(text: String, result: ConnectReply.Result) {
        // Whole, and byte by byte.
        var whole = ConnectReply()
        var buffer = ByteBuffer(string: text + (result == .open ? "tunnel" : ""))
        #expect(whole.received(&buffer) == result)
        if result == .open { #expect(String(buffer: buffer) == "tunnel") }
        var bits = ConnectReply()
        var last = ConnectReply.Result.incomplete
        for byte in text.utf8 {
            var one = ByteBuffer(bytes: [byte])
            last = bits.received(&one)
        }
        #expect(last == result)
    }

    @Test func aHeadWithoutEndIsGivenUp() {
        var reply = ConnectReply()
        var buffer = ByteBuffer(repeating: 65, count: 100_000)
        #expect(reply.received(&buffer) == .refused("the proxy's answer is no HTTP"))
        #expect(buffer.readableBytes == 100_000 - ConnectReply.maxHeadBytes)
    }

    private func client(_ ports: LocalServer.Ports, _ proxy: String, except: String = "") throws -> IngestClient {
        IngestClient(
            configuration: IngestClientConfiguration(
                endpoint: try ServiceAddress("http://127.0.0.1:\(ports.grpc)"),
                workspace: try ServiceAddress("http://127.0.0.1:\(ports.http)"), credentials: .bearer("local"),
                proxy: ProxySettings(http: try ProxyAddress(proxy), exceptions: ProxyExceptions(except))),
            logger: quiet)
    }

    private func send(_ client: IngestClient) async throws -> StreamEnd {
        try await client.withStream(try Telemetry.request()) { stream in
            for index in 0..<50 {
                _ = try await stream.send(batchBody: Telemetry.batch(index * 100..<(index + 1) * 100), count: 100)
            }
            stream.finish()
            for await _ in stream.acknowledgements {}
        }
    }

    @Test func aStreamGoesThroughTheProxy() async throws {
        try await LocalWorld.with { ports, _ in
            try await CountingProxy.with { proxy in
                let end = try await send(client(ports, "127.0.0.1:\(proxy.port)"))
                #expect(end == .finished)
                #expect(proxy.asked == ["127.0.0.1:\(ports.grpc)"])
                #expect(proxy.bytes > 100_000)
                // Named as an exception it is reached directly.
                let direct = try await send(client(ports, "127.0.0.1:\(proxy.port)", except: "127.0.0.0/8"))
                #expect(direct == .finished)
                #expect(proxy.asked.count == 1)
            }
            #expect(try await IngestTests().get(ports, "/tables/main.plant.telemetry/count") == #"{"count":10000}"#)
        }
    }

    @Test func aProxyThatRefusesIsExplained() async throws {
        try await LocalWorld.with { ports, _ in
            try await CountingProxy.with(answer: "HTTP/1.1 407 No\r\n\r\n") { proxy in
                guard case .failed(let error) = try await send(client(ports, "127.0.0.1:\(proxy.port)")) else {
                    Issue.record("sent")
                    return
                }
                #expect(error.disposition == .transient)
                #expect(error.message.contains("wants user and password"), "\(error)")
            }
            guard case .failed(let error) = try await send(client(ports, "127.0.0.1:1")) else {
                Issue.record("sent")
                return
            }
            #expect(error.message.contains("the proxy 127.0.0.1:1 cannot be reached"))
        }
    }
}
