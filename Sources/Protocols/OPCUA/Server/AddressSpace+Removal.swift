public import OPCUATypes

/// Changes of an address space that clients are to be told of.
struct ModelChanges: Sendable {
    private(set) var all: [ModelChange] = []
    /// Slots of variables that are gone.
    fileprivate(set) var removedSlots: [Int32] = []

    mutating func added(_ node: NodeId, type: NodeId, under parent: NodeId) {
        all.append(ModelChange(node: node, type: type, verb: .nodeAdded))
        all.append(ModelChange(node: parent, type: .null, verb: .referenceAdded))
    }

    fileprivate mutating func removed(_ node: NodeId) {
        all.append(ModelChange(node: node, type: .null, verb: .nodeDeleted))
    }

    fileprivate mutating func unlinked(_ node: NodeId) {
        all.append(ModelChange(node: node, type: .null, verb: .referenceDeleted))
    }
}

extension AddressSpace {
    /// Removes a node with everything below it that hangs on nothing else. Items that watch it report BadNodeIdUnknown.
    /// - Throws: when there is no such node, or it is the standard's.
    public mutating func remove(_ id: NodeId) throws(AddressSpaceError) {
        // A property of an AnalogItem goes with its item.
        guard let root = index(of: id), root >= 0 else { throw .unknownNode(id) }
        guard id.namespace != 0 else { throw .standardNode(id) }
        var parents: Set<Int32> = []
        for index in subtree(root) {
            for reference in self[index].references where reference.target >= 0 {
                if !reference.isForward { parents.insert(reference.target) }
                change(reference.target) { $0.references.removeAll { $0.target == index } }
            }
            let node = self[index]
            changes?.removed(node.id)
            if case .variable(let variable) = node.kind, variable.slot >= 0, variable.computed == nil {
                changes?.removedSlots.append(variable.slot)
            }
            forget(index)
        }
        for parent in parents.sorted() {
            let id = self[parent].id
            if self.index(of: id) == parent { changes?.unlinked(id) }
        }
    }

    /// A node and the nodes below it whose every parent is among them too, parents first.
    private func subtree(_ root: Int32) -> [Int32] {
        var found = [root]
        var known: Set<Int32> = [root]
        var next = 0
        while next < found.count {
            for reference in self[found[next]].references
            where reference.isForward && reference.target >= 0 && !known.contains(reference.target)
                && isOwning(reference.type)
            {
                let isOrphan = self[reference.target].references.allSatisfy {
                    $0.isForward || !isOwning($0.type) || known.contains($0.target)
                }
                guard isOrphan else { continue }
                known.insert(reference.target)
                found.append(reference.target)
            }
            next += 1
        }
        return found
    }

    /// References that lead from a node to what belongs to it.
    private func isOwning(_ type: UInt32) -> Bool {
        type == Standard.hasEncoding || isReference(type, kindOf: Standard.hierarchicalReferences)
    }
}
