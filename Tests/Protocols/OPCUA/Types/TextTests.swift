import OPCUATypes
import Testing

@Suite struct TextTests {
    @Test(arguments: [
        "i=85", "ns=2;s=mining/crusher_1_motor_power", "ns=2;s=a;b=c", "ns=1;i=4294967295", "ns=65535;s=",
        "g=72962B91-FA75-4AE6-8D28-B404DC7DAF63", "ns=3;b=AQI=", "b=AQID", "b=",
    ])
    func nodeIdRoundTrips(_ text: String) throws {
        #expect(try #require(NodeId(text)).description == text)
    }

    @Test(arguments: [
        "", "85", "i=", "i=-1", "i=+1", "i=4294967296", "ns=65536;i=1", "ns=;i=1", "ns=2", "x=1", "g=12", "b=A",
        "b=A===",
        "b=AB!C", "ns=2;x=1",
    ])
    func nodeIdRefuses(_ text: String) { #expect(NodeId(text) == nil) }

    @Test(arguments: ["i=85", "ns=2;s=x", "nsu=urn:x;s=y", "svr=3;nsu=http://a/%3B%25;i=9", "svr=1;i=2"])
    func expandedNodeIdRoundTrips(_ text: String) throws {
        #expect(try #require(ExpandedNodeId(text)).description == text)
    }

    @Test func expandedNodeIdUnescapes() throws {
        #expect(try #require(ExpandedNodeId("nsu=a%3bb%25c%;i=1")).namespaceURI == "a;b%c%")
        #expect(ExpandedNodeId("nsu=urn:x") == nil)
        #expect(ExpandedNodeId("svr=x;i=1") == nil)
    }

    @Test func base64OfEveryLength() {
        for count in 0..<10 {
            let bytes = ByteString((0..<count).map { UInt8(truncatingIfNeeded: $0 * 37) })
            #expect(ByteString(base64: bytes.base64) == bytes)
        }
        #expect(ByteString([0xFB, 0xFF]).base64 == "+/8=")
    }
}
