import MDNSCore
import Testing

@testable import MDNSResponder

@Suite struct LinkChoiceTests {
    private let loopback = NetworkLink(
        name: "lo", index: 1, isLoopback: true, addresses: [.ipv4(0x7F00_0001), .ipv6(0, 1)])
    private let plant = NetworkLink(
        name: "eth0", index: 2, isLoopback: false, addresses: [.ipv4(0xC0A8_0105), .ipv6(0xFE80_0000_0000_0000, 5)])
    private let office = NetworkLink(name: "eth1", index: 3, isLoopback: false, addresses: [.ipv4(0x0A00_0007)])

    /// `name/family/number of addresses` of each place.
    private func places(_ listening: String, _ interfaces: [String] = []) -> [String] {
        LinkChoice(listening: listening, interfaces: interfaces).places(among: [loopback, plant, office])
            .map { "\($0.link.name)/\($0.family)/\($0.addresses.count)" }
    }

    @Test func whoListensEverywhereIsAnnouncedOutside() {
        #expect(places("0.0.0.0") == ["eth0/ipv4/1", "eth1/ipv4/1"])
        #expect(places("::") == ["eth0/ipv4/2", "eth0/ipv6/2", "eth1/ipv4/1"])
        #expect(places("plant.example") == ["eth0/ipv4/1", "eth1/ipv4/1"], "a name may mean any address")
    }

    @Test func whoListensOnOneAddressIsAnnouncedThere() {
        #expect(places("127.0.0.1") == ["lo/ipv4/1"])
        #expect(places("localhost") == ["lo/ipv4/1"])
        #expect(places("::1") == ["lo/ipv6/1"])
        #expect(places("10.0.0.7") == ["eth1/ipv4/1"])
        #expect(places("10.0.0.8").isEmpty)
    }

    @Test func interfacesCanBeChosen() {
        #expect(places("0.0.0.0", ["eth1"]) == ["eth1/ipv4/1"])
        #expect(places("0.0.0.0", ["192.168.1.5"]) == ["eth0/ipv4/1"])
        #expect(places("0.0.0.0", ["lo"]) == ["lo/ipv4/1"], "asked for by name")
        #expect(places("127.0.0.1", ["eth0"]).isEmpty, "nobody listens there")
        let choice = LinkChoice(listening: "0.0.0.0", interfaces: ["eth1", "wlan0", "10.1.1.1"])
        #expect(choice.missing(among: [loopback, plant, office]) == ["wlan0", "10.1.1.1"])
    }

    @Test func thisMachineHasLoopback() throws {
        let links = try NetworkLink.all()
        #expect(links.contains { $0.isLoopback && $0.addresses.contains(.ipv4(0x7F00_0001)) })
        #expect(HostAddress("192.168.1.5") == .ipv4(0xC0A8_0105))
        #expect(HostAddress("fe80::5") == .ipv6(0xFE80_0000_0000_0000, 5))
        #expect(HostAddress("eth0") == nil)
        #expect(!ServiceAnnouncer.machineName.isEmpty && !ServiceAnnouncer.machineName.contains("."))
    }
}
