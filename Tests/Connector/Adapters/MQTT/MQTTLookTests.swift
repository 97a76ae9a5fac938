import MQTTAdapter
import Testing

@Suite struct MQTTLookTests {
    /// A look must neither take over the session of a running source nor hold back acknowledgements.
    @Test func aLookHasASessionOfItsOwn() throws {
        let running = try MQTTSourceConfiguration(
            name: "s", endpoint: "mqtt://127.0.0.1", topics: [.init(filter: "a/#", qos: 2)])
        let look = try running.forALook()
        #expect(look.clientID != running.clientID && look.clientID.hasPrefix("penstock-s-look-"))
        #expect(look.cleanSession && look.topics == [.init(filter: "a/#", qos: 0)])
    }
}
