import ConnectorModel
import Logging
import OPCUAClient
import OPCUATypes

/// Finds out what a source reads on a server: nodes, their places, and what the server says of them.
struct Survey {
    let browser: AddressSpaceBrowser
    let configuration: OPCUASourceConfiguration
    let logger: Logger

    struct Outcome {
        var tags: FoundTags
        var types: DataTypes
    }

    /// What an earlier survey of the same connection found.
    struct Known {
        /// The handle of a variable that was found just so.
        var handle: @Sendable (Variable) -> Int? = { _ in nil }
        /// The NodeVersion of each that has one.
        var versions: [Int: TagDetails.Version] = [:]
    }

    /// - Parameters:
    ///   - known: only others are asked about, and those whose NodeVersion has changed.
    ///   - types: what is known of the server's data types.
    /// - Throws: `SourceFailure` when there is nothing to read.
    func run(known: Known = Known(), _ types: DataTypes = .standard) async throws -> Outcome {
        let variables = try await variables()
        let outdated = try await outdated(known.versions)
        let handles = variables.map { variable in
            known.handle(variable).flatMap { outdated.contains($0) ? nil : $0 }
        }
        let present = variables.indices.filter { variables[$0].node != nil && handles[$0] == nil }
        let details = try await DetailReader(browser: browser).details(of: present.compactMap { variables[$0].node })
        let types = try await self.types(of: details, present.map { variables[$0] }, types)
        var next = details.makeIterator()
        let tags = FoundTags(count: variables.count) { index in
            if let handle = handles[index] { return .known(handle) }
            let details = variables[index].node == nil ? TagDetails.unknown : next.next() ?? .unknown
            return .new(
                TagTable.Tag(
                    variable: variables[index], details: details,
                    isEnumeration: types.dictionary.enumeration(0, of: details.dataType) != nil,
                    expands: configuration.reading.expandsArrays))
        }
        return Outcome(tags: tags, types: types)
    }

    /// Tags whose NodeVersion is another than when they were looked at.
    private func outdated(_ versions: [Int: TagDetails.Version]) async throws -> Set<Int> {
        guard !versions.isEmpty else { return [] }
        let asked = versions.sorted { $0.key < $1.key }
        let values = try await browser.connection.read(asked.map { ($1.node, .value) }, limits: browser.limits)
        return Set(zip(asked, values).filter { $0.1.text != $1.value }.map(\.0.0))
    }

    /// The data types of the variables, and those of structures that the variables hold now.
    private func types(
        of details: [TagDetails], _ variables: [Variable], _ known: DataTypes
    ) async throws -> DataTypes {
        let reader = TypeReader(browser: browser)
        let declared = Set(details.map(\.dataType)).sorted { $0.description < $1.description }
        let types = try await reader.learn(declared, into: known)
        let open = zip(details, variables).compactMap { details, variable in
            details.mayHoldStructures(types) ? variable.node : nil
        }
        guard !open.isEmpty else { return types }
        let values = try await browser.connection.read(
            open.prefix(Self.structuresMax).map { ($0, .value) }, limits: browser.limits)
        let encodings = Set(values.flatMap { types.unknownEncodings(in: $0.value) })
        guard !encodings.isEmpty else { return types }
        return try await reader.learn([], encodings: Array(encodings), into: types)
    }

    /// Variables whose values are looked at for structures before the first reading; types that come up later are
    /// learnt then.
    private static let structuresMax = 10_000

    /// The server's NamespaceArray (Part 5, 6.3.1): indexes hold for this session only.
    func namespaces() async throws -> [String] {
        let value = try await browser.connection.read([(StandardNode.namespaceArray, .value)], limits: browser.limits)
        guard case .array(let array)? = value.first?.value, case .string(let names) = array.elements else { return [] }
        return names.map { $0 ?? "" }
    }

