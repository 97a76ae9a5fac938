import OPCUATypes
import Testing

@testable import OPCUAAdapter

/// What is kept of a source's tags, packed.
@Suite struct OPCUATagDirectoryTests {
    private static let nodes: [NodeId?] = [
        nil, NodeId(85), NodeId(namespace: 65_535, numeric: .max), NodeId(namespace: 2, string: ""),
        NodeId(namespace: 2, string: String(repeating: "lang/länger/", count: 9_000)),
        NodeId(
            namespace: 1,
            identifier: .guid(Guid(data1: .max, data2: 1, data3: .max, data4: 0xB404_DC7D_AF63_FFFF))),
        NodeId(namespace: 3, identifier: .opaque(ByteString([0, 255, 7]))),
    ]

    @Test func everyKindOfEntryIsGivenBack() {
        var directory = TagDirectory()
        var entries: [TagDirectory.Entry] = []
        for (index, node) in Self.nodes.enumerated() {
            entries.append(
                .init(
                    address: "plant/\(index)", path: index % 2 == 0 ? "plant/\(index)" : "plant", node: node,
                    intervals: ReadingIntervals(poll: .milliseconds(index % 3)),
                    problem: node == nil ? .badNoMatch : .good, deadbands: [.absolute, .percent]))
        }
        for entry in entries { directory.append(entry) }
        #expect(directory.count == entries.count)
        #expect((0..<directory.count).map { directory[$0] } == entries)
        for (handle, entry) in entries.enumerated() { #expect(directory.handle(of: entry.address) == handle) }
        #expect(directory.handle(of: "plant") == nil)
        entries[1].node = NodeId(namespace: 2, numeric: 7)
        entries[1].deadbands = []
        directory.replace(1, entries[1])
        #expect(directory[1] == entries[1] && directory[2] == entries[2])
    }

    @Test func addressesAreFoundAmongThousands() {
        var directory = TagDirectory()
        for handle in 0..<5_000 {
            directory.append(.init(address: "a\(handle)", path: "a\(handle)", node: NodeId(UInt32(handle))))
        }
        #expect((0..<5_000).allSatisfy { (handle: Int) in directory.handle(of: "a\(handle)") == handle })
        #expect(directory.handle(of: "a5000") == nil)
    }

    // MARK: Items

    private func items(_ places: [Int: (UInt32, UInt32)]) -> MonitoredItems {
        var items = MonitoredItems()
        for (handle, place) in places { items[handle] = .init(subscription: place.0, id: place.1) }
        return items
    }

    @Test func neighbouringItemsAreWrittenDownAsOne() {
        let items = items([0: (7, 100), 1: (7, 101), 2: (7, 102), 4: (7, 104), 5: (8, 105), 6: (8, 1)])
        #expect(
            items.runs == [
                .init(handle: 0, subscription: 7, id: 100, count: 3),
                .init(handle: 4, subscription: 7, id: 104, count: 1),
                .init(handle: 5, subscription: 8, id: 105, count: 1),
                .init(handle: 6, subscription: 8, id: 1, count: 1),
            ])
        #expect(items.handles == [0, 1, 2, 4, 5, 6] && items.count == 6 && items.subscriptions == [7, 8])
        let restored = MonitoredItems(items.runs, limit: 7)
        #expect(restored.runs == items.runs)
        #expect(restored[3] == nil && restored[99] == nil && restored[5] == .init(subscription: 8, id: 105))
    }

    /// A file that says anything at all takes no more room than there are tags.
    @Test func handlesBeyondTheTagsAreLeftOut() {
        let runs = [
            MonitoredItems.Run(handle: 1, subscription: 1, id: .max, count: .max),
            MonitoredItems.Run(handle: .max, subscription: 1, id: 1, count: .max),
        ]
        #expect(MonitoredItems(runs, limit: 3).handles == [1, 2])
    }
}
