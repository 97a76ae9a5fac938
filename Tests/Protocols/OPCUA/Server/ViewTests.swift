import OPCUATypes
import Testing

@testable import OPCUAServer

@Suite(.timeLimit(.minutes(1))) struct ViewTests {
    @Test func longListsComeInPages() async throws {
        try await TestServer.numbers((0..<10).map { "v\($0)" }) {
            $0.limits.maxBrowseContinuationPoints = 2
        } body: { _, _, port in
            try await RawClient.session(port) { client in
                let objects = BrowseDescription(
                    nodeId: AddressSpace.objects, browseDirection: .forward, nodeClassMask: 2, resultMask: 63)
                let request = BrowseRequest(
                    requestedMaxReferencesPerNode: 4, nodesToBrowse: [objects, objects, objects])
                let results = try await client.call(request).results
                #expect(results.map(\.statusCode) == [.good, .good, .badNoContinuationPoints])
                var names = results[0].references.map(\.browseName.name)
                var point = results[0].continuationPoint
                while let next = point {
                    let page = try await client.call(BrowseNextRequest(continuationPoints: [next])).results[0]
                    names += page.references.map(\.browseName.name)
                    point = page.continuationPoint
                }
                #expect(names == (0..<10).map { "v\($0)" })
                let release = BrowseNextRequest(
                    releaseContinuationPoints: true, continuationPoints: [results[1].continuationPoint])
                #expect(try await client.call(release).results.map(\.statusCode) == [.good])
                #expect(try await client.call(release).results.map(\.statusCode) == [.badContinuationPointInvalid])
            }
        }
    }

    @Test func pathsAreFollowed() async throws {
        try await TestServer.numbers(["a"]) { _, _, port in
            try await RawClient.session(port) { client in
                func translate(_ names: [QualifiedName]) async throws -> BrowsePathResult? {
                    let path = BrowsePath(
                        startingNode: AddressSpace.objects,
                        relativePath: RelativePath(
                            elements: names.map {
                                RelativePathElement(referenceTypeId: NodeId(33), includeSubtypes: true, targetName: $0)
                            }))
                    return try await client.call(TranslateBrowsePathsToNodeIdsRequest(browsePaths: [path])).results
                        .first
                }
                let range = try await translate([QualifiedName("a", namespace: 2), QualifiedName("EURange")])
                #expect(range?.targets.map(\.targetId.nodeId) == [TestServer.node("a.EURange")])
                // A last element without a name means every target.
                let properties = try await translate([QualifiedName("a", namespace: 2), .null])
                #expect(properties?.targets.count == 2)
                #expect(
                    try await translate([.null, QualifiedName("a", namespace: 2)])?.statusCode == .badBrowseNameInvalid)
                #expect(try await translate([QualifiedName("a")])?.statusCode == .badNoMatch)
                #expect(try await translate([])?.statusCode == .badNothingToDo)
            }
        }
    }
}