    private func variables() async throws -> [Variable] {
        guard !configuration.nodes.isEmpty else {
            let root = AddressSpaceBrowser.Root(
                node: StandardNode.objects, path: "", depth: configuration.discovery.depth)
            let found = try await browser.variables(below: [root], configuration.discovery)
            report(found)
            guard !found.variables.isEmpty else {
                let why = found.refused.first.map { " (\($0.node) cannot be browsed: \($0.status))" } ?? ""
                throw SourceFailure(.permanent, "the server has no variable below Objects\(why); name nodes to read")
            }
            return found.variables
        }
        let places = try await resolve(configuration.nodes)
        var variables = try await named(places)
        let known = Set(variables.compactMap(\.node))
        let roots = try await roots(places)
        if !roots.isEmpty {
            let found = try await browser.variables(below: roots, configuration.discovery, known: known)
            report(found)
            variables += found.variables
        }
        return variables
    }

    private typealias Place = (selection: NodeSelection, node: Result<NodeId, PathProblem>)

    /// The node of each entry on this server.
    private func resolve(_ selections: [NodeSelection]) async throws -> [Place] {
        let needsNamespaces = selections.contains { selection in
            if case .node(let node) = selection.place { node.namespaceURI != nil } else { true }
        }
        let namespaces = needsNamespaces ? try await namespaces() : []
        let paths = selections.compactMap { selection in
            if case .path(let path) = selection.place { path } else { BrowsePathText?.none }
        }
        var resolved = try await PathResolver(browser: browser, namespaces: namespaces).resolve(paths)[...]
        return selections.map { selection in
            switch selection.place {
            case .node(let node):
                let local = node.local(in: namespaces)
                return (selection, local.map { .success($0) } ?? .failure(.unknownNamespace))
            case .path: return (selection, resolved.popFirst() ?? .failure(.noMatch))
            }
        }
    }

    /// The entries that are variables themselves, or are meant to be; each node once.
    private func named(_ places: [Place]) async throws -> [Variable] {
        let nodes = places.compactMap { try? $0.node.get() }
        let isVariable = try await areVariables(nodes)
        let found = try await browser.paths(of: nodes)
        var next = zip(found, isVariable).makeIterator()
        var taken: Set<NodeId> = []
        return places.compactMap { place in
            switch place.node {
            case .failure(let problem):
                return .missing(place.selection.text, problem.status, place.selection.intervals)
            case .success(let node):
                guard let (named, isVariable) = next.next(), isVariable || !place.selection.isRecursive,
                    taken.insert(node).inserted
                else { return nil }
                var variable = named
                variable.intervals = place.selection.intervals
                return variable
            }
        }
    }

    private func areVariables(_ nodes: [NodeId]) async throws -> [Bool] {
        try await browser.connection.read(nodes.map { ($0, .nodeClass) }, limits: browser.limits).map { value in
            value.value == .int32(NodeClass.variable.rawValue)
        }
    }

    private func roots(_ places: [Place]) async throws -> [AddressSpaceBrowser.Root] {
        let recursive = places.compactMap { place -> (NodeSelection, NodeId)? in
            guard place.selection.isRecursive, let node = try? place.node.get() else { return nil }
            return (place.selection, node)
        }
        let found = try await browser.paths(of: recursive.map(\.1))
        return zip(recursive, found).map { place, variable in
            let isObjects = place.1 == StandardNode.objects
            return AddressSpaceBrowser.Root(
                node: place.1, path: isObjects ? "" : variable.path, depth: place.0.depth, intervals: place.0.intervals)
        }
    }

    private func report(_ found: AddressSpaceBrowser.Finding) {
        if found.isTruncated {
            let limit = configuration.discovery.variableLimit
            logger.warning("only the first \(limit) variables are read; see variable_limit")
        }
        if let first = found.refused.first {
            logger.warning(
                "\(found.refused.count) nodes cannot be browsed, the first is \(first.node): \(first.status)")
        }
    }
}

extension PathProblem {
    static let unknownNamespace = PathProblem(status: .badNodeIdUnknown)
}

extension TagDetails {
    /// Whether values may be structures, or of any type at all.
    fileprivate func mayHoldStructures(_ types: DataTypes) -> Bool {
        if let standard = dataType.standard, standard <= 29 { return standard == 22 || standard == 24 }
        return types.dictionary.enumeration(0, of: dataType) == nil
    }
}
