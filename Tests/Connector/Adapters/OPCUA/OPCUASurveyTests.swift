import ConnectorModel
import OPCUACore
import OPCUAServer
import OPCUATypes
import Testing

@testable import OPCUAAdapter

/// What a source finds to read on our own server over loopback.
@Suite(.timeLimit(.minutes(1))) struct OPCUASurveyTests {
    /// The addresses of a source's tags once it is connected, in order.
    private func addresses(
        _ plant: OPCUATestPlant, _ nodes: [NodeSelection] = [], _ discovery: TagDiscovery = TagDiscovery()
    ) async throws -> [String] {
        let found = OPCUABox<[String]>([])
        try await plant.serve { port in
            let source = try OPCUATestPlant.source(port, nodes: nodes, discovery: discovery)
            let intake = Intake(source: source.identity, layout: .rawEvents, sink: MQTTFakeSink())
            try await withRunningOPCUASource(source, intake) { () async throws in
                #expect(try await mqttEventually { intake.snapshot().connectedSince != nil })
            }
            found.set(intake.lastValues(limit: .max).map(\.tag.address))
        }
        return found.value
    }

    private func recursive(_ text: String, depth: Int? = nil) throws -> NodeSelection {
        text.hasPrefix("/")
            ? try NodeSelection(browsePath: text, isRecursive: true, depth: depth)
            : try NodeSelection(nodeID: text, isRecursive: true, depth: depth)
    }

    @Test func everythingIsFoundOnceWithItsPlace() async throws {
        #expect(
            try await addresses(.tree()).sorted() == [
                "line/a", "line/b", "line/b/p", "line/cell/c", "line/cell/deep/d", "store/a",
            ])
    }

    @Test func depthAndGlobsBoundTheSearch() async throws {
        #expect(
            try await addresses(.tree(), [], TagDiscovery(depth: 2)).sorted() == ["line/a", "line/b", "store/a"])
        let some = TagDiscovery(include: [Glob("line/**")], exclude: [Glob("line/cell/**"), Glob("ns=2;s=line/a")])
        #expect(try await addresses(.tree(), [], some).sorted() == ["line/b", "line/b/p"])
    }

    @Test func nodesAreNamedByPathWithAndWithoutIndex() async throws {
        let nodes: [NodeSelection] = [
            "/Objects/2:line/2:cell/2:c", "/Objects/line/a", "/store/2:a", "/nsu=urn:test:plant;line/b/p",
            "/Objects/2:line/2:nothing", "/line/nothing/x",
        ]
        #expect(
            try await addresses(.tree(), nodes) == [
                "line/cell/c", "line/a", "store/a", "line/b/p", "/Objects/2:line/2:nothing", "/line/nothing/x",
            ])
    }

    /// The index of a namespace is the server's to choose, at each start anew.
    @Test(arguments: [["urn:test:plant"], ["urn:other", "urn:another", "urn:test:plant"]])
    func aNamespaceByURIIsFoundWhereverItStands(namespaces: [String]) async throws {
        let plant = try OPCUATestPlant.tree(namespaces: namespaces, index: UInt16(namespaces.count + 1))
        let nodes: [NodeSelection] = ["nsu=urn:test:plant;s=line/a", "nsu=urn:nowhere;s=line/a"]
        #expect(try await addresses(plant, nodes) == ["line/a", "nsu=urn:nowhere;s=line/a"])
    }

    @Test func recursiveEntriesTakeWhatLiesBelow() async throws {
        #expect(
            try await addresses(.tree(), [recursive("ns=2;s=line")]).sorted() == [
                "line/a", "line/b", "line/b/p", "line/cell/c", "line/cell/deep/d",
            ])
        #expect(try await addresses(.tree(), [recursive("/line", depth: 1)]).sorted() == ["line/a", "line/b"])
        // A variable with parts is read with them; what is named twice is read once.
        #expect(
            try await addresses(.tree(), ["ns=2;s=line/b/p", recursive("/line/b"), recursive("ns=2;s=line/b")]) == [
                "line/b/p", "line/b",
            ])
        #expect(try await addresses(.tree(), [recursive("/Objects", depth: 2), "ns=2;s=store/a"]).count == 3)
    }

    @Test func aServerOfSmallRequestsIsAskedInSmallOnes() async throws {
        let plant = try OPCUATestPlant.tree { $0.limits.maxOperationsPerRequest = 3 }
        #expect(
            try await addresses(plant, ["/2:line/2:a", "/2:line/2:b", "/line/cell/c"]) == [
                "line/a", "line/b", "line/cell/c",
            ])
    }

    /// 10,000 nodes with references that lead back up and across.
    @Test func aLargeTreeWithLoopsEnds() async throws {
        let plant = try OPCUATestPlant(tags: 10_000, folders: 100) {
            $0.limits.maxReferencesPerNode = 30
            $0.limits.maxBrowseContinuationPoints = 5
            $0.limits.maxOperationsPerRequest = 700
        }
        #expect(try await Set(addresses(plant)).count == 10_000)
    }
}
