import Testing

@testable import ZerobusClient
@testable import ZerobusServer

@Suite struct SecretTests {
    @Test func printedConfigurationsHoldNoSecret() throws {
        var server = LocalServerConfiguration(dataDirectory: "x")
        server.principal = ServicePrincipal(id: "me", secret: "hush")
        let address = try ServiceAddress("https://ws.example")
        let client = IngestClientConfiguration(
            endpoint: address, workspace: address, credentials: .servicePrincipal(id: "me", secret: "hush"))
        let bearer = IngestClientConfiguration(endpoint: address, workspace: address, credentials: .bearer("hush"))
        for text in ["\(server)", "\(client)", "\(bearer)", String(reflecting: client), String(reflecting: server)] {
            #expect(!text.contains("hush"))
        }
        var dumped = ""
        dump(client, to: &dumped)
        dump(server, to: &dumped)
        #expect(!dumped.contains("hush"))
    }

    @Test(arguments: [
        ("ws.example", "https://ws.example:443"), ("https://WS.example:8443/", "https://WS.example:8443"),
        ("http://127.0.0.1:7443", "http://127.0.0.1:7443"), ("http://localhost", "http://localhost:80"),
        ("http://[::1]:5", "http://[::1]:5"), ("[2001:db8::1]:443", "https://[2001:db8::1]:443"),
    ])
    func addresses(text: String, result: String) throws { #expect(try ServiceAddress(text).description == result) }

    @Test(arguments: [
        "", "https://", "http://ws.example", "http://127.0.0.1.evil.example", "ftp://x", "ws.example:0", "ws.example:x",
        "ws.example/path", "user@ws.example", "https://ws.example:99999",
    ])
    func notAddresses(text: String) { #expect(throws: ServiceAddress.Invalid.self) { try ServiceAddress(text) } }

    @Test func plaintextElsewhereMustBeAllowed() throws {
        #expect(try ServiceAddress("http://zerobus-local:7443", allowPlaintext: true).usesTLS == false)
    }
}
