import FuzzKit
import NIOCore
import OPCUATypes

/// Values: the first byte says which kind follows.
func fuzzVariant(_ input: ByteBuffer) {
    var input = input
    guard let kind = input.readInteger(as: UInt8.self).flatMap(ValueKind.init) else { return }
    switch kind {
    case .variant:
        guard let value = checkCanonical(Variant.self, input) else { return }
        #if PLANTED_TRAP
        // A mistake that is easily made, to see that it is found: a matrix has two dimensions, has it not?
        if case .array(let array) = value, array.dimensions.count > 2 { _ = array.dimensions[array.dimensions.count] }
        #endif
        demand(value.isIdentical(to: value) || value != value)
        checkResolved(value)
    case .dataValue: checkCanonical(DataValue.self, input)
    case .diagnosticInfo: checkCanonical(DiagnosticInfo.self, input)
    case .nodeId:
        guard let id = checkCanonical(ExpandedNodeId.self, input) else { return }
        checkText(id)
    case .structure:
        checkResolved(
            .extensionObject(
                ExtensionObject(
                    typeId: NodeId(namespace: 2, numeric: 100), body: .binary(ByteString(input.readableBytesView)))))
    case .definition: fuzzDefinition(input)
    case .publish: comparePublish(input)
    }
}

enum ValueKind: UInt8, CaseIterable {
    case variant, dataValue, diagnosticInfo, nodeId, structure, definition, publish
}

func variantSeeds() -> [[UInt8]] {
    func seed(_ kind: ValueKind, _ value: some BinaryEncodable) -> [UInt8] {
        [kind.rawValue] + Array(value.encoded().readableBytesView)
    }
    return (Sample.scalars + Sample.arrays).map { seed(.variant, $0) }
        + [
            seed(.dataValue, Sample.dataValue), seed(.dataValue, DataValue(Sample.variant)),
            seed(.diagnosticInfo, Sample.diagnosticInfo), seed(.nodeId, Sample.expandedNodeId),
            seed(.nodeId, ExpandedNodeId(NodeId(namespace: 1, identifier: .opaque(ByteString([1, 2]))))),
            seed(.nodeId, ExpandedNodeId(NodeId(namespace: 1, identifier: .guid(.zero)))),
        ] + structureSeeds().map { [ValueKind.structure.rawValue] + $0 }
        + definitionSeeds().map { [ValueKind.definition.rawValue] + $0 }
        + publishSeeds().map { [ValueKind.publish.rawValue] + Array($0.encoded().readableBytesView) }
}

/// The text forms of identifiers turn back into what they came from.
private func checkText(_ id: ExpandedNodeId) {
    demand(NodeId(id.nodeId.description) == id.nodeId, "\(id.nodeId) is not what it says")
    // The text with a URI has no place for the index, which the URI replaces.
    var named = id
    if id.namespaceURI != nil { named.nodeId.namespace = 0 }
    demand(ExpandedNodeId(id.description) == named, "\(id) is not what it says")
    _ = id.local(in: ["urn:a", "urn:x"])
}
