import OPCUAClient
import Testing

@Suite struct OPCUAEndpointTests {
    @Test(arguments: [
        ("opc.tcp://plc:4841/a/b", "plc", 4841), ("opc.tcp://plc", "plc", 4840), ("OPC.TCP://plc/x", "plc", 4840),
        ("opc.tcp://[fd00::1]:1/", "fd00::1", 1), ("opc.tcp://[::1]", "::1", 4840),
    ])
    func whatIsAnEndpoint(text: String, host: String, port: Int) throws {
        let endpoint = try OPCUAEndpoint(text)
        #expect(endpoint.host == host && endpoint.port == port && endpoint.url == text)
    }

    @Test(arguments: [
        "http://plc", "opc.tcp://", "opc.tcp://:4840", "opc.tcp://plc:0", "opc.tcp://plc:65536", "opc.tcp://plc:x",
        "opc.tcp://fd00::1", "opc.tcp://[::1", "opc.tcp://[::1]x", "",
    ])
    func whatIsNone(text: String) {
        #expect { try OPCUAEndpoint(text) } throws: { ($0 as? OPCUAClientError)?.disposition == .fatal }
    }
}
