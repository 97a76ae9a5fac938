import OPCUAClient
import OPCUATypes

/// Finds the nodes at the ends of browse paths.
struct PathResolver {
    let browser: AddressSpaceBrowser
    /// The server's NamespaceArray.
    let namespaces: [String]

    /// One result each: the node, or why there is none.
    func resolve(_ paths: [BrowsePathText]) async throws -> [Result<NodeId, PathProblem>] {
        var results = [Result<NodeId, PathProblem>](repeating: .failure(.noMatch), count: paths.count)
        var open: [Int] = []
        var translatable: [(index: Int, path: BrowsePath)] = []
        for (index, path) in paths.enumerated() {
            if path.elements.isEmpty {
                results[index] = .success(path.start)
            } else if let named = browsePath(path) {
                translatable.append((index, named))
            } else {
                open.append(index)
            }
        }
        if !translatable.isEmpty {
            if let nodes = try await translate(translatable.map(\.path)) {
                for (place, node) in zip(translatable, nodes) { results[place.index] = node }
            } else {
                open += translatable.map(\.index)
            }
        }
        try await walk(paths, open, into: &results)
        return results
    }

    // MARK: Ways whose names are all known

    private func browsePath(_ path: BrowsePathText) -> BrowsePath? {
        var elements: [RelativePathElement] = []
        for element in path.elements {
            guard let name = element.qualified(in: namespaces) else { return nil }
            elements.append(
                RelativePathElement(
                    referenceTypeId: StandardNode.hierarchicalReferences, isInverse: false, includeSubtypes: true,
                    targetName: name))
        }
        return BrowsePath(startingNode: path.start, relativePath: RelativePath(elements: elements))
    }

    /// TranslateBrowsePathsToNodeIds (Part 4, 5.9.4); nil when the server does not offer the service.
    private func translate(_ paths: [BrowsePath]) async throws -> [Result<NodeId, PathProblem>]? {
        var results: [Result<NodeId, PathProblem>] = []
        var size = browser.limits.nodesPerBrowse
        while results.count < paths.count {
            let batch = Array(paths[results.count..<min(paths.count, results.count + size)])
            do {
                let answer = try await browser.connection.call(
                    TranslateBrowsePathsToNodeIdsRequest(browsePaths: batch))
                guard answer.results.count == batch.count else { return nil }
                results += answer.results.map(Self.target)
            } catch let error as OPCUAClientError where error.status?.base == .badServiceUnsupported {
                return nil
            } catch let error as OPCUAClientError
                where error.status?.base == .badTooManyOperations && batch.count > 1
            {
                size = batch.count / 2
            }
        }
        return results
    }

    private static func target(_ result: BrowsePathResult) -> Result<NodeId, PathProblem> {
        guard result.statusCode.isGood else { return .failure(PathProblem(status: result.statusCode)) }
        // A target with an index left lies in another server.
        let found = result.targets.first { $0.remainingPathIndex == .max }
        guard let node = found?.targetId.ofThisServer else {
            return .failure(.noMatch)
        }
        return .success(node)
    }

    // MARK: Ways with names of any namespace

    /// Goes down all ways at once, one level per round; each node is browsed once for all ways that pass it.
    private func walk(
        _ paths: [BrowsePathText], _ open: [Int], into results: inout [Result<NodeId, PathProblem>]
    ) async throws {
        var walkers = open.map { (index: $0, node: paths[$0].start) }
        for level in 0..<BrowsePathText.elementsMax where !walkers.isEmpty {
            let nodes = Array(Set(walkers.map(\.node)))
            let answers = try await browser.browse(nodes.map { .downwards($0) })
            let children = Dictionary(uniqueKeysWithValues: zip(nodes, answers))
            var next: [(index: Int, node: NodeId)] = []
            for walker in walkers {
                let element = paths[walker.index].elements[level]
                guard let answer = children[walker.node] else { continue }
                let child = answer.references.first { element.fits($0.browseName, in: namespaces) }
                guard let node = child?.nodeId.ofThisServer else {
                    results[walker.index] = .failure(
                        answer.statusCode.isBad ? PathProblem(status: answer.statusCode) : .noMatch)
                    continue
                }
                if level + 1 == paths[walker.index].elements.count {
                    results[walker.index] = .success(node)
                } else {
                    next.append((walker.index, node))
                }
            }
            walkers = next
        }
    }
}

/// Why a browse path leads nowhere.
struct PathProblem: Error, Hashable {
    var status: StatusCode

    static let noMatch = PathProblem(status: .badNoMatch)
}
